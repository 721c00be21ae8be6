// One write transaction: puts and deletes that share a revision and count up its sub revision. Sees its own changes.
// Must stay true: a key that is overwritten or deleted leaves its lease. Answers to etcd's mvcc/kvstore_txn.go.
import { KeyValue } from "../../proto/gen/mvccpb";
import { Writer } from "../../proto/wire";
import { keyString } from "./key-bytes";
import type { RangeOptions, RangeResult, WriteTxn } from "./kv";
import { NONE } from "./records";
import type { VersionedStore } from "./versioned-store";

/** Room in an encoded KeyValue for everything but key and value. */
const OVERHEAD_BYTES = 64;

export class StoreWrite implements WriteTxn {
  private readonly begin: number;
  private changes = 0;
  private ended = false;

  constructor(
    private readonly store: VersionedStore,
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
    const isNew = existing === NONE;
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
    const writer = new Writer(kv.key.length + kv.value.length + OVERHEAD_BYTES);
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
