// Files as a whole or not at all: written, on the disk, and only then seen under their name. Asks for interruption between
// pieces. Failures name the operation and the file, in Go's words.
import { CliError, ExitCode } from "../errors";

import type { Stats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { constants, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { pid, platform } from "node:process";
import { setImmediate } from "node:timers/promises";
import { osErrorReason } from "../go/os";
import type { BboltImage } from "./bbolt/writer";
import { errorCode } from "./errors";
import { lockingProcess } from "./lock-file";

const piecesAtOnce = 16;
const privateMode = 0o600;

export interface WriteOptions {
  readonly signal: AbortSignal;
  readonly mode?: number;
  /** The file gets this size, the rest of it zeros that take no room yet. */
  readonly sizeBytes?: number;
}

/** Makes a file that must not be there yet; it is on the disk when this resolves. */
export async function writeNewFile(
  path: string,
  chunks: Iterable<Uint8Array>,
  { signal, mode = privateMode, sizeBytes }: WriteOptions,
): Promise<void> {
  const file = await attempt("open", path, open(path, "wx", mode));
  try {
    let pieces: Uint8Array[] = [];
    for (const chunk of chunks) {
      pieces.push(chunk);
      if (pieces.length < piecesAtOnce) continue;
      signal.throwIfAborted();
      await writeAll(file, path, pieces);
      pieces = [];
    }
    await writeAll(file, path, pieces);
    if (sizeBytes !== undefined) await attempt("truncate", path, file.truncate(sizeBytes));
    await attempt("sync", path, file.sync());
  } finally {
    await file.close();
  }
}

async function writeAll(file: FileHandle, path: string, pieces: readonly Uint8Array[]): Promise<void> {
  for (let rest = pieces; rest.length > 0;) {
    const { bytesWritten } = await attempt("write", path, file.writev(rest));
    rest = without(rest, bytesWritten);
  }
}

function without(pieces: readonly Uint8Array[], sizeBytes: number): Uint8Array[] {
  let done = sizeBytes;
  return pieces.flatMap((piece) => {
    const rest = piece.subarray(Math.min(done, piece.length));
    done = Math.max(0, done - piece.length);
    return rest.length > 0 ? [rest] : [];
  });
}

/** Puts a database in the place of another one, which stays as it was until the new one is on the disk. */
export async function replaceDatabase(path: string, image: BboltImage, signal: AbortSignal): Promise<void> {
  // etcd removes what is left of this name when it starts.
  const temporary = `${path}.tmp.${pid}`;
  const before = await attempt("stat", path, stat(path));
  try {
    await writeNewFile(temporary, image.chunks, { signal });
    await refuseIfTaken(path, before);
    await attempt("rename", path, rename(temporary, path));
    await syncDirectory(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** An etcd may have started on the old file meanwhile: it would go on with that, and never see the new one. */
async function refuseIfTaken(path: string, before: Stats): Promise<void> {
  const now = await attempt("stat", path, stat(path));
  const isSame = now.ino === before.ino && now.size === before.size && now.mtimeMs === before.mtimeMs;
  if (isSame && lockingProcess(path) === undefined) return;
  throw new CliError(ExitCode.error, `${path} was taken into use meanwhile; it stays as it was`, {
    hints: ["stop the etcd that uses it first, and keep it from being started again"],
  });
}

/** Makes a new name in the directory survive a power cut. Windows opens no directories and needs no such call. */
export async function syncDirectory(path: string): Promise<void> {
  if (platform === "win32") return;
  const directory = await attempt("open", path, open(path, constants.O_RDONLY));
  try {
    await attempt("sync", path, directory.sync());
  } finally {
    await directory.close();
  }
}

export async function attempt<T>(operation: string, path: string, action: Promise<T>): Promise<T> {
  try {
    return await action;
  } catch (cause) {
    throw failed(operation, path, cause);
  }
}

// A directory with all that are missing above it. Node's own `recursive` never ends where the system answers that a
// directory is missing although the one above it is there (as in /proc).

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

// Long work that is done at once gives the event loop a turn now and then, so that Ctrl-C is heard.

const steps = 20_000;

export class Turns {
  private steps = 0;

  constructor(private readonly signal: AbortSignal) {}

  /** Once in many steps. */
  isDue(): boolean {
    return ++this.steps % steps === 0;
  }

  async take(): Promise<void> {
    await setImmediate();
    this.signal.throwIfAborted();
  }
}

/** In Go's words: `open FILE: no such file or directory`. */
export function failed(operation: string, shown: string, cause: unknown): CliError {
  return new CliError(ExitCode.error, `${operation} ${shown}: ${osErrorReason(cause)}`, { cause });
}
