// Reads a db file of etcd 3.4 to 3.7 as DatabaseContents. Records stay in the file and are read on demand.
// Go: server/storage/schema
import { Role, User } from "../proto/gen/authpb";
import { AlarmMember } from "../proto/gen/etcdserverpb";
import { decode } from "../proto/message";
import type { Bucket } from "./bbolt/reader";
import { BboltFile } from "./bbolt/reader";
import type { DatabaseContents, RawBucket, StoredRecord } from "./contents";
import {
  bucketName,
  clusterKey,
  decodeEntry,
  decodeLease,
  decodeMember,
  decodeRecordKey,
  decodeRevision,
  metaKey,
} from "./schema";

/** `records` can be read until close(); everything else is in memory. */
export interface OpenDatabase extends DatabaseContents {
  /** Path, for messages. */
  readonly file: string;
  readonly sizeBytes: number;
  /** The file itself, whose bytes `records` have as their source. */
  readonly bbolt: BboltFile;
  /** Of its last record; 1 without records. Reads only the end of the bucket. */
  lastRevision(): number;
  close(): void;
}

/** Throws FormatError for a damaged file; so do iterating `records` and reading one. */
export function readDatabase(path: string): OpenDatabase {
  const db = BboltFile.open(path);
  try {
    return readContents(db);
  } catch (error) {
    db.close();
    throw error;
  }
}

function readContents(db: BboltFile): OpenDatabase {
  const buckets = new Map([...db.buckets()].map((bucket) => [bucket.name.toString("latin1"), bucket]));
  const take = (name: string): RawEntry[] => {
    const bucket = buckets.get(name);
    buckets.delete(name);
    return bucket === undefined ? [] : readAll(db, bucket);
  };
  const takeAll = <T>(name: string, decode: (entry: RawEntry) => T): T[] =>
    take(name).map((entry) => decodeEntry(db, name, entry, () => decode(entry)));
  const keyBucket = buckets.get(bucketName.key);
  buckets.delete(bucketName.key);
  const meta = new NamedValues(db, bucketName.meta, take(bucketName.meta));
  const cluster = new NamedValues(db, bucketName.cluster, take(bucketName.cluster));
  // The marker describes this file and must not pass into a snapshot.
  meta.take(metaKey.dataDirMarker, () => undefined);
  return {
    file: db.file.path,
    sizeBytes: db.file.sizeBytes,
    bbolt: db,
    lastRevision() {
      const key = keyBucket && db.lastKey(keyBucket);
      return key === undefined ? 1 : decodeRecordKey(key).main;
    },
    close: () => db.close(),
    records: { [Symbol.iterator]: () => records(db, keyBucket) },
    recordHeads: { [Symbol.iterator]: () => records(db, keyBucket, true) },
    leases: takeAll(bucketName.lease, decodeLease),
    members: takeAll(bucketName.members, decodeMember),
    finishedCompactRevision: meta.take(metaKey.finishedCompact, decodeRevision) ?? 0,
    scheduledCompactRevision: meta.take(metaKey.scheduledCompact, decodeRevision) ?? 0,
    consistentIndex: meta.take(metaKey.consistentIndex, (value) => value.readBigUInt64BE()) ?? 0n,
    term: meta.take(metaKey.term, (value) => value.readBigUInt64BE()) ?? 0n,
    storageVersion: meta.take(metaKey.storageVersion, String) ?? "",
    clusterVersion: cluster.take(clusterKey.clusterVersion, String) ?? "",
    otherBuckets: [
      ...[...buckets].map(([name, bucket]) => rawBucket(name, checked(db, name, readAll(db, bucket)))),
      ...[meta, cluster]
        .filter((values) => values.rest.length > 0)
        .map(({ bucket, rest }) => rawBucket(bucket, checked(db, bucket, rest))),
    ],
  };
}

interface RawEntry {
  readonly key: Buffer;
  readonly value: Buffer;
  readonly valueOffset: number;
}

function readAll(db: BboltFile, bucket: Bucket): RawEntry[] {
  return Array.from(db.entries(bucket), ({ key, valueOffset, valueSizeBytes }) => {
    return { key, value: db.file.read(valueOffset, valueSizeBytes), valueOffset };
  });
}

/** Of entries that the engine decodes. Damage is found here, where its place is known. */
const messageIn: Readonly<Record<string, (entry: RawEntry) => unknown>> = {
  [bucketName.alarm]: ({ key }) => decode(AlarmMember, key),
  [bucketName.authUsers]: ({ value }) => decode(User, value),
  [bucketName.authRoles]: ({ value }) => decode(Role, value),
  [bucketName.cluster]: ({ key, value }) =>
    key.toString() === clusterKey.downgrade && JSON.parse(String(value)),
};

function checked(db: BboltFile, name: string, entries: readonly RawEntry[]): readonly RawEntry[] {
  const check = messageIn[name];
  if (check !== undefined) for (const entry of entries) decodeEntry(db, name, entry, () => check(entry));
  return entries;
}

function rawBucket(name: string, entries: readonly RawEntry[]): RawBucket {
  return { name, entries: entries.map(({ key, value }) => [key, value]) };
}

function* records(db: BboltFile, bucket: Bucket | undefined, headsOnly = false): Generator<StoredRecord> {
  if (bucket === undefined) return;
  const source = db.file;
  for (const entry of db.entries(bucket, headsOnly)) {
    const { main, sub, tombstone } = decodeEntry(db, bucketName.key, entry, () => decodeRecordKey(entry.key));
    yield { main, sub, tombstone, source, offset: entry.valueOffset, sizeBytes: entry.valueSizeBytes };
  }
}

/** A bucket of single values under fixed keys. `take` removes an entry from `rest`. */
class NamedValues {
  constructor(
    private readonly db: BboltFile,
    readonly bucket: string,
    public rest: readonly RawEntry[],
  ) {}

  take<T>(key: string, decode: (value: Buffer) => T): T | undefined {
    const entry = this.rest.find((candidate) => candidate.key.toString() === key);
    if (entry === undefined) return undefined;
    this.rest = this.rest.filter((candidate) => candidate !== entry);
    return decodeEntry(this.db, this.bucket, entry, () => decode(entry.value));
  }
}
