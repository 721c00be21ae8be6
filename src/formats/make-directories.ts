// A directory with all that are missing above it. Node's own `recursive` never ends where the system answers that a
// directory is missing although the one above it is there (as in /proc).
import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { errorCode } from "./system-error";

/** Resolves to the first one that was not there before; undefined when all were. Throws the system's error. */
export async function makeDirectories(path: string, mode = 0o700): Promise<string | undefined> {
  try {
    return await makeOne(path, mode);
  } catch (error) {
    if (errorCode(error) !== "ENOENT" || dirname(path) === path) throw error;
  }
  const first = await makeDirectories(dirname(path), mode);
  const last = await makeOne(path, mode);
  return first ?? last;
}

async function makeOne(path: string, mode: number): Promise<string | undefined> {
  try {
    await mkdir(path, { mode });
    return path;
  } catch (error) {
    if (errorCode(error) === "EEXIST" && (await stat(path)).isDirectory()) return undefined;
    throw error;
  }
}
