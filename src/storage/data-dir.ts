// An etcd data dir, which `--offline` and `serve` write: a write-ahead log in member/wal, and the db file that the last
// checkpoint wrote in member/snap. One process at a time writes.
import { readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { CliError, ExitCode } from "../errors";
import { osErrorReason } from "../go/os";
import type { Metadata } from "../proto/gen/etcdserverpb";
import {
  checkpoint,
  temporaryPrefix,
  walSnapshot,
  writeDbAndSnap,
  type CheckpointOptions,
} from "./checkpoint";
import type { DatabaseContents } from "./contents";
import { makeDirectories, PathError, statOf, syncDirectory } from "./files";
import { tryLockFile, type FileLock } from "./file-lock";
import { acquireLock, isLocked, type Lock } from "./lock-file";
import {
  adoptedFile,
  classifyOfflinePath,
  hasSegments,
  inUse,
  lockFile,
  refuseWhileInUse,
  writeRefusal,
  type OfflinePath,
} from "./offline-path";
import type { OpenDatabase } from "./read-database";
import { readDatabase } from "./read-database";
import { replacedLog, unfinishedLog } from "./wal/layout";
import { createLog, LogWriter, type LogOptions } from "./wal/log-writer";
import { newestSnapFile } from "./snap";
import { firstEntryIndex } from "./wal/log-reader";
import { recoverLog, type RecoveredLog } from "./wal/recover-log";

export interface DataDirOptions {
  /** `read` takes no lock and makes nothing. `write` makes a missing directory. */
  readonly mode: "read" | "write";
  /** Whether the directory of a real etcd may be written too. Default: false. */
  readonly adoptMember?: boolean;
  /** Directory of the write-ahead log. Default: member/wal in the data dir. */
  readonly walDir?: string | undefined;
  /** How long to wait for another writer. Default: 10000. */
  readonly lockWaitMs?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface DataDir {
  readonly path: string;
  /** The db file as it was when the directory was opened. Readable until close(). */
  readonly database: OpenDatabase | undefined;
  /** What the log has beyond the db file. Undefined: there is no log. */
  readonly log: RecoveredLog | undefined;
  /** The store of version 2 as JSON, from the newest .snap file; the log has what came later. Undefined: it was empty. */
  readonly v2Store: string | undefined;
  /** The user has made this copy of another directory etcdctl's: it becomes a new cluster of one member. */
  readonly isAdopted: boolean;
  /** Makes a new log and a db file. Only in mode `write`. */
  create(contents: DatabaseContents, metadata: Metadata, options?: LogOptions): Promise<LogWriter>;
  /** Continues the log of the directory in `term`. Only in mode `write`. */
  continueLog(term: bigint, options?: LogOptions): Promise<LogWriter>;
  /** Writes a new db file; `database` stays readable. Throws CliError; the log then still has everything. */
  checkpoint(contents: DatabaseContents, log: LogWriter, options?: CheckpointSettings): Promise<void>;
  /** False when the directory was deleted since it was opened. */
  isHeld(): boolean;
  /** Releases the lock. */
  close(): Promise<void>;
}

type CheckpointSettings = Pick<CheckpointOptions, "run" | "maxSnapshots" | "observer">;

const defaultLockWaitMs = 10_000;

/** Throws CliError: not an etcd data dir, locked by another process for too long, or damaged. */
export async function openDataDir(path: string, options: DataDirOptions): Promise<DataDir> {
  const dir = resolve(path);
  const places = {
    dir,
    snapDir: join(dir, "member", "snap"),
    walDir: options.walDir === undefined ? join(dir, "member", "wal") : resolve(options.walDir),
  };
  const check = () => checkWritable(places, options);
  if (options.mode === "read") {
    // Our own writer has the db file locked, too.
    if (!isLocked(join(dir, lockFile))) refuseWhileInUse(dir, join(places.snapDir, "db"));
    return readingUnlocked(places);
  }
  const { lockWaitMs = defaultLockWaitMs, signal } = options;
  const deadline = performance.now() + lockWaitMs;
  if (!isLocked(join(dir, lockFile))) check();
  await makeLayout(places);
  const lock = await acquireLock(join(dir, lockFile), lockWaitMs, signal);
  let databaseLock: FileLock | undefined;
  try {
    check();
    databaseLock = await lockDatabase(places, deadline, signal);
    removeLeftovers(places);
    return new OpenedDataDir(places, { lock, databaseLock });
  } catch (error) {
    await databaseLock?.release();
    lock.release();
    throw error;
  }
}

/** From now on no etcd can start on the directory: it waits for its db file. Undefined: there is no such file yet. */
async function lockDatabase(
  { dir, snapDir }: Places,
  deadline: number,
  signal: AbortSignal | undefined,
): Promise<FileLock | undefined> {
  const file = join(snapDir, "db");
  while (statOf(file) !== undefined) {
    const lock = await tryLockFile(file);
    if (lock?.isTaken === false) refuseWhileInUse(dir, file);
    if (lock !== undefined) return lock;
    if (performance.now() > deadline) throw inUse(dir, "another process");
    signal?.throwIfAborted();
    await sleep(lockPollMs);
  }
  return undefined;
}

const lockPollMs = 20;

interface Places {
  readonly dir: string;
  readonly snapDir: string;
  readonly walDir: string;
}

/**
 * Opens the directory while another process may write to it: its checkpoint may remove a part of the log between the
 * reads of the db file and of the log, and its write may be half there.
 */
async function readingUnlocked(places: Places): Promise<DataDir> {
  for (let attempt = 1; ; attempt++) {
    try {
      return new OpenedDataDir(places, {});
    } catch (error) {
      if (attempt === readAttempts) throw error;
    }
    await sleep(readRetryMs);
  }
}

interface Locks {
  /** Keeps other processes of etcdctl out. */
  readonly lock?: Lock;
  /** Keeps etcd out. Undefined: there is no db file yet. */
  readonly databaseLock?: FileLock | undefined;
}

const readAttempts = 5;
const readRetryMs = 10;

class OpenedDataDir implements DataDir {
  readonly path: string;
  readonly database: OpenDatabase | undefined;
  readonly log: RecoveredLog | undefined;
  readonly v2Store: string | undefined;
  readonly isAdopted: boolean;
  private readonly file: string;
  private lock: Lock | undefined;
  /** Of the file that `database` reads, which no one else may write, and of the newest db file, if that is another one. */
  private databaseLocks: readonly FileLock[];

  constructor(
    private readonly places: Places,
    { lock, databaseLock }: Locks,
  ) {
    this.lock = lock;
    this.databaseLocks = databaseLock === undefined ? [] : [databaseLock];
    this.path = places.dir;
    this.file = join(places.snapDir, "db");
    this.isAdopted = statOf(join(this.path, adoptedFile)) !== undefined;
    this.database = statOf(this.file) === undefined ? undefined : readDatabase(this.file);
    try {
      const snap = newestSnapFile(places.snapDir);
      this.v2Store = snap?.data === undefined ? undefined : Buffer.from(snap.data).toString();
      this.log = this.recoveredLog(snap?.metadata?.index);
    } catch (error) {
      this.database?.close();
      throw error;
    }
  }

  /** Undefined also for a log that a crash left behind while it was made: then nothing is in it. */
  private recoveredLog(snapIndex: bigint | undefined): RecoveredLog | undefined {
    const { walDir } = this.places;
    if (!hasSegments(walDir)) return undefined;
    const consistentIndex = this.database?.consistentIndex ?? 0n;
    // Without a .snap file, a log from its first entry has everything, too. Else the keys of version 2 are lost, and no others.
    const fromIndex = snapIndex ?? (firstEntryIndex(walDir) === 1n ? 0n : consistentIndex);
    const log = recoverLog(walDir, consistentIndex, fromIndex);
    const isUnfinished = log.entries.length === 0 && log.lastIndex > consistentIndex;
    return isUnfinished ? undefined : log;
  }

  async create(contents: DatabaseContents, metadata: Metadata, options: LogOptions = {}): Promise<LogWriter> {
    const { walDir } = this.places;
    const start = { metadata, term: contents.term, snapshot: walSnapshot(contents) };
    const makeLog = () => createLog(walDir, start, options);
    return this.orPathError("make", async () => {
      // An old log goes only when the db file has what is in it. A new db file comes only when it has a log.
      if (this.log === undefined) await makeLog();
      await this.replacing((options) => writeDbAndSnap(contents, options));
      if (this.log !== undefined) await makeLog();
      await rm(join(this.path, adoptedFile), { force: true });
      const log = recoverLog(walDir, contents.consistentIndex);
      return LogWriter.open(walDir, log, contents.term, options);
    });
  }

  continueLog(term: bigint, options: LogOptions = {}): Promise<LogWriter> {
    const { log } = this;
    if (log === undefined || this.lock === undefined) throw new Error("data dir: no log to continue");
    return this.orPathError("open", () => LogWriter.open(this.places.walDir, log, term, options));
  }

  checkpoint(contents: DatabaseContents, log: LogWriter, settings: CheckpointSettings = {}): Promise<void> {
    return this.orPathError("save", () =>
      this.replacing((options) => checkpoint(contents, log, { ...settings, ...options })),
    );
  }

  /**
   * Runs an action that replaces the db file. The new file is locked before it gets its name. An etcd that waits for the lock
   * of the old one must not get it before the .snap file says that the old one is not current.
   */
  private async replacing(
    action: (options: Pick<CheckpointOptions, "snapDir" | "beforeRename">) => Promise<void>,
  ): Promise<void> {
    let next: FileLock | undefined;
    const beforeRename = async (temporary: string) => {
      this.assertHeld();
      next = await tryLockFile(temporary);
    };
    const before = this.databaseLocks;
    try {
      await action({ snapDir: this.places.snapDir, beforeRename });
    } catch (error) {
      if (next?.isOf(this.file) === true) this.databaseLocks = [...before, next];
      else await next?.release();
      throw error;
    }
    if (next === undefined) return;
    const kept = before.slice(0, this.database === undefined ? 0 : 1);
    this.databaseLocks = [...kept, next];
    for (const lock of before.slice(kept.length)) await lock.release();
  }

  isHeld(): boolean {
    return this.lock?.isHeld() === true;
  }

  /** The directory may have been deleted since it was opened, or an etcd may have started on it. */
  private assertHeld(): void {
    if (!this.isHeld()) {
      throw new CliError(ExitCode.error, `cannot save ${this.path}: the directory was replaced`);
    }
    if (this.databaseLocks.at(-1)?.isTaken !== true) refuseWhileInUse(this.path, this.file);
  }

  private async orPathError<T>(verb: string, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (cause) {
      if (cause instanceof CliError && !(cause instanceof PathError)) throw cause;
      const reason = cause instanceof PathError ? cause.message : osErrorReason(cause);
      throw new CliError(ExitCode.error, `cannot ${verb} ${this.path}: ${reason}`, { cause });
    }
  }

  async close(): Promise<void> {
    this.database?.close();
    for (const lock of this.databaseLocks) await lock.release();
    this.databaseLocks = [];
    this.lock?.release();
    this.lock = undefined;
  }
}

function checkWritable({ dir, snapDir, walDir }: Places, { adoptMember = false }: DataDirOptions): void {
  refuseWhileInUse(dir, join(snapDir, "db"));
  if (adoptMember) refuseFile(dir);
  // As in etcd, a server may begin in a directory with files of others.
  const offline: OfflinePath = classifyOfflinePath(dir, { walDir, besideOthers: adoptMember });
  if (offline.kind === "etcdctl-data-dir") return;
  if (offline.kind !== "member-data-dir" || !adoptMember) throw writeRefusal(offline);
}

function refuseFile(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return;
  throw new CliError(ExitCode.error, `${path} is a file: a data dir is a directory`, {
    hints: ["to make a data dir out of a snapshot file: etcdutl snapshot restore FILE --data-dir DIR"],
  });
}

/** What a crash left. */
function removeLeftovers({ snapDir, walDir }: Places): void {
  for (const name of readdirSync(snapDir))
    if (name.startsWith(temporaryPrefix) || name.endsWith(".snap.tmp")) rmSync(join(snapDir, name));
  const [replaced, unfinished] = [replacedLog(walDir), unfinishedLog(walDir)];
  // The new log is finished when the one before it leaves its place.
  if (statOf(walDir) === undefined && statOf(replaced) !== undefined) renameSync(unfinished, walDir);
  for (const each of [replaced, unfinished]) rmSync(each, { recursive: true, force: true });
}

async function makeLayout({ dir, snapDir, walDir }: Places): Promise<void> {
  try {
    await makeDirectories(dirname(walDir));
    if ((await makeDirectories(snapDir)) === undefined) return;
    for (const changed of [dirname(dir), dir, dirname(snapDir)]) await syncDirectory(changed);
  } catch (cause) {
    const reason = cause instanceof PathError ? cause.reason : osErrorReason(cause);
    throw new CliError(ExitCode.error, `cannot make the data dir ${dir}: ${reason}`, { cause });
  }
}
