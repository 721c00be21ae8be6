// The contract of the multi-version store, as etcd's mvcc/kv.go states it; knows no gRPC. Revisions are numbers in
// the engine: a store of 2^53 revisions cannot be reached, and db files that claim more are refused when opened.
// Keys and ends: `end` undefined: the one key; empty: everything from `key` on; else the half-open range [key, end).
import type { KeyValue } from "../../proto/gen/mvccpb";

export interface RangeOptions {
  /** 0 or absent: no limit. */
  readonly limit?: number;
  /** 0 or absent: the newest. */
  readonly revision?: number;
  readonly countOnly?: boolean;
  /** Values and leases are left out. */
  readonly keysOnly?: boolean;
  /** Counts no further than the limit, for readers that need no total. */
  readonly countUpToLimit?: boolean;
}

export interface RangeResult {
  readonly kvs: KeyValue[];
  /** Keys in the range, whatever the limit (but for countUpToLimit). */
  readonly count: number;
  /** Revision of the store when it was read. */
  readonly revision: number;
}

export interface ReadView {
  /** Revision of the last write; 1 for a new store. */
  readonly revision: number;
  /** Last compacted revision; -1 when never compacted. */
  readonly compactRevision: number;
  /** Throws CompactedError or FutureRevisionError. */
  range(key: Uint8Array, end: Uint8Array | undefined, options?: RangeOptions): RangeResult;
}

/** All changes of one write share one main revision; nothing is visible to readers or watchers before end(). */
export interface WriteTxn extends ReadView {
  /** Returns the revision of the change. */
  put(key: Uint8Array, value: Uint8Array, lease: bigint): number;
  deleteRange(key: Uint8Array, end: Uint8Array | undefined): { deleted: number; revision: number };
  /** Whether put or deleteRange has changed anything yet. */
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
  /** Forgets what was overwritten or deleted before `revision`. Throws CompactedError or FutureRevisionError. */
  compact(revision: number): void;
  /** CRC-32C over the revisions up to `revision` (0: the newest), equal to etcd's for the same history. */
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

// What the store asks of the lessor: which lease a key belongs to. Keys are latin1 strings of their bytes.
// Answers to the part of etcd's lease.Lessor that mvcc uses.

export interface LeaseBook {
  has(id: bigint): boolean;
  /** 0n: none. */
  leaseOf(key: string): bigint;
  /** Throws LeaseNotFoundError. */
  attach(id: bigint, key: string): void;
  detach(id: bigint, key: string): void;
}
