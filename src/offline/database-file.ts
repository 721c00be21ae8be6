// Opening a db file as etcdutl does: with its words where there is none, and never while an etcd writes to it.
// Answers to validateFilePath and FlockTimeout of etcdutl's common.go.
import { statSync } from "node:fs";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { CliError, ExitCode } from "../errors";
import type { Io } from "../io";
import { BboltFile } from "../storage/bbolt/reader";
import { FormatError } from "../storage/errors";
import { lockingProcess } from "../storage/lock-file";
import { attempt, failed } from "../storage/write-file";

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

const pollMs = 50;

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
    await pause(io, Math.min(pollMs, timeoutMs > 0 ? timeoutMs : pollMs));
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

// `-` as a file name: what comes on stdin goes into a temporary file first, since a database is read by jumping about in it.

/** `use` gets the file to open. Nothing stays behind. */
export async function withInputFile<T>(
  name: string,
  io: Io,
  use: (file: FilePath) => Promise<T>,
): Promise<T> {
  if (name !== "-") return use(filePath(name, io));
  const folder = await attempt("mkdir", tmpdir(), mkdtemp(join(tmpdir(), "etcdutl-")));
  try {
    const path = join(folder, "stdin.db");
    const file = await attempt("open", path, open(path, "wx", 0o600));
    try {
      for await (const chunk of io.stdin.chunks()) {
        io.interrupt.throwIfAborted();
        await attempt("write", path, file.writeFile(chunk));
      }
    } finally {
      await file.close();
    }
    return await use({ shown: "standard input", path });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
