// The interface of the multi-version store. Go: server/storage/mvcc/kv.go
// Revisions are numbers in the engine: no store reaches 2^53 of them, and a db file with larger ones is refused.
// Ranges: `end` undefined means the one key, an empty `end` means all keys from `key` on, else it is [key, end).
import type { KeyValue } from "../../proto/gen/mvccpb";
import type { Steps } from "../../storage/steps";
import type { Content, RecordList } from "./record-list";
import type { Records } from "./records";

export interface RangeOptions {
  /** Default: 0, no limit. */
  readonly limit?: number;
  /** Default: 0, the newest. */
  readonly revision?: number;
  readonly countOnly?: boolean;
  /** Default: "whole". */
  readonly content?: Content;
  /** Stops counting at the limit, for callers that need no total. */
  readonly countUpToLimit?: boolean;
  /** The records to return. `count` is of all records. */
  readonly filter?: ((createRevision: number, modRevision: number) => boolean) | undefined;
}

export interface FindResult {
  readonly records: RecordList;
  /** Number of keys in the range, also those beyond the limit unless countUpToLimit is set. */
  readonly count: number;
  /** Revision of the store at the time of the read. */
  readonly revision: number;
}

export interface RangeResult extends Omit<FindResult, "records"> {
  readonly kvs: KeyValue[];
}

export interface ReadView {
  /** Revision of the last write; 1 for a new store. */
  readonly revision: number;
  /** Last compacted revision; -1 if the store was never compacted. */
  readonly compactRevision: number;
  /** Throws CompactedError or FutureRevisionError. */
  range(key: Uint8Array, end: Uint8Array | undefined, options?: RangeOptions): RangeResult;
  /** Same as range(), for results that may be large: in steps, and the records are not read yet. */
  find(key: Uint8Array, end: Uint8Array | undefined, options?: RangeOptions): Steps<FindResult>;
}

/**
 * All changes of one write share one main revision. Readers and watchers see none of them before end(), which may be in a
 * later turn of the event loop.
 */
export interface WriteTxn extends ReadView {
  /** Returns the revision of the change. */
  put(key: Uint8Array, value: Uint8Array, lease: bigint): number;
  deleteRange(key: Uint8Array, end: Uint8Array | undefined): Steps<{ deleted: number; revision: number }>;
  /** Whether put or deleteRange has made a change. */
  readonly changed: boolean;
  end(): void;
}

export interface KvHash {
  readonly hash: number;
  readonly compactRevision: number;
  readonly revision: number;
}

export interface Kv extends ReadView {
  write(): WriteTxn;
  /** Calls `visit` for each key of a range, until it returns false. Returns the number of its calls. See VersionedStore. */
  visit(
    key: Uint8Array,
    end: Uint8Array | undefined,
    visit: (records: Records, id: number) => boolean,
  ): Steps<number>;
  /** Removes what was overwritten or deleted before `revision`. Throws CompactedError or FutureRevisionError. */
  compact(revision: number): void;
  /** CRC-32C over the records up to `revision` (0: the newest), equal to etcd's for the same history. */
  hash(revision: number): KvHash;
}

export class CompactedError extends Error {
  override name = "CompactedError";
  constructor() {
    super("mvcc: required revision has been compacted");
  }
}

export class FutureRevisionError extends Error {
  override name = "FutureRevisionError";
  constructor() {
    super("mvcc: required revision is a future revision");
  }
}

/** The part of the lessor that the store uses: the lease of each key. Keys are latin1 strings of their bytes. */
export interface LeaseBook {
  has(id: bigint): boolean;
  /** 0n: no lease. */
  leaseOf(key: string): bigint;
  /** Throws LeaseNotFoundError. */
  attach(id: bigint, key: string): void;
  detach(id: bigint, key: string): void;
}
