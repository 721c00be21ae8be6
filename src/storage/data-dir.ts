// Our own data dir: etcd's layout (member/snap/db), one writer at a time, the file replaced as a whole.
// After a crash at any moment the next open finds the old file or the new one, and clears what was half written.
import { existsSync, readdirSync, rmSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { pid, platform } from "node:process";
import { CliError, ExitCode } from "../errors";
import type { DatabaseContents } from "./contents";
import { withDataDirMarker } from "./data-dir-marker";
import { errorReason } from "./errors";
import type { Lock } from "./lock-file";
import { acquireLock } from "./lock-file";
import { adoptedFile, lockFile, classifyOfflinePath, refuseWhileInUse, writeRefusal } from "./offline-path";
import type { OpenDatabase } from "./read-database";
import { readDatabase } from "./read-database";
import { writeDatabase } from "./write-database";
import { makeDirectories } from "./write-file";

export interface DataDirOptions {
  /** `read` takes no lock and makes nothing: it sees the last saved state. `write` makes the directory if it must. */
  readonly mode: "read" | "write";
  /** How long to wait for another writer; 10 s when absent. */
  readonly lockWaitMs?: number;
  readonly signal?: AbortSignal;
}

export interface DataDir {
  readonly path: string;
  /** What the directory held when it was opened; undefined for a new one. Open until close(). */
  readonly database: OpenDatabase | undefined;
  /** Replaces the db file; resolves when it is on disk. `database` stays readable. Only in mode `write`. */
  save(contents: DatabaseContents): Promise<void>;
  /** Gives up the lock. */
  close(): Promise<void>;
}

const fileMode = 0o600;
const lockWaitMs = 10_000;

/** Throws CliError: not our kind of directory, locked by another for too long, damaged. */
export async function openDataDir(path: string, options: DataDirOptions): Promise<DataDir> {
  const dir = resolve(path);
  refuseUnlessOwn(dir);
  const snapDir = join(dir, "member", "snap");
  if (options.mode === "read") return new OwnDataDir(dir, snapDir, undefined);
  await makeLayout(dir, snapDir);
  const lock = await acquireLock(join(dir, lockFile), options.lockWaitMs ?? lockWaitMs, options.signal);
  try {
    refuseUnlessOwn(dir);
    for (const name of readdirSync(snapDir))
      if (name.startsWith(temporaryPrefix)) rmSync(join(snapDir, name));
    return new OwnDataDir(dir, snapDir, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** What a save writes before it takes the db file's name. */
const temporaryPrefix = "db.tmp-";

class OwnDataDir implements DataDir {
  readonly database: OpenDatabase | undefined;
  private saving = false;

  constructor(
    readonly path: string,
    private readonly snapDir: string,
    private lock: Lock | undefined,
  ) {
    const file = join(snapDir, "db");
    this.database = existsSync(file) ? readDatabase(file) : undefined;
  }

  async save(contents: DatabaseContents): Promise<void> {
    if (this.lock === undefined || this.saving)
      throw new Error("data dir: not open for writing, or saving already");
    this.saving = true;
    const temporary = join(this.snapDir, `${temporaryPrefix}${pid}`);
    try {
      await writeFile(temporary, writeDatabase(withDataDirMarker(contents)).chunks);
      await this.refuseIfTaken(temporary);
      await rename(temporary, join(this.snapDir, "db"));
      await syncDirectory(this.snapDir);
      await rm(join(this.path, adoptedFile), { force: true });
    } catch (cause) {
      if (cause instanceof TakenError) throw cause;
      await rm(temporary, { force: true });
      if (cause instanceof CliError) throw cause;
      throw new CliError(ExitCode.error, `cannot save ${this.path}: ${errorReason(cause)}`, {
        cause,
        hints: ["what was saved before is untouched"],
      });
    } finally {
      this.saving = false;
    }
  }

  /** An etcd may have been started on the directory since it was opened: what it has written is not to be replaced. */
  private async refuseIfTaken(temporary: string): Promise<void> {
    try {
      refuseUnlessOwn(this.path);
    } catch (cause) {
      // Under a name that nobody clears.
      const kept = join(this.snapDir, `db.kept-${pid}`);
      await rename(temporary, kept);
      throw new TakenError(ExitCode.error, `cannot save: ${(cause as Error).message}`, {
        cause,
        hints: [`what was to be saved is in ${kept}: --offline=${kept} reads it`],
      });
    }
  }

  close(): Promise<void> {
    this.database?.close();
    this.lock?.release();
    this.lock = undefined;
    return Promise.resolve();
  }
}

class TakenError extends CliError {}

function refuseUnlessOwn(dir: string): void {
  refuseWhileInUse(dir, join(dir, "member", "snap", "db"));
  const offline = classifyOfflinePath(dir);
  if (offline.kind !== "own-data-dir") throw writeRefusal(offline);
}

async function writeFile(path: string, chunks: Iterable<Uint8Array>): Promise<void> {
  const file = await open(path, "wx", fileMode);
  try {
    for (const chunk of chunks) await file.writeFile(chunk);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function makeLayout(dir: string, snapDir: string): Promise<void> {
  try {
    if ((await makeDirectories(snapDir)) === undefined) return;
    for (const changed of [dirname(dir), dir, dirname(snapDir)]) await syncDirectory(changed);
  } catch (cause) {
    throw new CliError(ExitCode.error, `cannot make the data dir ${dir}: ${errorReason(cause)}`, { cause });
  }
}

/** Makes a new name in the directory survive a power cut. Windows opens no directories and needs no such call. */
async function syncDirectory(path: string): Promise<void> {
  if (platform === "win32") return;
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
