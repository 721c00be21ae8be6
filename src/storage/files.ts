// The file primitives: new files written whole, directories made and synced, failures in Go's words. A file appears
// under its name only when all of its bytes are on the disk.
import { constants, readdirSync, statSync, type Stats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { lstat, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { performance } from "node:perf_hooks";
import { geteuid, platform } from "node:process";
import { CliError, ExitCode } from "../errors";
import { errorCode, osErrorReason } from "../go/os";

const piecesPerWrite = 16;
const privateMode = 0o600;

/** For open(): the file must not exist, not even as a link that points nowhere. Windows has no O_NOFOLLOW. */
const newFile =
  constants.O_WRONLY |
  constants.O_CREAT |
  constants.O_EXCL |
  ((constants.O_NOFOLLOW as number | undefined) ?? 0);

/** Creates the file beside another one in which that one's new content is written. Only its owner may read it. */
export async function createPartFile(path: string): Promise<FileHandle> {
  await removeLeftover(path);
  return open(path, newFile, privateMode);
}

/** Removes what a crashed run left: a regular file of this user. Anything else stays, and the file cannot be created. */
async function removeLeftover(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.isFile() !== true || found.uid !== (geteuid?.() ?? found.uid)) return;
  await rm(path, { force: true });
}

export interface WriteOptions {
  /** Checked between two writes. */
  readonly signal?: AbortSignal | undefined;
  readonly mode?: number;
  /** Size of the finished file. The bytes after the last chunk are zeros that use no disk space yet. */
  readonly sizeBytes?: number;
  readonly observer?: FileObserver | undefined;
}

/** Receives how long the work on a file takes. */
export interface FileObserver {
  written(seconds: number, sizeBytes: number): void;
  synced(seconds: number): void;
}

/** In seconds. */
export function since(startedAt: number): number {
  return (performance.now() - startedAt) / 1000;
}

/**
 * Creates a file that must not exist, and follows no link at its path. It is on the disk when the promise resolves; after a
 * failure it is gone. Throws PathError.
 */
export async function writeNewFile(
  path: string,
  chunks: Iterable<Uint8Array>,
  { signal, mode = privateMode, sizeBytes, observer }: WriteOptions,
): Promise<void> {
  const file = await withPath("open", path, open(path, newFile, mode));
  const write = async (pieces: readonly Uint8Array[]) => {
    const startedAt = performance.now();
    await writeAll(file, path, pieces);
    observer?.written(
      since(startedAt),
      pieces.reduce((sum, { length }) => sum + length, 0),
    );
  };
  try {
    let pieces: Uint8Array[] = [];
    for (const chunk of chunks) {
      pieces.push(chunk);
      if (pieces.length < piecesPerWrite) continue;
      signal?.throwIfAborted();
      await write(pieces);
      pieces = [];
    }
    await write(pieces);
    if (sizeBytes !== undefined) await withPath("truncate", path, file.truncate(sizeBytes));
    const startedAt = performance.now();
    await withPath("sync", path, file.sync());
    observer?.synced(since(startedAt));
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

/** Creates a file that must not exist, and follows no link at its path. Throws PathError. */
export async function createFile(path: string): Promise<FileHandle> {
  return withPath("open", path, open(path, newFile, privateMode));
}

export interface FileChange {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Writes into a file. The changes are on the disk when the promise resolves. Throws PathError. */
export async function changeFile(path: string, changes: readonly FileChange[]): Promise<void> {
  const file = await withPath("open", path, open(path, constants.O_WRONLY));
  try {
    for (const change of changes) await writeAt(file, path, change);
    await withPath("sync", path, file.sync());
  } finally {
    await file.close();
  }
}

export async function writeAt(file: FileHandle, path: string, { bytes, offset }: FileChange): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const writing = file.write(bytes, done, bytes.length - done, offset + done);
    done += (await withPath("write", path, writing)).bytesWritten;
  }
}

/** Writes the pieces one after the other. Throws PathError. */
export async function writeAll(file: FileHandle, path: string, pieces: readonly Uint8Array[]): Promise<void> {
  for (let rest = pieces; rest.length > 0;) {
    const { bytesWritten } = await withPath("write", path, file.writev(rest));
    rest = skipBytes(rest, bytesWritten);
  }
}

function skipBytes(pieces: readonly Uint8Array[], sizeBytes: number): Uint8Array[] {
  let toSkip = sizeBytes;
  return pieces.flatMap((piece) => {
    const rest = piece.subarray(Math.min(toSkip, piece.length));
    toSkip = Math.max(0, toSkip - piece.length);
    return rest.length > 0 ? [rest] : [];
  });
}

export interface ReplaceOptions extends WriteOptions {
  /** Where the new content is written first; a path in the same directory. */
  readonly temporary: string;
  /** Runs when the new content is on the disk. What it throws keeps the old file in place. */
  beforeRename(): Promise<void>;
}

/** Replaces `path`, which stays unchanged until the new content is on the disk. */
export async function replaceFile(
  path: string,
  chunks: Iterable<Uint8Array>,
  { temporary, beforeRename, ...options }: ReplaceOptions,
): Promise<void> {
  await withPath("remove", temporary, removeLeftover(temporary));
  await writeNewFile(temporary, chunks, options);
  try {
    await beforeRename();
    await withPath("rename", path, rename(temporary, path));
    await syncDirectory(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** After this, a new name in the directory survives a power loss. Windows cannot open directories and needs no sync. */
export async function syncDirectory(path: string, observer?: FileObserver): Promise<void> {
  if (platform === "win32") return;
  const directory = await withPath("open", path, open(path, constants.O_RDONLY));
  try {
    const startedAt = performance.now();
    await withPath("sync", path, directory.sync());
    observer?.synced(since(startedAt));
  } finally {
    await directory.close();
  }
}

/**
 * Makes a directory and all missing parents. Resolves to the topmost directory that it made, undefined when all existed.
 * Throws the system's error. Node's option `recursive` loops forever where mkdir reports ENOENT under an existing parent,
 * as in /proc.
 */
export async function makeDirectories(path: string, mode = 0o700): Promise<string | undefined> {
  try {
    return await makeDirectory(path, mode);
  } catch (error) {
    if (errorCode(error) !== "ENOENT" || dirname(path) === path) throw error;
  }
  const topmost = await makeDirectories(dirname(path), mode);
  const last = await makeDirectory(path, mode);
  return topmost ?? last;
}

async function makeDirectory(path: string, mode: number): Promise<string | undefined> {
  try {
    await mkdir(path, { mode });
    return path;
  } catch (error) {
    if (errorCode(error) === "EEXIST" && (await stat(path)).isDirectory()) return undefined;
    throw error;
  }
}

/**
 * Undefined: the file does not exist. Throws CliError for each other failure: a file that cannot be looked at is not a missing
 * one, in place of which a new one may be made.
 */
export function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    throw new CliError(ExitCode.error, `cannot open ${path}: ${osErrorReason(cause)}`, { cause });
  }
}

/** The names in a directory; none if it does not exist. Throws CliError for each other failure, as statOf does. */
export function namesIn(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (cause) {
    const code = errorCode(cause);
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw new CliError(ExitCode.error, `cannot read ${path}: ${osErrorReason(cause)}`, { cause });
  }
}

/** `open FILE: no such file or directory`. Go: io/fs.PathError */
export class PathError extends CliError {
  override name = "PathError";
  /** The part after the path. */
  readonly reason: string;

  constructor(operation: string, path: string, cause: unknown) {
    const reason = osErrorReason(cause);
    super(ExitCode.error, `${operation} ${path}: ${reason}`, { cause });
    this.reason = reason;
  }
}

/** Turns a failure of `action` into a PathError. `path` is the path to print. */
export async function withPath<T>(operation: string, path: string, action: Promise<T>): Promise<T> {
  try {
    return await action;
  } catch (cause) {
    throw new PathError(operation, path, cause);
  }
}
