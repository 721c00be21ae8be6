// One write transaction: puts and deletes that share a revision and count up its sub revision. Sees its own changes.
// Must stay true: a key that is overwritten or deleted leaves its lease. Answers to etcd's mvcc/kvstore_txn.go.
import { KeyValue } from "../../proto/gen/mvccpb";
import { Writer } from "../../proto/wire";
import type { KeyIndex } from "./key-index";
import { keyString } from "./keys";
import type { LeaseBook, RangeOptions, RangeResult, WriteTxn } from "./kv";
import { none, type Records } from "./records";

/** Room in an encoded KeyValue for everything but key and value. */
const overheadBytes = 64;

/** The store as its write transaction sees it. */
export interface WritableStore {
  readonly revision: number;
  readonly compactRevision: number;
  readonly index: KeyIndex;
  readonly storedRecords: Records;
  readonly leases: LeaseBook;
  rangeAt(current: number, key: Uint8Array, end: Uint8Array | undefined, options: RangeOptions): RangeResult;
  /** Adds a record to the chain of its key. `bytes` are the encoded `kv`. */
  append(
    record: { readonly main: number; readonly sub: number; readonly tombstone: boolean },
    kv: KeyValue,
    bytes: Uint8Array,
  ): void;
}

export class StoreWrite implements WriteTxn {
  private readonly begin: number;
  private changes = 0;
  private ended = false;

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
    return this.store.rangeAt(this.revision, key, end, options);
  }

  put(key: Uint8Array, value: Uint8Array, lease: bigint): number {
    const revision = this.begin + 1;
    const existing = this.store.index.get(key, revision);
    const isNew = existing === none;
    const { storedRecords } = this.store;
    const createRevision = isNew ? revision : storedRecords.createRevision(existing);
    const version = isNew ? 1 : storedRecords.version(existing) + 1;
    this.moveToLease(key, lease);
    this.append(false, {
      key,
      value,
      createRevision: BigInt(createRevision),
      modRevision: BigInt(revision),
      version: BigInt(version),
      lease,
    });
    return revision;
  }

  deleteRange(key: Uint8Array, end: Uint8Array | undefined): { deleted: number; revision: number } {
    const keys: Buffer[] = [];
    this.store.index.walk(key, end, this.revision, (_id, chunk, place) => keys.push(chunk.key(place)) > 0);
    for (const each of keys) {
      this.moveToLease(each, 0n);
      this.append(true, KeyValue.create({ key: each }));
    }
    return { deleted: keys.length, revision: this.revision };
  }

  private moveToLease(key: Uint8Array, lease: bigint): void {
    const { leases } = this.store;
    const name = keyString(key);
    const old = leases.leaseOf(name);
    if (old === lease) return;
    if (old !== 0n) leases.detach(old, name);
    if (lease !== 0n) leases.attach(lease, name);
  }

  private append(tombstone: boolean, kv: KeyValue): void {
    if (this.ended) throw new Error("a change after the end of its write");
    const writer = new Writer(kv.key.length + kv.value.length + overheadBytes);
    KeyValue.write(writer, kv);
    this.store.append({ main: this.begin + 1, sub: this.changes, tombstone }, kv, writer.finish());
    this.changes++;
  }

  end(): void {
    if (this.ended) throw new Error("a write ended twice");
    this.ended = true;
    this.onEnd();
  }
}
