// What a snapshot holds: checked page by page, then hashed over all buckets, in memory that does not grow with the file
// but for a hash of each key. Answers to v3Manager.Status of etcdutl/snapshot/v3_snapshot.go, and in countsAll to
// that of etcd 3.5.
import { decodeRecordKey } from "../embedded/backend/bucket-codec";
import { recordHead } from "../embedded/mvcc/record-head";
import { CliError, ExitCode } from "../errors";
import { checkBbolt } from "../formats/bbolt/check";
import type { BboltFile } from "../formats/bbolt/reader";
import { crc32c } from "../formats/crc32c";
import { verifySnapshotFile } from "../formats/snapshot-file";
import { openDatabase, type FilePath } from "./database-file";
import { KeySet } from "./key-set";
import { recordAt } from "./record-at";
import { readStorageVersion } from "./storage-version";
import { Turns } from "./turns";

export interface SnapshotStatus {
  /** CRC-32C over names of buckets, keys and values. */
  readonly hash: number;
  /** Of the last record; 0 when there is none. */
  readonly revision: number;
  /** Keys that are there at that revision; before etcd 3.6: entries of all buckets. */
  readonly totalKeys: number;
  /** Of the database, without a hash behind it. */
  readonly totalSizeBytes: number;
  /** `3.7.0`; empty when the file names none (before 3.6). */
  readonly version: string;
}

export interface StatusOptions {
  readonly signal: AbortSignal;
  /** As etcd 3.5 counted: every entry of every bucket. */
  readonly countsAll?: boolean;
}

/** Throws CliError or FormatError for a file that is damaged: what is wrong, and where. */
export async function snapshotStatus(file: FilePath, options: StatusOptions): Promise<SnapshotStatus> {
  const db = openDatabase(file);
  try {
    await checkWhole(db, options.signal);
    await verifySnapshotFile(file.path, { ...options, name: file.shown });
    return await hashed(db, options);
  } finally {
    db.close();
  }
}

/** More tell no more, and a ruined file may have millions. */
const MAX_TOLD = 20;

async function checkWhole(db: BboltFile, signal: AbortSignal): Promise<void> {
  const turns = new Turns(signal);
  const found: string[] = [];
  let count = 0;
  for (const damage of checkBbolt(db)) {
    if (count++ < MAX_TOLD) found.push(damage.message);
    if (turns.isDue()) await turns.take();
  }
  if (count === 0) return;
  const more = count > found.length ? [`and ${count - found.length} more`] : [];
  const head = `snapshot file integrity check failed. ${count} errors found.`;
  throw new CliError(ExitCode.error, [head, ...found, ...more].join("\n"));
}

async function hashed(db: BboltFile, { signal, countsAll }: StatusOptions): Promise<SnapshotStatus> {
  const turns = new Turns(signal);
  const live = new KeySet();
  let entries = 0;
  let revision = 0;
  let crc = 0;
  for (const bucket of db.buckets()) {
    crc = crc32c(crc, bucket.name);
    const isKeys = bucket.name.toString() === "key";
    for (const entry of db.entries(bucket)) {
      const { key, valueOffset, valueSizeBytes } = entry;
      const value = db.file.view(valueOffset, valueSizeBytes);
      crc = crc32c(crc32c(crc, key), value);
      entries++;
      if (isKeys) {
        const record = recordAt(db, entry, () => decodeRecordKey(key));
        revision = record.main;
        if (!countsAll) {
          const name = recordAt(db, entry, () => recordHead(value).key);
          if (record.tombstone) live.delete(name);
          else live.add(name);
        }
      }
      if (turns.isDue()) await turns.take();
    }
  }
  return {
    hash: crc,
    revision,
    totalKeys: countsAll ? entries : live.size,
    totalSizeBytes: db.meta.pageCount * db.meta.pageSize,
    version: readStorageVersion(db) ?? "",
  };
}
