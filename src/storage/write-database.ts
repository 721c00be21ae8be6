// Contents as the bytes of an etcd db file, and as the stream that Maintenance.Snapshot sends (db, then its SHA-256).
// Answers to etcd's server/storage/schema and the Snapshot handler of api/v3rpc/maintenance.go.
import { createHash } from "node:crypto";
import type { LeafEntry } from "./bbolt/tree-builder";
import type { BucketSource } from "./bbolt/writer";
import { bboltImage } from "./bbolt/writer";
import type { DatabaseContents, StoredRecord } from "./contents";
import { crc32c } from "./crc32c";
import { encodeLease, encodeMember, encodeRecordKey, encodeRevision, encodeUint64 } from "./schema";
import { hashSizeBytes } from "./snapshot-file";

/** Bytes made while they are taken, in pieces of at most 64 KiB that are the caller's; memory stays flat. */
export interface ByteStream {
  /** Known before the first byte, for remaining_bytes. */
  readonly sizeBytes: number;
  readonly chunks: Iterable<Uint8Array>;
}

/** A bbolt file. Records that `contents` gains meanwhile are left out; it must keep those it has until the last byte. */
export function writeDatabase(contents: DatabaseContents): ByteStream {
  return bboltImage(bucketSources(contents));
}

/** What `snapshot save` writes: the db and, as a last piece, 32 bytes of SHA-256. */
export function snapshotStream(contents: DatabaseContents): ByteStream {
  const database = writeDatabase(contents);
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

/** Every etcd makes these at its start, and its tools expect them. */
const bucketNames = [
  "alarm",
  "auth",
  "authRoles",
  "authUsers",
  "cluster",
  "lease",
  "members",
  "members_removed",
  "meta",
];

export function bucketSources(contents: DatabaseContents): BucketSource[] {
  const buckets = new Map<string, Map<string, LeafEntry>>(bucketNames.map((name) => [name, new Map()]));
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
  for (const { bucket, key, value } of interpreted(contents)) put(bucket, key, value);
  const small = Array.from(buckets, ([name, entries]) => {
    const sorted = [...entries.values()].sort((a, b) => Buffer.compare(a.key, b.key));
    return { name: Buffer.from(name, "latin1"), entries: () => sorted };
  });
  const all = [...small, { name: Buffer.from("key"), entries: keyBucketEntries(contents.records) }];
  return all.sort((a, b) => Buffer.compare(a.name, b.name));
}

function* interpreted(contents: DatabaseContents): Generator<{ bucket: string; key: Buffer; value: Buffer }> {
  const field = (bucket: string, key: string, value: Buffer) => ({ bucket, key: Buffer.from(key), value });
  for (const lease of contents.leases) yield { bucket: "lease", ...encodeLease(lease) };
  for (const member of contents.members) yield { bucket: "members", ...encodeMember(member) };
  const { consistentIndex, term, finishedCompactRevision, scheduledCompactRevision } = contents;
  if (consistentIndex > 0n) yield field("meta", "consistent_index", encodeUint64(consistentIndex));
  if (term > 0n) yield field("meta", "term", encodeUint64(term));
  if (scheduledCompactRevision > 0) {
    yield field("meta", "scheduledCompactRev", encodeRevision(scheduledCompactRevision));
  }
  if (finishedCompactRevision > 0)
    yield field("meta", "finishedCompactRev", encodeRevision(finishedCompactRevision));
  if (contents.storageVersion !== "")
    yield field("meta", "storageVersion", Buffer.from(contents.storageVersion));
  if (contents.clusterVersion !== "")
    yield field("cluster", "clusterVersion", Buffer.from(contents.clusterVersion));
}

/** The first complete iteration counts; later ones stop there, since a running store goes on to append. */
function keyBucketEntries(records: Iterable<StoredRecord>): () => Generator<RecordEntry> {
  let count = Infinity;
  return function* () {
    let done = 0;
    for (const record of records) {
      if (done === count) return;
      done++;
      yield new RecordEntry(record);
    }
    count = done;
  };
}

class RecordEntry implements LeafEntry {
  readonly key: Buffer;

  constructor(private readonly record: StoredRecord) {
    this.key = encodeRecordKey(record);
  }

  get valueSizeBytes(): number {
    return this.record.sizeBytes;
  }

  value(): Buffer {
    return this.record.source.read(this.record.offset, this.record.sizeBytes);
  }
}

// Maintenance.Hash: a CRC-32C over all that a db file of these contents would hold, but for what says how far the raft
// log was applied. Answers to backend.Hash and DefaultIgnores of etcd's server/storage.

const ignoredInMeta = new Set(["consistent_index", "term", "storageVersion"]);

export function hashDatabase(contents: DatabaseContents): number {
  let hash = 0;
  for (const { name, entries } of bucketSources(contents)) {
    hash = crc32c(hash, name);
    const isMeta = name.toString() === "meta";
    for (const entry of entries()) {
      if (isMeta && ignoredInMeta.has(Buffer.from(entry.key).toString("latin1"))) continue;
      hash = crc32c(crc32c(hash, entry.key), entry.value());
    }
  }
  return hash;
}
