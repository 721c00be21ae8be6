// Status of a snapshot file: a check of every page, with a hash and counts over all buckets in the same walk. Memory grows only
// with the number of keys, 13 to 26 bytes each. Go: etcdutl/snapshot/v3_snapshot.go (Status), that of etcd 3.5 with countsAll
import { CliError, ExitCode } from "../errors";
import { checkInSteps, type EntryVisitor } from "../storage/bbolt/check";
import type { BboltFile } from "../storage/bbolt/reader";
import { Crc32c } from "../storage/crc32c";
import { readHead, WalkedRecord } from "../storage/record-walk";
import { bucketName, decodeEntry, decodeRecordKey, readStorageVersion } from "../storage/schema";
import { HashCheck } from "../storage/snapshot-file";
import type { FilePath } from "./database-file";
import { openDatabase } from "./database-file";
import { DistinctKeyCounter } from "./distinct-key-counter";
import { Turns } from "./turns";

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
  const hash = new HashCheck(file.path, { signal: options.signal, name: file.displayPath });
  try {
    const counter = new EntryCounter(db, options.countsAll === true);
    await checkPages(db, counter, options.signal);
    await hash.checked;
    return counter.status();
  } finally {
    await hash.stop();
    db.close();
  }
}

/** A ruined file may have millions of errors, and the first few are enough. */
const maxPrintedErrors = 20;

/** Few, since the second thread starts after some turns. */
const pagesPerTurn = 100;

async function checkPages(db: BboltFile, counter: EntryCounter, signal: AbortSignal): Promise<void> {
  const turns = new Turns(signal, pagesPerTurn);
  const printed: string[] = [];
  let count = 0;
  for (const damage of checkInSteps(db, counter)) {
    if (damage !== undefined && count++ < maxPrintedErrors) printed.push(damage.message);
    if (turns.isOver()) await turns.next();
  }
  if (count === 0) return;
  const more = count > printed.length ? [`and ${count - printed.length} more`] : [];
  const head = `snapshot file integrity check failed. ${count} errors found.`;
  throw new CliError(ExitCode.error, [head, ...printed, ...more].join("\n"));
}

/** Hashes and counts during the check of the pages. */
class EntryCounter implements EntryVisitor {
  private readonly liveKeys = new DistinctKeyCounter();
  private readonly head = new WalkedRecord();
  private buckets = 0;
  private entries = 0;
  private revision = 0;
  private readonly crc = new Crc32c();
  private isKeyBucket = false;
  /** What the entries have that is not etcd's. */
  private failure: unknown;
  /** Bytes to hash. Mostly those of all entries of a page, because they follow each other. */
  private run: Buffer = Buffer.alloc(0);
  private runStart = 0;
  private runEnd = 0;

  constructor(
    private readonly db: BboltFile,
    private readonly countsAll: boolean,
  ) {}

  bucket(name: Buffer): void {
    this.buckets++;
    this.crc.add(name);
    this.isKeyBucket = name.toString() === bucketName.key;
  }

  entry(bytes: Buffer, keyStart: number, valueStart: number, end: number, offset: number): void {
    if (bytes !== this.run || keyStart !== this.runEnd) {
      this.endPage();
      [this.run, this.runStart] = [bytes, keyStart];
    }
    this.runEnd = end;
    this.entries++;
    if (!this.isKeyBucket) return;
    try {
      this.record(bytes, keyStart, valueStart, end);
    } catch {
      this.failure ??= this.failureOf(
        bytes.subarray(keyStart, end),
        valueStart - keyStart,
        offset + keyStart,
      );
    }
  }

  endPage(): void {
    if (this.runEnd > this.runStart) this.crc.add(this.run, this.runStart, this.runEnd);
    this.runStart = this.runEnd = 0;
  }

  status(): SnapshotStatus {
    if (this.failure !== undefined) throw this.failure;
    this.refuseNested();
    const { db, countsAll } = this;
    return {
      hash: this.crc.value(),
      revision: this.revision,
      totalKeys: countsAll ? this.entries : this.liveKeys.size,
      totalSizeBytes: db.meta.pageCount * db.meta.pageSize,
      version: readStorageVersion(db) ?? "",
    };
  }

  /** etcd has no buckets in buckets; reading their entries fails. */
  private refuseNested(): void {
    const buckets = [...this.db.buckets()];
    if (buckets.length < this.buckets) for (const bucket of buckets) Array.from(this.db.entries(bucket));
  }

  private record(bytes: Buffer, keyStart: number, valueStart: number, end: number): void {
    const { main, tombstone } = decodeRecordKey(bytes, keyStart, valueStart);
    this.revision = main;
    if (this.countsAll) return;
    const { head, liveKeys } = this;
    readHead(head, bytes, valueStart, end - valueStart);
    if (tombstone) liveKeys.delete(head.bytes, head.keyStart, head.keyEnd);
    else liveKeys.add(head.bytes, head.keyStart, head.keyEnd);
  }

  /** The error with its place. */
  private failureOf(bytes: Buffer, keySizeBytes: number, offset: number): unknown {
    const key = Buffer.from(bytes.subarray(0, keySizeBytes));
    try {
      decodeEntry(this.db, bucketName.key, { key, valueOffset: offset + keySizeBytes }, () => {
        decodeRecordKey(key);
        readHead(this.head, bytes, keySizeBytes, bytes.length - keySizeBytes);
      });
    } catch (error) {
      return error;
    }
    return undefined;
  }
}
