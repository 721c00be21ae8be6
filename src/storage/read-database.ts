// An etcd db file as contents, its records left in the file and read when asked for. Files of etcd 3.4 to 3.7.
// Answers to etcd's server/storage/schema (what the buckets hold; bucket-codec.ts has the records).
import type { Bucket } from "./bbolt/reader";
import { BboltFile } from "./bbolt/reader";
import type { DatabaseContents, RawBucket, StoredRecord } from "./contents";
import { dataDirMarker } from "./data-dir-marker";
import { errorReason, FormatError } from "./errors";
import { decodeLease, decodeMember, decodeRecordKey, decodeRevision } from "./schema";

/** Records read from the file as long as it is open; everything else is in memory. */
export interface OpenDatabase extends DatabaseContents {
  /** Path, for messages. */
  readonly file: string;
  readonly sizeBytes: number;
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
  const keyBucket = buckets.get("key");
  buckets.delete("key");
  const meta = new Fields(db, "meta", take("meta"));
  const cluster = new Fields(db, "cluster", take("cluster"));
  // Said of the file, not of what is in it.
  meta.take(dataDirMarker, () => undefined);
  return {
    file: db.file.path,
    sizeBytes: db.file.sizeBytes,
    close: () => db.close(),
    records: { [Symbol.iterator]: () => records(db, keyBucket) },
    leases: take("lease").map((entry) => located(db, "lease", entry, decodeLease)),
    members: take("members").map((entry) => located(db, "members", entry, decodeMember)),
    finishedCompactRevision: meta.take("finishedCompactRev", ({ value }) => decodeRevision(value)) ?? 0,
    scheduledCompactRevision: meta.take("scheduledCompactRev", ({ value }) => decodeRevision(value)) ?? 0,
    consistentIndex: meta.take("consistent_index", ({ value }) => value.readBigUInt64BE()) ?? 0n,
    term: meta.take("term", ({ value }) => value.readBigUInt64BE()) ?? 0n,
    storageVersion: meta.take("storageVersion", ({ value }) => value.toString()) ?? "",
    clusterVersion: cluster.take("clusterVersion", ({ value }) => value.toString()) ?? "",
    otherBuckets: [
      ...[...buckets].map(([name, bucket]) => rawBucket(name, readAll(db, bucket))),
      ...[meta, cluster]
        .filter((fields) => fields.rest.length > 0)
        .map(({ name, rest }) => rawBucket(name, rest)),
    ],
  };
}

interface RawEntry {
  readonly key: Buffer;
  readonly value: Buffer;
  readonly offset: number;
}

function readAll(db: BboltFile, bucket: Bucket): RawEntry[] {
  return Array.from(db.entries(bucket), ({ key, valueOffset, valueSizeBytes }) => {
    return { key, value: db.file.read(valueOffset, valueSizeBytes), offset: valueOffset };
  });
}

function rawBucket(name: string, entries: readonly RawEntry[]): RawBucket {
  return { name, entries: entries.map(({ key, value }) => [key, value]) };
}

function* records(db: BboltFile, bucket: Bucket | undefined): Generator<StoredRecord> {
  if (bucket === undefined) return;
  const source = db.file;
  for (const { key, valueOffset: offset, valueSizeBytes: sizeBytes } of db.entries(bucket)) {
    const { main, sub, tombstone } = located(db, "key", { key, offset }, ({ key }) => decodeRecordKey(key));
    yield { main, sub, tombstone, source, offset, sizeBytes };
  }
}

/** Named single values in a bucket; what was not taken is left in `rest`. */
class Fields {
  constructor(
    private readonly db: BboltFile,
    readonly name: string,
    public rest: readonly RawEntry[],
  ) {}

  take<T>(key: string, decode: (entry: RawEntry) => T): T | undefined {
    const entry = this.rest.find((candidate) => candidate.key.toString() === key);
    if (entry === undefined) return undefined;
    this.rest = this.rest.filter((candidate) => candidate !== entry);
    return located(this.db, this.name, entry, decode);
  }
}

/** Adds to a decoder's error where in the file the entry is. */
function located<E extends { key: Buffer; offset: number }, T>(
  db: BboltFile,
  bucket: string,
  entry: E,
  decode: (entry: E) => T,
): T {
  try {
    return decode(entry);
  } catch (cause) {
    const key = entry.key.toString("hex");
    throw new FormatError(db.file.path, entry.offset, `bucket ${bucket}, key ${key}: ${errorReason(cause)}`, {
      cause,
    });
  }
}
