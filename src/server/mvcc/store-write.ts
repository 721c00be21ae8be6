// One write transaction: puts and deletes that share a main revision and have rising sub revisions. It reads its changes.
// Must stay true: a key that is overwritten or deleted is detached from its lease.
// Go: server/storage/mvcc/kvstore_txn.go
import { KeyValue } from "../../proto/gen/mvccpb";
import { Writer } from "../../proto/wire";
import type { KeyIndex } from "./key-index";
import { keyString } from "./keys";
import type { LeaseBook, RangeOptions, RangeResult, WriteTxn } from "./kv";
import { none, type Records } from "./records";

/** The most bytes of an encoded KeyValue besides key and value. */
const overheadBytes = 64;

/** The store as a write transaction uses it. */
export interface WritableStore {
  readonly revision: number;
  readonly compactRevision: number;
  readonly index: KeyIndex;
  readonly storedRecords: Records;
  readonly leases: LeaseBook;
  rangeAt(current: number, key: Uint8Array, end: Uint8Array | undefined, options: RangeOptions): RangeResult;
  /** Adds a record to its key's chain. `bytes` is the encoded `kv`. */
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
    this.setLease(key, lease);
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
      this.setLease(each, 0n);
      this.append(true, KeyValue.create({ key: each }));
    }
    return { deleted: keys.length, revision: this.revision };
  }

  private setLease(key: Uint8Array, lease: bigint): void {
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
