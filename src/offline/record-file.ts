// The records of a backup or a data dir, for work that walks over all of them in memory that does not grow with the number of keys.
// A snapshot and a db file are read as they are, and so is a data dir. What its log has beyond the db file is repeated by the engine.
// Only a data dir that a process of etcdctl writes to, or that has no db file yet, is loaded as a whole.
import { join } from "node:path";
import { countFreePages } from "../storage/bbolt/free-pages";
import { BboltFile } from "../storage/bbolt/reader";
import { openDataDir } from "../storage/data-dir";
import { isLocked } from "../storage/lock-file";
import { classifyOfflinePath, lockFile, refuseWhileInUse, type OfflinePath } from "../storage/offline-path";
import { recordsOfFile, StoredRecordWalk, type RecordWalk } from "../storage/record-walk";
import { decodeRevision, metaKey, readMeta } from "../storage/schema";
import { HashCheck } from "../storage/snapshot-file";
import { plainFile } from "./compression";
import { openOfflineStore, userDataDir, type OfflineOptions } from "./open-store";
import { recordsWithLog } from "./records-with-log";

export interface RecordFile {
  readonly records: RecordWalk;
  /** A second reader of the same records, which does not move the first one. */
  readonly others: RecordWalk;
  readonly sizeBytes: number;
  inUseBytes(): number;
  readonly compactRevision: number;
  /** Throws if the hash of a snapshot is wrong. See `besideHashes`. */
  readonly hashed: Promise<unknown>;
  close(): Promise<void>;
}

/** Throws as openOfflineStore. The hash of a snapshot is checked while the caller walks over the records. */
export async function openRecordFile(options: OfflineOptions, signal: AbortSignal): Promise<RecordFile> {
  const path = options.path ?? userDataDir(options.env);
  const plain = await plainFile(path, { signal });
  try {
    const offline = classifyOfflinePath(plain.path);
    if (offline.kind === "snapshot-file" || offline.kind === "db-file") {
      await options.printHints?.(offline.hints);
      refuseWhileInUse(path, offline.databasePath);
      return await snapshotRecords(offline.databasePath, { name: path, signal, remove: plain.remove });
    }
    return (await dirRecords(offline, options, signal)) ?? (await storeRecords(options, signal));
  } catch (error) {
    await plain.remove();
    throw error;
  }
}

/** Walks over the records. A wrong hash is the error even if the walk has failed too: what it found is then a consequence. */
export async function besideHashes<T>(
  files: readonly Pick<RecordFile, "hashed">[],
  walk: () => Promise<T>,
): Promise<T> {
  const [walked] = await Promise.allSettled([walk()]);
  for (const { hashed } of files) await hashed;
  if (walked.status === "rejected") throw walked.reason;
  return walked.value;
}

async function snapshotRecords(
  databasePath: string,
  { name, signal, remove }: { name: string; signal: AbortSignal; remove: () => Promise<void> },
): Promise<RecordFile> {
  const check = new HashCheck(databasePath, { signal, name });
  try {
    const file = databaseRecords(databasePath, name);
    const close = async () => {
      await check.stop();
      await file.close();
      await remove();
    };
    return { ...file, hashed: check.checked, close };
  } catch (error) {
    await check.checked;
    throw error;
  }
}

function databaseRecords(databasePath: string, name: string): RecordFile {
  const db = BboltFile.open(databasePath, name);
  let other: BboltFile;
  try {
    other = BboltFile.open(databasePath, name);
  } catch (error) {
    db.close();
    throw error;
  }
  const { pageCount, pageSize } = db.meta;
  return {
    records: recordsOfFile(db),
    others: recordsOfFile(other),
    sizeBytes: pageCount * pageSize,
    inUseBytes: () => bytesInUse(db),
    compactRevision: readCompactRevision(db),
    hashed: Promise.resolve(),
    close() {
      db.close();
      other.close();
      return Promise.resolve();
    },
  };
}

function readCompactRevision(db: BboltFile): number {
  const stored = readMeta(db, metaKey.finishedCompact);
  return stored === undefined ? 0 : decodeRevision(stored);
}

function bytesInUse(db: BboltFile): number {
  return (db.meta.pageCount - countFreePages(db)) * db.meta.pageSize;
}

/** Undefined: it has no db file, or a process writes to it. */
async function dirRecords(
  { kind, path, ...offline }: OfflinePath,
  { clock }: OfflineOptions,
  signal: AbortSignal,
): Promise<RecordFile | undefined> {
  const isMissing = kind === "etcdctl-data-dir" && "exists" in offline && !offline.exists;
  if (isMissing || isLocked(join(path, lockFile))) return undefined;
  const dir = await openDataDir(path, { mode: "read" });
  const { database } = dir;
  let isOpen = false;
  try {
    if (database === undefined) return undefined;
    const found = await recordsWithLog(dir, database, { clock, signal });
    isOpen = true;
    const { bbolt } = database;
    return {
      ...found,
      sizeBytes: bbolt.meta.pageCount * bbolt.meta.pageSize,
      inUseBytes: () => bytesInUse(bbolt),
      hashed: Promise.resolve(),
      async close() {
        found.close();
        await dir.close();
      },
    };
  } finally {
    if (!isOpen) await dir.close();
  }
}

async function storeRecords(options: OfflineOptions, signal: AbortSignal): Promise<RecordFile> {
  const opened = await openOfflineStore(options, false, signal);
  const { store } = opened.server;
  const records = new StoredRecordWalk(() => store.records());
  return {
    records,
    others: records,
    sizeBytes: store.sizeBytes,
    inUseBytes: () => store.sizeInUseBytes,
    compactRevision: store.finishedCompactRevision,
    hashed: Promise.resolve(),
    close: () => opened.close(),
  };
}
