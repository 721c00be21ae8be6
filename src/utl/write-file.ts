// Files as a whole or not at all: written, on the disk, and only then seen under their name. Asks for interruption between
// pieces. Failures name the operation and the file, in Go's words.
import { constants, type FileHandle } from "node:fs/promises";
import type { Stats } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { platform, pid } from "node:process";
import { lockingProcess } from "../embedded/backend/file-locks";
import { CliError, ExitCode } from "../errors";
import type { BboltImage } from "../formats/bbolt/writer";
import { failed } from "./database-file";

const PIECES_AT_ONCE = 16;
const PRIVATE_MODE = 0o600;

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
  { signal, mode = PRIVATE_MODE, sizeBytes }: WriteOptions,
): Promise<void> {
  const file = await attempt("open", path, open(path, "wx", mode));
  try {
    let pieces: Uint8Array[] = [];
    for (const chunk of chunks) {
      pieces.push(chunk);
      if (pieces.length < PIECES_AT_ONCE) continue;
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
