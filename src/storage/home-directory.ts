import { homedir } from "node:os";
import { isAbsolute } from "node:path";

/**
 * The user's home directory. Undefined if HOME is not set and the system does not know the user, as in a container that runs
 * with any user ID. A relative HOME is ignored, because a file must not depend on the working directory.
 */
export function homeDirectory(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const { HOME: home = "" } = env;
  if (isAbsolute(home)) return home;
  try {
    return homedir() || undefined;
  } catch {
    return undefined;
  }
}
