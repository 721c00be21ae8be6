// One write transaction: puts and deletes that share a main revision and have rising sub revisions. It reads its changes.
// Must stay true: a key that is overwritten or deleted is detached from its lease.
// Go: server/storage/mvcc/kvstore_txn.go
import type { KeyValue } from "../../proto/gen/mvccpb";
import type { Steps } from "../../storage/steps";
import type { KeyChunk } from "./key-chunk";
import type { ServerMetrics } from "../metrics/server-metrics";
import type { KeyIndex } from "./key-index";
import { keyString } from "./keys";
import type { FindResult, LeaseBook, RangeOptions, RangeResult, ReadView, WriteTxn } from "./kv";
import { none, type Records } from "./records";

/** The store as a write transaction uses it. */
export interface WritableStore {
  readonly revision: number;
  readonly compactRevision: number;
  readonly index: KeyIndex;
  readonly storedRecords: Records;
  readonly leases: LeaseBook;
  readonly metrics: ServerMetrics;
  rangeAt(view: ReadView, key: Uint8Array, end: Uint8Array | undefined, options: RangeOptions): RangeResult;
  findAt(
    view: ReadView,
    key: Uint8Array,
    end: Uint8Array | undefined,
    options: RangeOptions,
  ): Steps<FindResult>;
  append(main: number, sub: number, kv: KeyValue): void;
  appendTombstone(main: number, sub: number, chunk: KeyChunk, place: number): void;
}

export class StoreWrite implements WriteTxn {
  private readonly begin: number;
  changes = 0;
  private ended = false;
  /** Ranges, puts and deletes. */
  private ops = 0;

  constructor(
    private readonly store: WritableStore,
    private readonly onEnd: () => void,
  ) {
    this.begin = store.revision;
  }

  get revision(): number {
    return this.changed ? this.begin + 1 : this.begin;
  }

  get compactRevision(): number {
    return this.store.compactRevision;
  }

  get changed(): boolean {
    return this.changes > 0;
  }

  range(key: Uint8Array, end: Uint8Array | undefined, options: RangeOptions = {}): RangeResult {
    this.ops++;
    this.store.metrics.ranges++;
    return this.store.rangeAt(this, key, end, options);
  }

  find(key: Uint8Array, end: Uint8Array | undefined, options: RangeOptions = {}): Steps<FindResult> {
    this.ops++;
    this.store.metrics.ranges++;
    return this.store.findAt(this, key, end, options);
  }

  put(key: Uint8Array, value: Uint8Array, lease: bigint): number {
    const { metrics } = this.store;
    this.ops++;
    metrics.puts++;
    metrics.putBytes += key.length + value.length;
    const revision = this.begin + 1;
    const existing = this.store.index.get(key, revision);
    const isNew = existing === none;
    const { storedRecords } = this.store;
    const createRevision = isNew ? revision : storedRecords.createRevision(existing);
    const version = isNew ? 1 : storedRecords.version(existing) + 1;
    this.setLease(key, lease);
    this.append({
      key,
      value,
      createRevision: BigInt(createRevision),
      modRevision: BigInt(revision),
      version: BigInt(version),
      lease,
    });
    return revision;
  }

  *deleteRange(key: Uint8Array, end: Uint8Array | undefined): Steps<{ deleted: number; revision: number }> {
    this.assertOpen();
    this.ops++;
    this.store.metrics.deletes++;
    const { store, begin } = this;
    const { storedRecords } = store;
    const before = this.changes;
    yield* store.index.walkInSteps(key, end, this.revision, (id, chunk, place) => {
      if (storedRecords.isLeased(id)) this.setLease(chunk.key(place), 0n);
      store.appendTombstone(begin + 1, this.changes++, chunk, place);
      return true;
    });
    return { deleted: this.changes - before, revision: this.revision };
  }

  private setLease(key: Uint8Array, lease: bigint): void {
    const { leases } = this.store;
    const name = keyString(key);
    const old = leases.leaseOf(name);
    if (old === lease) return;
    if (old !== 0n) leases.detach(old, name);
    if (lease !== 0n) leases.attach(lease, name);
  }

  private append(kv: KeyValue): void {
    this.assertOpen();
    this.store.append(this.begin + 1, this.changes, kv);
    this.changes++;
  }

  private assertOpen(): void {
    if (this.ended) throw new Error("a change after the end of its write");
  }

  end(): void {
    if (this.ended) throw new Error("a write ended twice");
    this.ended = true;
    if (this.ops > 1) this.store.metrics.txns++;
    this.onEnd();
  }
}
