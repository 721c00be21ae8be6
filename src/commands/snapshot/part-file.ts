// FILE by way of FILE.part: FILE appears whole, with its bytes on the disk, or stays as it was; only its owner may read it.
// Either `finish` or `discard` ends it, and neither leaves a FILE.part.
// Answers to the file handling of clientv3/snapshot's SaveWithVersion; the texts are its.
import { writeSync } from "node:fs";
import { open, rename, rm, stat, type FileHandle } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { CliError, ExitCode } from "../../errors";
import { osErrorReason } from "../../goformat/os-error";

export class PartFile {
  private constructor(
    private readonly shownPath: string,
    private readonly path: string,
    private readonly file: FileHandle,
  ) {}

  /** Throws CliError(5) when FILE.part cannot be made. */
  static async open(shownPath: string, cwd: string): Promise<PartFile> {
    const path = resolve(cwd, shownPath);
    await refuseOtherKinds(shownPath, path);
    const part = `${shownPath}.part`;
    const file = await open(`${path}.part`, "w", 0o600).catch((error: unknown) => {
      throw failure(`could not open ${part} (open ${part}: ${osErrorReason(error)})`, error);
    });
    return new PartFile(shownPath, path, file);
  }

  /** At once: the next blob is asked for when this one is with the operating system. */
  write(blob: Uint8Array): void {
    try {
      for (let done = 0; done < blob.length;) done += writeSync(this.file.fd, blob, done);
    } catch (error) {
      const part = `${this.shownPath}.part`;
      throw failure(`could not write snapshot: write ${part}: ${osErrorReason(error)}`, error);
    }
  }

  async finish(): Promise<void> {
    const [part, path] = [`${this.shownPath}.part`, this.shownPath];
    await this.file.sync().catch((error: unknown) => {
      throw failure(`could not fsync snapshot: sync ${part}: ${osErrorReason(error)}`, error);
    });
    await this.file.close().catch((error: unknown) => {
      throw failure(`could not close file descriptor: close ${part}: ${osErrorReason(error)}`, error);
    });
    await rename(`${this.path}.part`, this.path).catch((error: unknown) => {
      const reason = osErrorReason(error);
      throw failure(`could not rename ${part} to ${path} (rename ${part} ${path}: ${reason})`, error);
    });
    await syncDirectory(dirname(this.path));
  }

  /** Also after a `finish` that failed half-way. Never fails: there is a failure already, and it is to be told. */
  async discard(): Promise<void> {
    await this.file.close().catch(() => undefined);
    await rm(`${this.path}.part`, { force: true }).catch(() => undefined);
  }
}

/** What is no file, a device or a pipe, would be replaced by one. What cannot be looked at is told of when it is opened. */
async function refuseOtherKinds(shown: string, path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || found.isFile() || found.isDirectory()) return;
  throw new CliError(ExitCode.interrupted, `${shown} is no regular file`, {
    hints: ["to send the snapshot to another program, write it to stdout: snapshot save -"],
  });
}

/** So that the new name survives a loss of power. Not every platform lets a directory be opened; none needs it then. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r").catch(() => undefined);
  await directory?.sync().catch(() => undefined);
  await directory?.close();
}

function failure(message: string, cause: unknown): CliError {
  return new CliError(ExitCode.interrupted, message, { cause });
}
