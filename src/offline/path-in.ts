// The path of --offline in the folder of the caller, which in a program need not be that of the process.
import { resolve } from "node:path";

/** Messages show the path as it is typed, if it means the same in the folder of the process. */
export function pathIn(cwd: string, path: string): string {
  const inFolder = resolve(cwd, path);
  return resolve(path) === inFolder ? path : inFolder;
}
