// The file of `snapshot save` while it is written.
import type { Stats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { lstat, rename, rm, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { CliError, ExitCode } from "../../errors";
import { createPartFile, PathError, syncDirectory, writeAll } from "../../storage/files";

/**
 * Writes FILE.part and renames it to FILE, so that FILE appears complete and synced, or stays unchanged. Only the owner may read
 * it. Ends with `sync` and `rename`, or with `discard`; FILE.part is then gone. The error texts are Go's (SaveWithVersion).
 */
export class PartFile {
  /** Of all that was written. */
  sizeBytes = 0;
  /** The last write; settles without an error. */
  private writing: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly shownPath: string,
    private readonly path: string,
    readonly partPath: string,
    private readonly file: FileHandle,
    private readonly id: Pick<Stats, "ino" | "dev">,
  ) {}

  /** Throws CliError(5) if FILE.part cannot be created. */
  static async open(shownPath: string, cwd: string): Promise<PartFile> {
    // Only the whole name is resolved: resolve() removes a slash at the end, and the part would be outside of the directory.
    const path = shownPath === "" ? "" : resolve(cwd, shownPath);
    await checkRegularFile(shownPath, path);
    const part = `${shownPath}.part`;
    const file = await createPartFile(resolve(cwd, part)).catch((error: unknown) => {
      throw failure(`could not open ${part} (${pathError("open", part, error)})`, error);
    });
    return new PartFile(shownPath, path, resolve(cwd, part), file, await file.stat());
  }

  /** In a thread of Node's pool: the pieces must not change meanwhile. */
  async write(pieces: readonly Uint8Array[]): Promise<void> {
    const written = writeAll(this.file, `${this.shownPath}.part`, pieces);
    this.writing = written.catch(() => undefined);
    await written.catch((error: unknown) => {
      throw failure(`could not write snapshot: ${(error as Error).message}`, error);
    });
    for (const { length } of pieces) this.sizeBytes += length;
  }

  /** All bytes are on the disk, and the file is closed. */
  async sync(): Promise<void> {
    const part = `${this.shownPath}.part`;
    await this.file.sync().catch((error: unknown) => {
      throw failure(`could not fsync snapshot: ${pathError("sync", part, error)}`, error);
    });
    await this.file.close().catch((error: unknown) => {
      throw failure(`could not close file descriptor: ${pathError("close", part, error)}`, error);
    });
  }

  async rename(): Promise<void> {
    const [part, path] = [`${this.shownPath}.part`, this.shownPath];
    if (!(await this.isAtItsPath())) {
      throw failure(`could not rename ${part} to ${path} (another process replaced ${part})`, undefined);
    }
    await renameToFile(this.partPath, this.path).catch((error: unknown) => {
      const reason = pathError("rename", `${part} ${path}`, error);
      throw failure(`could not rename ${part} to ${path} (${reason})`, error);
    });
    // Go does not sync the directory, so a failure here fails nothing.
    await syncDirectory(dirname(this.path)).catch(() => undefined);
  }

  /** Can follow a `sync` or a `rename` that failed. Never throws, so that the first failure is reported. */
  async discard(): Promise<void> {
    await this.writing;
    await this.file.close().catch(() => undefined);
    if (await this.isAtItsPath()) await rm(this.partPath, { force: true }).catch(() => undefined);
  }

  /** False when another process has put another file, or nothing, in the place of FILE.part. */
  private async isAtItsPath(): Promise<boolean> {
    const found = await lstat(this.partPath).catch(() => undefined);
    return found?.ino === this.id.ino && found.dev === this.id.dev;
  }
}

/** Go: os.Rename, which refuses a directory with "file exists" before it asks the system. */
async function renameToFile(from: string, to: string): Promise<void> {
  const found = await lstat(to).catch(() => undefined);
  if (found?.isDirectory()) throw Object.assign(new Error(`${to} is a directory`), { code: "EEXIST" });
  await rename(from, to);
}

/** The rename would replace a device or a pipe by a file. If stat fails, opening the file reports why. */
async function checkRegularFile(shown: string, path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || found.isFile() || found.isDirectory()) return;
  throw new CliError(ExitCode.interrupted, `${shown} is not a regular file`, {
    hints: ["to send the snapshot to another program, write it to stdout: etcdctl snapshot save -"],
  });
}

function pathError(operation: string, path: string, cause: unknown): string {
  return new PathError(operation, path, cause).message;
}

function failure(message: string, cause: unknown): CliError {
  return new CliError(ExitCode.interrupted, message, { cause });
}
