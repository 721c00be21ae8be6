// Opening a db file as etcdutl does: with its words where there is none, and never while an etcd writes to it.
// Answers to validateFilePath and FlockTimeout of etcdutl's common.go.
import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { lockingProcess } from "../embedded/backend/file-locks";
import { CliError, ExitCode } from "../errors";
import { BboltFile } from "../formats/bbolt/reader";
import { FormatError } from "../formats/format-error";
import { osErrorReason } from "../goformat/os-error";
import type { Io } from "../io";

/** As typed, for messages; and where it is. */
export interface FilePath {
  readonly shown: string;
  readonly path: string;
}

export function filePath(shown: string, io: Pick<Io, "cwd">): FilePath {
  return { shown, path: resolve(io.cwd, shown) };
}

/** Of a member's data dir. */
export function memberDatabase(dataDir: string, io: Pick<Io, "cwd">): FilePath {
  return filePath(join(dataDir, "member", "snap", "db"), io);
}

/** Throws `stat FILE: …`. */
export function checkExists({ shown, path }: FilePath): void {
  try {
    statSync(path);
  } catch (cause) {
    throw failed("stat", shown, cause);
  }
}

/** Throws CliError for what is no database, FormatError for one that is cut short. The caller closes it. */
export function openDatabase({ shown, path }: FilePath): BboltFile {
  if (!isRegular(path)) throw noDatabase(`${shown} is not a regular file`);
  try {
    return BboltFile.open(path, shown);
  } catch (error) {
    const isNone = error instanceof FormatError && error.problem.startsWith("no bbolt database");
    throw isNone ? noDatabase(error.message, error) : error;
  }
}

function noDatabase(hint: string, cause?: unknown): CliError {
  return new CliError(ExitCode.error, "invalid database", { cause, hints: [hint] });
}

function isRegular(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? true;
}

export interface LockWait {
  /** 0: for ever. */
  readonly timeoutMs: number;
  readonly io: Pick<Io, "clock" | "interrupt">;
}

const POLL_MS = 50;

/** Resolves when no other process has the file locked, as far as that can be seen. */
export async function waitUntilUnlocked(
  { shown, path }: FilePath,
  { timeoutMs, io }: LockWait,
): Promise<void> {
  const start = io.clock.monotonicNs();
  for (;;) {
    const holder = lockingProcess(path);
    if (holder === undefined) return;
    const waitedMs = Number(io.clock.monotonicNs() - start) / 1e6;
    if (timeoutMs > 0 && waitedMs >= timeoutMs) {
      throw new CliError(ExitCode.error, `${shown} is in use: process ${holder} has it locked`, {
        hints: ["stop the etcd that uses it first; of a running one take `etcdctl snapshot save`"],
      });
    }
    await pause(io, Math.min(POLL_MS, timeoutMs > 0 ? timeoutMs : POLL_MS));
  }
}

function pause({ clock, interrupt }: LockWait["io"], delayMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      timer.cancel();
      reject(interrupt.reason as Error);
    };
    const timer = clock.setTimeout(() => {
      interrupt.removeEventListener("abort", stop);
      resolve();
    }, delayMs);
    if (interrupt.aborted) stop();
    else interrupt.addEventListener("abort", stop, { once: true });
  });
}

/** In Go's words: `open FILE: no such file or directory`. */
export function failed(operation: string, shown: string, cause: unknown): CliError {
  return new CliError(ExitCode.error, `${operation} ${shown}: ${osErrorReason(cause)}`, { cause });
}
