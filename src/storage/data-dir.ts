// etcdctl's data dir, which `--offline` and `serve` write: etcd's layout (member/snap/db), one writer at a time, the db
// file replaced as a whole. After a crash at any moment, the next open finds the old or the new file and removes
// leftovers.
import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { pid } from "node:process";
import { CliError, ExitCode, type ErrorDetails } from "../errors";
import { osErrorReason } from "../go/os";
import type { DatabaseContents } from "./contents";
import { makeDirectories, PathError, replaceFile, syncDirectory } from "./files";
import type { Lock } from "./lock-file";
import { acquireLock } from "./lock-file";
import { adoptedFile, classifyOfflinePath, lockFile, refuseWhileInUse, writeRefusal } from "./offline-path";
import type { OpenDatabase } from "./read-database";
import { readDatabase } from "./read-database";
import { bucketName, encodeUint64, metaKey } from "./schema";
import { writeDatabase } from "./write-database";

export interface DataDirOptions {
  /** `read` sees the last saved state; it takes no lock and makes nothing. `write` makes a missing directory. */
  readonly mode: "read" | "write";
  /** How long to wait for another writer. Default: 10000. */
  readonly lockWaitMs?: number;
  readonly signal?: AbortSignal;
}

export interface DataDir {
  readonly path: string;
  /** The database as it was when the directory was opened; undefined for a new directory. Readable until close(). */
  readonly database: OpenDatabase | undefined;
  /**
   * Replaces the db file and resolves when it is on the disk. `database` stays readable. Only in mode `write`. A deleted
   * directory is made again. Throws CliError; KeptAside when the contents are on the disk under another name.
   */
  save(contents: DatabaseContents): Promise<void>;
  /** Releases the lock. */
  close(): Promise<void>;
}

/** The data dir could not be written, so its contents are in another file or directory, which a hint names. */
export class KeptAside extends CliError {
  override name = "KeptAside";

  constructor(message: string, details: ErrorDetails) {
    super(ExitCode.error, message, details);
  }
}

const defaultLockWaitMs = 10_000;

/** Throws CliError: not etcdctl's data dir, locked by another process for too long, or damaged. */
export async function openDataDir(path: string, options: DataDirOptions): Promise<DataDir> {
  const dir = resolve(path);
  checkWritable(dir);
  const snapDir = join(dir, "member", "snap");
  if (options.mode === "read") return new OpenedDataDir(dir, snapDir, undefined);
  await makeLayout(dir, snapDir);
  const lock = await acquireLock(
    join(dir, lockFile),
    options.lockWaitMs ?? defaultLockWaitMs,
    options.signal,
  );
  try {
    checkWritable(dir);
    for (const name of readdirSync(snapDir))
      if (name.startsWith(temporaryPrefix)) rmSync(join(snapDir, name));
    return new OpenedDataDir(dir, snapDir, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Name of the file that a save writes first, before the file gets the name `db`. */
const temporaryPrefix = "db.tmp-";

class OpenedDataDir implements DataDir {
  readonly database: OpenDatabase | undefined;
  private readonly file: string;
  private saving = false;
  /** The db file as this process has last read or written it. */
  private savedFile: string | undefined;

  constructor(
    readonly path: string,
    private readonly snapDir: string,
    private lock: Lock | undefined,
  ) {
    this.file = join(snapDir, "db");
    this.database = existsSync(this.file) ? readDatabase(this.file) : undefined;
    this.savedFile = identityOf(this.file);
  }

  async save(contents: DatabaseContents): Promise<void> {
    if (this.lock === undefined || this.saving)
      throw new Error("data dir: not open for writing, or saving already");
    this.saving = true;
    const temporary = join(this.snapDir, `${temporaryPrefix}${pid}`);
    try {
      await this.lockAgainIfDeleted(this.lock);
      const { chunks } = writeDatabase(withDataDirMarker(contents));
      await replaceFile(this.file, chunks, {
        temporary,
        beforeRename: () => this.keepAsideIfTaken(temporary),
      });
      this.savedFile = identityOf(this.file);
      await rm(join(this.path, adoptedFile), { force: true });
    } catch (cause) {
      if (cause instanceof CliError && !(cause instanceof PathError)) throw cause;
      const reason = cause instanceof PathError ? cause.reason : osErrorReason(cause);
      const isUnchanged = this.savedFile !== undefined && identityOf(this.file) === this.savedFile;
      throw new CliError(ExitCode.error, `cannot save ${this.path}: ${reason}`, {
        cause,
        hints: isUnchanged ? [savedBefore] : [],
      });
    } finally {
      this.saving = false;
    }
  }

  /**
   * The directory may have been deleted since it was opened: then it is made again. Another process may have made it again
   * before: then its file must not be replaced.
   */
  private async lockAgainIfDeleted(lock: Lock): Promise<void> {
    if (lock.isHeld()) return;
    await makeLayout(this.path, this.snapDir);
    const newLock = await acquireLock(join(this.path, lockFile), 0);
    const found = identityOf(this.file);
    if (found === undefined || found === this.savedFile) {
      this.lock = newLock;
      return;
    }
    newLock.release();
    throw new CliError(
      ExitCode.error,
      `cannot save ${this.path}: another process has replaced the directory`,
    );
  }

  /** An etcd may have started on the directory since it was opened. Then its file must not be replaced. */
  private async keepAsideIfTaken(temporary: string): Promise<void> {
    if (this.lock?.isHeld() !== true) {
      throw new CliError(
        ExitCode.error,
        `cannot save ${this.path}: the directory was replaced during the save`,
      );
    }
    try {
      checkWritable(this.path);
    } catch (cause) {
      // openDataDir does not remove a file of this name.
      const kept = join(this.snapDir, `db.kept-${pid}`);
      await rename(temporary, kept);
      throw new KeptAside(`cannot save: ${(cause as Error).message}`, {
        cause,
        hints: [`the unsaved state is in ${kept}: --offline=${kept} reads it`],
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

/** A hint of a failed save. */
const savedBefore = "the state that was saved before is unchanged";

/** Differs for each file that was ever at the path. Undefined when there is none, or none that can be seen. */
function identityOf(file: string): string | undefined {
  try {
    const { dev, ino, size, mtimeNs } = statSync(file, { bigint: true });
    return [dev, ino, size, mtimeNs].join();
  } catch {
    return undefined;
  }
}

/**
 * Marks the db file as written by etcdctl: meta/etcdctl is the log position (consistent_index) at which etcdctl wrote the
 * file. The marker ends when an etcd writes to the file, since the log position then moves. Without a marker, a member
 * whose log lies elsewhere (--wal-dir) has the same directory layout. Snapshots carry no marker.
 */
function withDataDirMarker(contents: DatabaseContents): DatabaseContents {
  const entry = [Buffer.from(metaKey.dataDirMarker), encodeUint64(contents.consistentIndex)] as const;
  const bucket = { name: bucketName.meta, entries: [entry] };
  return { ...contents, otherBuckets: [...contents.otherBuckets, bucket] };
}

function checkWritable(dir: string): void {
  refuseWhileInUse(dir, join(dir, "member", "snap", "db"));
  const offline = classifyOfflinePath(dir);
  if (offline.kind !== "etcdctl-data-dir") throw writeRefusal(offline);
}

async function makeLayout(dir: string, snapDir: string): Promise<void> {
  try {
    if ((await makeDirectories(snapDir)) === undefined) return;
    for (const changed of [dirname(dir), dir, dirname(snapDir)]) await syncDirectory(changed);
  } catch (cause) {
    const reason = cause instanceof PathError ? cause.reason : osErrorReason(cause);
    throw new CliError(ExitCode.error, `cannot make the data dir ${dir}: ${reason}`, { cause });
  }
}
