// The path of --offline in the folder of the caller, which in a program need not be that of the process.
import { resolve } from "node:path";

/** A path that means the same in the folder of the process stays as typed, for the messages. */
export function pathIn(cwd: string, path: string): string {
  const inFolder = resolve(cwd, path);
  try {
    return resolve(path) === inFolder ? path : inFolder;
  } catch {
    return inFolder; // the folder of the process was removed
  }
}
