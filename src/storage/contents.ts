// What an etcd db file holds, as values: the engine is loaded from this and dumped to it. backend/ turns it into
// bbolt buckets and back (src/formats/bbolt). Answers to etcd's server/storage/schema. Knows no gRPC.
import type { Lease } from "../proto/gen/leasepb";

/** Immutable bytes that records lie in: a block of memory, or an open db file. */
export interface RecordSource {
  /** Of an open file: for messages about a record in it that does not decode. */
  readonly path?: string;
  /**
   * Returns `sizeBytes` bytes at `offset`; throws if they are not there. A file's source returns a copy that is the
   * caller's: keep what is needed, not the whole record, when there are many.
   */
  read(offset: number, sizeBytes: number): Buffer;
  /** The same bytes, valid until the source is read again: for going through many records without leaving garbage. */
  view(offset: number, sizeBytes: number): Buffer;
}

/**
 * One entry of the `key` bucket: an encoded mvccpb.KeyValue under its revision. Of size 0 where a restore bumped the
 * revision (etcdutl's --bump-revision): then it only says that this revision has been reached.
 */
export interface StoredRecord {
  readonly main: number;
  readonly sub: number;
  readonly tombstone: boolean;
  readonly source: RecordSource;
  readonly offset: number;
  readonly sizeBytes: number;
}

export interface StoredMember {
  readonly id: bigint;
  readonly name: string;
  readonly peerURLs: readonly string[];
  readonly clientURLs: readonly string[];
  readonly isLearner: boolean;
}

export interface DatabaseContents {
  /** In rising order of (main, sub). Iterated more than once, with the same records each time, when written. */
  readonly records: Iterable<StoredRecord>;
  readonly leases: readonly Lease[];
  /** 0: never compacted. */
  readonly finishedCompactRevision: number;
  readonly scheduledCompactRevision: number;
  /** Raft index and term of the last applied entry. */
  readonly consistentIndex: bigint;
  readonly term: bigint;
  readonly members: readonly StoredMember[];
  /** `3.5.0`; empty when the file names none (before 3.5). */
  readonly clusterVersion: string;
  /** `3.7.0`; empty when the file names none (before 3.6). */
  readonly storageVersion: string;
  /**
   * Everything else, kept as it is when the file is rewritten: buckets that the engine does not interpret (auth*,
   * alarm, members_removed, …), and of `meta` and `cluster` the entries that have no field here (confState, downgrade).
   */
  readonly otherBuckets: readonly RawBucket[];
}

export interface RawBucket {
  readonly name: string;
  readonly entries: readonly (readonly [key: Uint8Array, value: Uint8Array])[];
}
