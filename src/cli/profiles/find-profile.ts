// Whether a profile counts for a command. Every command that connects comes here, so what reads profiles is loaded only when there
// may be one.
import { existsSync } from "node:fs";
import type { Io } from "../../io";
import { profilesFile, type Settings } from "../settings";

/** Names of a cluster: with one of them, the profile of `profile use` does not count. */
const clusterFlags = ["endpoints", "discovery-srv", "offline"];

function mayHaveProfile({ profile, given, hasProfile }: Settings, env: Io["env"]): boolean {
  if (hasProfile === true) return false;
  if (profile !== "") return true;
  if (given.has("profile") || clusterFlags.some((name) => given.has(name))) return false;
  const file = profilesFile(env);
  return file !== undefined && existsSync(file);
}

/** The settings with the values of the profile that counts, if there is one. */
export async function withFoundProfile(settings: Settings, io: Pick<Io, "env">): Promise<Settings> {
  if (!mayHaveProfile(settings, io.env)) return settings;
  const { withProfile } = await import("./apply");
  return withProfile(settings, io);
}
