// The contents of a db file as values. The server loads them at its start and saves them; read-database.ts and
// write-database.ts turn bbolt buckets into them and back.
import type { Lease } from "../proto/gen/leasepb";
import type { Steps } from "./steps";

/** Immutable bytes: a block of memory, or an open db file. */
export interface RecordSource {
  /** Path of an open file, for messages about a damaged record. */
  readonly path?: string;
  /**
   * Returns `sizeBytes` bytes at `offset` and throws if they do not exist. A file returns a new copy each time: for many
   * records, keep only the needed parts of it.
   */
  read(offset: number, sizeBytes: number): Buffer;
  /** The same bytes, valid until the next read or view. A walk over many records makes no garbage with it. */
  view(offset: number, sizeBytes: number): Buffer;
}

/**
 * One entry of the bucket `key`: a revision and an encoded mvccpb.KeyValue. A record of size 0 comes from a restore with
 * `--bump-revision`: it has no key and only raises the revision.
 */
export interface StoredRecord {
  readonly main: number;
  readonly sub: number;
  readonly tombstone: boolean;
  /** Whether the value has a lease. Absent: unknown. */
  readonly leased?: boolean;
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
  /** In rising order of (main, sub). The writer iterates several times and needs the same records each time. */
  readonly records: Iterable<StoredRecord>;
  /** The same records, for a caller that reads only the first bytes of large ones. Default: `records`. */
  readonly recordHeads?: Iterable<StoredRecord>;
  /**
   * Finds the order of the keys: the positions of `records`, the newest of each key first. Undefined: the records have been
   * moved since. Absent: unknown.
   */
  readonly byKey?: (() => Steps<Int32Array | undefined>) | undefined;
  /** Above those of `records`, if they are only some of the records. */
  readonly newestRevision?: number | undefined;
  readonly leases: readonly Lease[];
  /** 0: never compacted. */
  readonly finishedCompactRevision: number;
  readonly scheduledCompactRevision: number;
  /** Raft index of the last applied entry. */
  readonly consistentIndex: bigint;
  /** Raft term of the last applied entry. */
  readonly term: bigint;
  readonly members: readonly StoredMember[];
  /** For example `3.5.0`. Empty before etcd 3.5, which does not write it. */
  readonly clusterVersion: string;
  /** For example `3.7.0`. Empty before etcd 3.6, which does not write it. */
  readonly storageVersion: string;
  /**
   * Everything else, copied unchanged when the file is written again: buckets without a field here (auth*, alarm,
   * members_removed, …), and the entries of `meta` and `cluster` without a field here (confState, downgrade).
   */
  readonly otherBuckets: readonly RawBucket[];
  /** The store of version 2 as JSON. It is in the .snap file, not in the db file. Default: only the members. */
  readonly v2Store?: string | undefined;
}

export interface RawBucket {
  readonly name: string;
  readonly entries: readonly (readonly [key: Uint8Array, value: Uint8Array])[];
}
