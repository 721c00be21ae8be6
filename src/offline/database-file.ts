// Opens a db file as etcdutl does: it prints etcdutl's error when there is none, and waits while an etcd uses the file.
// Also the log on stderr, whose messages and fields are Go's: scripts wait for them.
// Go: etcdutl/etcdutl/common.go
import { statSync } from "node:fs";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { sleep } from "../clock";
import { CliError, ExitCode } from "../errors";
import type { ZapEntry, ZapFields } from "../go/zap";
import { zapConsoleLine } from "../go/zap";
import type { Io } from "../io";
import { BboltFile } from "../storage/bbolt/reader";
import { FormatError } from "../storage/errors";
import { PathError, withPath } from "../storage/files";
import { lockHolder } from "../storage/file-lock";
import { plainFile } from "./compression";

/** Writes a log line of etcdutl. */
export async function log(
  io: Pick<Io, "stderr" | "clock">,
  message: string,
  fields: ZapFields = {},
  level: ZapEntry["level"] = "info",
): Promise<void> {
  await io.stderr.write(zapConsoleLine(io.clock.now(), { level, logger: "etcdutl", message, fields }));
}

export interface FilePath {
  /** The path as the user typed it, for messages. */
  readonly displayPath: string;
  readonly path: string;
}

export function filePath(displayPath: string, io: Pick<Io, "cwd">): FilePath {
  // No file has an empty name; resolved, it would be the working directory.
  return { displayPath, path: displayPath === "" ? "" : resolve(io.cwd, displayPath) };
}

/** The db file in a member's data dir. */
export function memberDatabase(dataDir: string, io: Pick<Io, "cwd">): FilePath {
  return filePath(join(dataDir, "member", "snap", "db"), io);
}

/** Throws `stat FILE: …`. */
export function checkExists({ displayPath, path }: FilePath): void {
  try {
    statSync(path);
  } catch (cause) {
    throw new PathError("stat", displayPath, cause);
  }
}

/** Throws CliError for a file that is no database, FormatError for one that is cut short. The caller closes the result. */
export function openDatabase({ displayPath, path }: FilePath): BboltFile {
  if (!isRegular(path)) throw invalidDatabase(`${displayPath} is not a regular file`);
  try {
    return BboltFile.open(path, displayPath);
  } catch (error) {
    const isNotBbolt = error instanceof FormatError && error.problem.startsWith("no bbolt database");
    throw isNotBbolt ? invalidDatabase(error.message, error) : error;
  }
}

function invalidDatabase(hint: string, cause?: unknown): CliError {
  return new CliError(ExitCode.error, "invalid database", { cause, hints: [hint] });
}

function isRegular(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? true;
}

export interface LockWait {
  /** 0: no limit. */
  readonly timeoutMs: number;
  readonly io: Pick<Io, "clock" | "interrupt">;
}

const pollMs = 50;

/** Resolves when no other process has the file locked. Only Linux shows locks, see lockHolder. */
export async function waitUntilUnlocked(
  { displayPath, path }: FilePath,
  { timeoutMs, io }: LockWait,
): Promise<void> {
  const startNs = io.clock.monotonicNs();
  for (;;) {
    const holder = lockHolder(path);
    if (holder === undefined) return;
    const waitedMs = Number(io.clock.monotonicNs() - startNs) / 1e6;
    if (timeoutMs > 0 && waitedMs >= timeoutMs) {
      throw new CliError(
        ExitCode.error,
        `${displayPath} is in use: ${holder.isAlive ? `process ${holder.pid}` : "another process"} has it locked`,
        {
          hints: ["stop the etcd that uses the file, or use `etcdctl snapshot save` while it runs"],
        },
      );
    }
    await sleep(io.clock, Math.min(pollMs, timeoutMs > 0 ? timeoutMs : pollMs), io.interrupt);
    io.interrupt.throwIfAborted();
  }
}

/**
 * Calls `use` with the file `name`. For `-`, stdin is copied to a temporary file first, since a database needs random
 * reads, and a compressed file is unpacked to one; temporary files are removed at the end.
 */
export async function withInputFile<T>(
  name: string,
  io: Io,
  use: (file: FilePath) => Promise<T>,
): Promise<T> {
  if (name !== "-") return useUnpacked(filePath(name, io), io, use);
  const folder = await withPath("mkdir", tmpdir(), mkdtemp(join(tmpdir(), "etcdutl-")));
  try {
    const path = join(folder, "stdin.db");
    const file = await withPath("open", path, open(path, "wx", 0o600));
    try {
      for await (const chunk of io.stdin.chunks()) {
        io.interrupt.throwIfAborted();
        await withPath("write", path, file.writeFile(chunk));
      }
    } finally {
      await file.close();
    }
    return await useUnpacked({ displayPath: "standard input", path }, io, use);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function useUnpacked<T>(
  { displayPath, path }: FilePath,
  { interrupt }: Io,
  use: (file: FilePath) => Promise<T>,
): Promise<T> {
  const plain = await plainFile(path, { name: displayPath, signal: interrupt });
  try {
    return await use({ displayPath, path: plain.path });
  } finally {
    await plain.remove();
  }
}
