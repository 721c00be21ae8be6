// What a snapshot holds: checked page by page, then hashed over all buckets, in memory that does not grow with the file
// but for a hash of each key. Answers to v3Manager.Status of etcdutl/snapshot/v3_snapshot.go, and in countsAll to
// that of etcd 3.5.
import { CliError, ExitCode } from "../errors";
import { recordHead } from "../server/mvcc/record-head";
import { checkBbolt } from "../storage/bbolt/check";
import type { BboltFile } from "../storage/bbolt/reader";
import { crc32c } from "../storage/crc32c";
import { decodeRecordKey, readStorageVersion, recordAt } from "../storage/schema";
import { verifySnapshotFile } from "../storage/snapshot-file";
import { Turns } from "../storage/write-file";
import type { FilePath } from "./database-file";
import { openDatabase } from "./database-file";

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
const maxTold = 20;

async function checkWhole(db: BboltFile, signal: AbortSignal): Promise<void> {
  const turns = new Turns(signal);
  const found: string[] = [];
  let count = 0;
  for (const damage of checkBbolt(db)) {
    if (count++ < maxTold) found.push(damage.message);
    if (turns.isDue()) await turns.take();
  }
  if (count === 0) return;
  const more = count > found.length ? [`and ${count - found.length} more`] : [];
  const head = `snapshot file integrity check failed. ${count} errors found.`;
  throw new CliError(ExitCode.error, [head, ...found, ...more].join("\n"));
}

async function hashed(db: BboltFile, { signal, countsAll }: StatusOptions): Promise<SnapshotStatus> {
  const turns = new Turns(signal);
  const live = new DistinctKeyCounter();
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

// How many different keys there are, in 13 to 26 bytes of memory for each: not the keys are kept but 64 bits of hash. Two of ten million keys share theirs with a chance of one in 300,000; then one is not counted.
//
//   slot   0: free   else the hash, high and low half; `there` says whether the key is in the set or was taken out

const firstSlots = 1 << 12;
const maxLoad = 0.7;

export class DistinctKeyCounter {
  size = 0;
  private used = 0;
  private high = new Uint32Array(firstSlots);
  private low = new Uint32Array(firstSlots);
  private there = new Uint8Array(firstSlots);

  add(key: Uint8Array): void {
    const slot = this.slotOf(crc32c(0, key), fnv32a(key), true);
    if (this.there[slot] === 1) return;
    this.there[slot] = 1;
    this.size++;
  }

  delete(key: Uint8Array): void {
    const slot = this.slotOf(crc32c(0, key), fnv32a(key), false);
    if (this.there[slot] !== 1) return;
    this.there[slot] = 0;
    this.size--;
  }

  private slotOf(high: number, low: number, claim: boolean): number {
    if (claim && this.used > this.low.length * maxLoad) this.grow();
    // A free slot is told by both halves being zero.
    if (high === 0 && low === 0) low = 1;
    const mask = this.low.length - 1;
    let slot = low & mask;
    while (this.high[slot] !== 0 || this.low[slot] !== 0) {
      if (this.high[slot] === high && this.low[slot] === low) return slot;
      slot = (slot + 1) & mask;
    }
    if (claim) {
      this.high[slot] = high;
      this.low[slot] = low;
      this.used++;
    }
    return slot;
  }

  private grow(): void {
    const { high, low, there } = this;
    const slots = low.length * 2;
    this.high = new Uint32Array(slots);
    this.low = new Uint32Array(slots);
    this.there = new Uint8Array(slots);
    this.used = 0;
    for (let old = 0; old < there.length; old++) {
      if (there[old] !== 1) continue;
      this.there[this.slotOf(high[old] as number, low[old] as number, true)] = 1;
    }
  }
}

/** http://www.isthe.com/chongo/tech/comp/fnv, with its bits mixed once more: it only chooses slots. */
function fnv32a(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
