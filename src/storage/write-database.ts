// Writes DatabaseContents as a db file, as the stream of Maintenance.Snapshot, and as the hash of Maintenance.Hash.
// Go: server/storage/schema, server/etcdserver/api/v3rpc/maintenance.go
import { createHash } from "node:crypto";
import { KeyValue } from "../proto/gen/mvccpb";
import { decode } from "../proto/message";
import type { LeafEntry } from "./bbolt/tree-builder";
import type { BucketSource } from "./bbolt/writer";
import { bboltImageSteps } from "./bbolt/writer";
import type { DatabaseContents, StoredRecord } from "./contents";
import { crc32c } from "./crc32c";
import {
  bucketName,
  clusterKey,
  encodeLease,
  encodeMember,
  encodeRecordKey,
  encodeRevision,
  encodeUint64,
  metaKey,
} from "./schema";
import { hashSizeBytes } from "./snapshot-file";
import { stepUnits, toEnd, type Steps } from "./steps";

/** A stream that produces its bytes on demand, in flat memory. */
export interface ByteStream {
  /** Known before the first byte; Maintenance.Snapshot reports it as remaining_bytes. */
  readonly sizeBytes: number;
  /** At most 64 KiB each. The caller may keep them. */
  readonly chunks: Iterable<Uint8Array>;
}

/**
 * A db file. Records that `contents` gains during the iteration are left out. `contents` must keep its present records
 * until the last chunk.
 */
export function writeDatabase(contents: DatabaseContents): ByteStream {
  return toEnd(databaseSteps(contents));
}

/** `written` learns the place of each record, in order. Those of a small file may be inside of a value, and are left out. */
export function databaseSteps(contents: DatabaseContents, written?: RecordWritten): Steps<ByteStream> {
  return bboltImageSteps(bucketSources(contents, written));
}

/** The place of the revision in the file, the size of the KeyValue that follows it, and its lease, if it has one. */
export type RecordWritten = (offset: number, sizeBytes: number, lease?: bigint) => void;

/** The format of `snapshot save`: the db file, then its SHA-256. */
export function snapshotStream(contents: DatabaseContents): ByteStream {
  return toEnd(snapshotSteps(contents));
}

export function* snapshotSteps(contents: DatabaseContents): Steps<ByteStream> {
  const database = yield* bboltImageSteps(bucketSources(contents));
  return { sizeBytes: database.sizeBytes + hashSizeBytes, chunks: withHash(database.chunks) };
}

function* withHash(chunks: Iterable<Uint8Array>): Generator<Uint8Array> {
  const hash = createHash("sha256");
  for (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
  yield hash.digest();
}

/** All buckets that etcd creates at its start; its tools expect them. */
const smallBuckets = Object.values(bucketName).filter((name) => name !== bucketName.key);

function bucketSources(contents: DatabaseContents, written?: RecordWritten): BucketSource[] {
  const buckets = new Map<string, Map<string, LeafEntry>>(smallBuckets.map((name) => [name, new Map()]));
  const put = (name: string, key: Uint8Array, value: Uint8Array) => {
    let bucket = buckets.get(name);
    if (bucket === undefined) buckets.set(name, (bucket = new Map()));
    bucket.set(Buffer.from(key).toString("latin1"), {
      key,
      valueSizeBytes: value.length,
      value: () => value,
    });
  };
  for (const { name, entries } of contents.otherBuckets) {
    if (!buckets.has(name)) buckets.set(name, new Map());
    for (const [key, value] of entries) put(name, key, value);
  }
  for (const { bucket, key, value } of fieldEntries(contents)) put(bucket, key, value);
  const small = Array.from(buckets, ([name, entries]) => {
    const sorted = [...entries.values()].sort((a, b) => Buffer.compare(a.key, b.key));
    return { name: Buffer.from(name, "latin1"), entries: () => sorted };
  });
  const all = [
    ...small,
    { name: Buffer.from(bucketName.key), entries: keyBucketEntries(contents.records, written) },
  ];
  return all.sort((a, b) => Buffer.compare(a.name, b.name));
}

/** The entries that stand for a field of DatabaseContents. */
function* fieldEntries(
  contents: DatabaseContents,
): Generator<{ bucket: string; key: Buffer; value: Buffer }> {
  const { consistentIndex, term, finishedCompactRevision, scheduledCompactRevision } = contents;
  for (const lease of contents.leases) yield { bucket: bucketName.lease, ...encodeLease(lease) };
  for (const member of contents.members) yield { bucket: bucketName.members, ...encodeMember(member) };
  const meta = (key: string, value: Buffer) => ({ bucket: bucketName.meta, key: Buffer.from(key), value });
  if (consistentIndex > 0n) yield meta(metaKey.consistentIndex, encodeUint64(consistentIndex));
  if (term > 0n) yield meta(metaKey.term, encodeUint64(term));
  if (scheduledCompactRevision > 0)
    yield meta(metaKey.scheduledCompact, encodeRevision(scheduledCompactRevision));
  if (finishedCompactRevision > 0)
    yield meta(metaKey.finishedCompact, encodeRevision(finishedCompactRevision));
  if (contents.storageVersion !== "")
    yield meta(metaKey.storageVersion, Buffer.from(contents.storageVersion));
  if (contents.clusterVersion !== "") {
    const key = Buffer.from(clusterKey.clusterVersion);
    yield { bucket: bucketName.cluster, key, value: Buffer.from(contents.clusterVersion) };
  }
}

/** A running store appends records meanwhile. So the first complete iteration sets the count, and later ones stop there. */
function keyBucketEntries(
  records: Iterable<StoredRecord>,
  written: RecordWritten | undefined,
): () => Generator<RecordEntry> {
  let count = Infinity;
  return function* () {
    let done = 0;
    for (const record of records) {
      if (done === count) return;
      done++;
      yield new RecordEntry(record, written);
    }
    count = done;
  };
}

class RecordEntry implements LeafEntry {
  readonly key: Buffer;
  private lease: bigint | undefined;

  constructor(
    private readonly record: StoredRecord,
    private readonly onWritten: RecordWritten | undefined,
  ) {
    this.key = encodeRecordKey(record);
  }

  get valueSizeBytes(): number {
    return this.record.sizeBytes;
  }

  value(): Buffer {
    const { source, offset, sizeBytes, leased } = this.record;
    const value = source.read(offset, sizeBytes);
    if (leased === true && this.onWritten !== undefined) this.lease = decode(KeyValue, value).lease;
    return value;
  }

  written(offset: number): void {
    this.onWritten?.(offset, this.record.sizeBytes, this.lease);
  }
}

/** Keys of the bucket `meta` that differ between members with the same data. Go: schema.DefaultIgnores */
const metaKeysNotHashed = new Set<string>([metaKey.consistentIndex, metaKey.term, metaKey.storageVersion]);

/** Maintenance.Hash: a CRC-32C over all buckets of the db file. Go: server/storage/backend/backend.go (Hash) */
export function* hashSteps(contents: DatabaseContents): Steps<number> {
  let hash = 0;
  let entryCount = 0;
  for (const { name, entries } of bucketSources(contents)) {
    hash = crc32c(hash, name);
    const isMeta = name.toString() === bucketName.meta;
    for (const entry of entries()) {
      if (++entryCount % stepUnits === 0) yield stepUnits;
      if (isMeta && metaKeysNotHashed.has(Buffer.from(entry.key).toString("latin1"))) continue;
      hash = crc32c(crc32c(hash, entry.key), entry.value());
    }
  }
  return hash;
}
