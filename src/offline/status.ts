// Status of a snapshot file: a check of every page, then a hash and counts over all buckets. Memory grows only with the
// number of keys, 13 to 26 bytes each. Go: etcdutl/snapshot/v3_snapshot.go (Status), that of etcd 3.5 with countsAll
import { setImmediate } from "node:timers/promises";
import { CliError, ExitCode } from "../errors";
import { recordHead } from "../server/mvcc/record-head";
import { checkBbolt } from "../storage/bbolt/check";
import type { BboltFile } from "../storage/bbolt/reader";
import { crc32c } from "../storage/crc32c";
import { bucketName, decodeEntry, decodeRecordKey, readStorageVersion } from "../storage/schema";
import { verifySnapshotFile } from "../storage/snapshot-file";
import type { FilePath } from "./database-file";
import { openDatabase } from "./database-file";
import { DistinctKeyCounter } from "./distinct-key-counter";

export interface SnapshotStatus {
  /** CRC-32C over bucket names, keys and values. */
  readonly hash: number;
  /** Revision of the last record; 0 without records. */
  readonly revision: number;
  /** Number of keys at that revision. With countsAll: number of entries in all buckets. */
  readonly totalKeys: number;
  /** Size of the database without the hash at the end of the file. */
  readonly totalSizeBytes: number;
  /** For example `3.7.0`. Empty before etcd 3.6, which does not write it. */
  readonly version: string;
}

export interface StatusOptions {
  readonly signal: AbortSignal;
  /** Counts as etcd 3.5 does: every entry of every bucket. */
  readonly countsAll?: boolean;
}

/** Throws CliError or FormatError for a damaged file, with the damage and its place. */
export async function snapshotStatus(file: FilePath, options: StatusOptions): Promise<SnapshotStatus> {
  const db = openDatabase(file);
  try {
    await checkPages(db, options.signal);
    await verifySnapshotFile(file.path, { ...options, name: file.displayPath });
    return await countAndHash(db, options);
  } finally {
    db.close();
  }
}

/** A ruined file may have millions of errors, and the first few are enough. */
const maxPrintedErrors = 20;

async function checkPages(db: BboltFile, signal: AbortSignal): Promise<void> {
  const eventLoop = new EventLoopYield(signal);
  const printed: string[] = [];
  let count = 0;
  for (const damage of checkBbolt(db)) {
    if (count++ < maxPrintedErrors) printed.push(damage.message);
    if (eventLoop.isDue()) await eventLoop.yield();
  }
  if (count === 0) return;
  const more = count > printed.length ? [`and ${count - printed.length} more`] : [];
  const head = `snapshot file integrity check failed. ${count} errors found.`;
  throw new CliError(ExitCode.error, [head, ...printed, ...more].join("\n"));
}

async function countAndHash(db: BboltFile, { signal, countsAll }: StatusOptions): Promise<SnapshotStatus> {
  const eventLoop = new EventLoopYield(signal);
  const liveKeys = new DistinctKeyCounter();
  let entryCount = 0;
  let revision = 0;
  let crc = 0;
  for (const bucket of db.buckets()) {
    crc = crc32c(crc, bucket.name);
    const isKeyBucket = bucket.name.toString() === bucketName.key;
    for (const entry of db.entries(bucket)) {
      const { key, valueOffset, valueSizeBytes } = entry;
      const value = db.file.view(valueOffset, valueSizeBytes);
      crc = crc32c(crc32c(crc, key), value);
      entryCount++;
      if (isKeyBucket) {
        const record = decodeEntry(db, bucketName.key, entry, () => decodeRecordKey(key));
        revision = record.main;
        if (!countsAll) {
          const recordKey = decodeEntry(db, bucketName.key, entry, () => recordHead(value).key);
          if (record.tombstone) liveKeys.delete(recordKey);
          else liveKeys.add(recordKey);
        }
      }
      if (eventLoop.isDue()) await eventLoop.yield();
    }
  }
  return {
    hash: crc,
    revision,
    totalKeys: countsAll ? entryCount : liveKeys.size,
    totalSizeBytes: db.meta.pageCount * db.meta.pageSize,
    version: readStorageVersion(db) ?? "",
  };
}

const stepsPerYield = 20_000;

/** Lets a long synchronous loop yield to the event loop, so that the process notices Ctrl-C. */
class EventLoopYield {
  private steps = 0;

  constructor(private readonly signal: AbortSignal) {}

  /** Call this once for each step of the loop. */
  isDue(): boolean {
    return ++this.steps % stepsPerYield === 0;
  }

  async yield(): Promise<void> {
    await setImmediate();
    this.signal.throwIfAborted();
  }
}
