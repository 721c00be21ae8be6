// Random operations. Each is made from one number and the present state of the model, so that a list of numbers is a history,
// and a shorter list is one too.
import { isReadOnlyTxn } from "../../src/etcd/methods";
import {
  Compare,
  Compare_CompareTarget as CompareTarget,
  CompactionRequest,
  DeleteRangeRequest,
  LeaseGrantRequest,
  PutRequest,
  RangeRequest,
  RangeRequest_SortOrder as Order,
  TxnRequest,
  WatchCreateRequest,
  WatchCreateRequest_FilterType as FilterType,
  type RequestOp,
} from "../../src/proto/gen/etcdserverpb";
import { seeded } from "../support/seeded";
import { bytesOf, textOf, type NaiveStore } from "./naive-store";

/** A change of what the log has. */
export type Change =
  | { readonly kind: "put"; readonly request: PutRequest }
  | { readonly kind: "deleteRange"; readonly request: DeleteRangeRequest }
  | { readonly kind: "txn"; readonly request: TxnRequest }
  | { readonly kind: "compact"; readonly request: CompactionRequest }
  | { readonly kind: "grant"; readonly request: LeaseGrantRequest }
  | { readonly kind: "revoke"; readonly id: bigint };

export type Operation =
  | Change
  | { readonly kind: "range"; readonly request: RangeRequest }
  | { readonly kind: "rangeStream"; readonly request: RangeRequest }
  | { readonly kind: "timeToLive"; readonly id: bigint }
  | { readonly kind: "leases" }
  | { readonly kind: "keepAlive"; readonly id: bigint }
  | { readonly kind: "advance"; readonly ms: number }
  | { readonly kind: "watch"; readonly request: WatchCreateRequest }
  | { readonly kind: "endWatch"; readonly index: number }
  | { readonly kind: "defragment" }
  | { readonly kind: "restart" }
  | { readonly kind: "burst"; readonly changes: number }
  | {
      readonly kind: "crash";
      readonly changes: number;
      readonly turns: number;
      readonly losesPower: boolean;
    };

const keys = ["a", "a/", "a/1", "a/2", "a/3", "b", "b\0", "b/x", "b/x/y", "c", "\xff", "\xff\xff"];
const values = ["", "0", "1", "2", "10", "same", "x".repeat(300)];
const maxLeases = 8;
const unknownLease = 77n;

type Below = (below: number) => number;

export class Operations {
  constructor(
    private readonly store: NaiveStore,
    private readonly random: Below,
  ) {}

  /** `share` of a hundred. */
  private chance(share: number): boolean {
    return this.random(100) < share;
  }

  private oneOf<T>(list: readonly T[]): T {
    return list[this.random(list.length)] as T;
  }

  next(): Operation {
    const n = this.random(1000);
    if (n < 380) return this.change();
    if (n < 400) return { kind: "txn", request: this.txn(0) };
    if (n < 650) return { kind: "range", request: this.range() };
    if (n < 680) return { kind: "rangeStream", request: this.streamed() };
    if (n < 720) return { kind: "timeToLive", id: this.lease() };
    if (n < 735) return { kind: "leases" };
    if (n < 775) return { kind: "keepAlive", id: this.lease() };
    if (n < 855) return { kind: "advance", ms: 1 + this.random(4000) };
    if (n < 895) return { kind: "watch", request: this.watch() };
    if (n < 930) return { kind: "endWatch", index: this.random(8) };
    if (n < 934) return { kind: "defragment" };
    if (n < 936) return { kind: "restart" };
    if (n < 940) {
      return {
        kind: "crash",
        changes: 1 + this.random(12),
        turns: this.random(30),
        losesPower: this.chance(50),
      };
    }
    return { kind: "burst", changes: 2 + this.random(10) };
  }

  change(): Change {
    const n = this.random(100);
    if (n < 45) return { kind: "put", request: this.put() };
    if (n < 60) return { kind: "deleteRange", request: this.delete() };
    if (n < 85) return { kind: "txn", request: this.writingTxn() };
    if (n < 89) return { kind: "compact", request: this.compact() };
    if (n < 95 && this.store.leases.size < maxLeases) return { kind: "grant", request: this.grant() };
    if (n < 98) return { kind: "revoke", id: this.lease() };
    return { kind: "put", request: this.put() };
  }

  private key(): Uint8Array {
    return bytesOf(this.oneOf(keys));
  }

  private keyRange(): { key: Uint8Array; rangeEnd: Uint8Array } {
    const key = this.oneOf(keys);
    const n = this.random(10);
    if (n < 4) return { key: bytesOf(key), rangeEnd: bytesOf("") };
    if (n < 6) return { key: bytesOf("\0"), rangeEnd: bytesOf("\0") };
    if (n < 7) return { key: bytesOf(key), rangeEnd: bytesOf("\0") };
    return { key: bytesOf(key), rangeEnd: bytesOf(this.oneOf(keys)) };
  }

  /** An old revision, the present one, or one that is compacted or in the future. */
  private revision(): bigint {
    const { revision, compactRevision } = this.store;
    const oldest = Math.max(1, compactRevision);
    if (this.chance(8)) return BigInt(revision + 1 + this.random(2));
    if (this.chance(8)) return BigInt(Math.max(1, compactRevision - this.random(3)));
    return BigInt(oldest + this.random(revision - oldest + 1));
  }

  private lease(): bigint {
    const { leases } = this.store;
    return leases.size === 0 || this.chance(10) ? unknownLease : this.oneOf([...leases.keys()]);
  }

  private put(): PutRequest {
    const request = { key: this.key(), prevKv: this.chance(30) };
    const ignoreValue = this.chance(8);
    const ignoreLease = this.chance(8);
    return PutRequest.create({
      ...request,
      ...{ ignoreValue, ignoreLease, value: bytesOf(ignoreValue ? "" : this.oneOf(values)) },
      lease: !ignoreLease && this.chance(30) ? this.lease() : 0n,
    });
  }

  private delete(): DeleteRangeRequest {
    const range = this.chance(70) ? { key: this.key() } : this.keyRange();
    return DeleteRangeRequest.create({ ...range, prevKv: this.chance(30) });
  }

  private compact(): CompactionRequest {
    const { revision, compactRevision } = this.store;
    const recent = BigInt(Math.max(compactRevision, revision - this.random(60)));
    const chosen = this.chance(20) ? this.revision() : recent > 0n ? recent : 1n;
    return CompactionRequest.create({ revision: chosen, physical: this.chance(50) });
  }

  /** No two leases may expire at the same moment: their order would be by chance, also after a restart. */
  private grant(): LeaseGrantRequest {
    const { leases, nowMs } = this.store;
    const taken = new Set(
      [...leases.values()].flatMap(({ ttl, expiresAtMs }) => [Number(ttl) * 1000, expiresAtMs]),
    );
    let ttl = 2 + this.random(40);
    while (taken.has(ttl * 1000) || taken.has(nowMs + ttl * 1000)) ttl++;
    const id = leases.size > 0 && this.chance(5) ? this.lease() : BigInt(1000 + this.random(2 ** 30));
    return LeaseGrantRequest.create({ ID: id, TTL: BigInt(ttl === 2 && this.chance(50) ? 1 : ttl) });
  }

  range(): RangeRequest {
    const bound = () => (this.chance(7) ? this.revision() : 0n);
    const isSorted = this.chance(40);
    return RangeRequest.create({
      ...this.keyRange(),
      revision: this.chance(40) ? this.revision() : 0n,
      limit: this.chance(30) ? BigInt(1 + this.random(6)) : 0n,
      sortOrder: isSorted ? this.random(3) : Order.NONE,
      sortTarget: isSorted ? this.random(5) : 0,
      ...{ serializable: this.chance(30), keysOnly: this.chance(15), countOnly: this.chance(10) },
      ...{ minModRevision: bound(), maxModRevision: bound() },
      ...{ minCreateRevision: bound(), maxCreateRevision: bound() },
    });
  }

  private streamed(): RangeRequest {
    const { key, rangeEnd, revision, limit, keysOnly } = this.range();
    return RangeRequest.create({ key, rangeEnd, revision, limit, keysOnly });
  }

  private txn(depth: number): TxnRequest {
    const compare = Array.from({ length: this.random(3) }, () => this.compare());
    return TxnRequest.create({ compare, success: this.branch(depth), failure: this.branch(depth) });
  }

  /** A txn that only reads is not in the log: it may be answered before changes that were sent before it. */
  private writingTxn(): TxnRequest {
    const request = this.txn(0);
    if (!isReadOnlyTxn(request)) return request;
    return { ...request, failure: [{ request: { case: "requestPut", value: this.put() } }] };
  }

  private compare(): Compare {
    const target = this.random(5);
    const result = this.random(4);
    const { key, rangeEnd } = this.chance(25) ? this.keyRange() : { key: this.key(), rangeEnd: bytesOf("") };
    const count = BigInt(this.random(4));
    const targetUnion = (
      target === CompareTarget.VERSION
        ? { case: "version", value: count }
        : target === CompareTarget.CREATE
          ? { case: "createRevision", value: this.chance(40) ? 0n : this.revision() }
          : target === CompareTarget.MOD
            ? { case: "modRevision", value: this.chance(20) ? 0n : this.revision() }
            : target === CompareTarget.LEASE
              ? { case: "lease", value: this.chance(50) ? 0n : this.lease() }
              : { case: "value", value: bytesOf(this.oneOf(values)) }
    ) satisfies Compare["targetUnion"];
    return Compare.create({ target, result, key, rangeEnd, targetUnion });
  }

  private branch(depth: number): RequestOp[] {
    return Array.from({ length: this.random(4) }, (): RequestOp => {
      const n = this.random(10);
      if (n < 3) return { request: { case: "requestRange", value: this.range() } };
      if (n < 7) return { request: { case: "requestPut", value: this.put() } };
      if (n < 9 || depth === 2) return { request: { case: "requestDeleteRange", value: this.delete() } };
      return { request: { case: "requestTxn", value: this.txn(depth + 1) } };
    });
  }

  private watch(): WatchCreateRequest {
    const filters = this.chance(15) ? [this.oneOf([FilterType.NOPUT, FilterType.NODELETE])] : [];
    const { key, rangeEnd } = this.keyRange();
    const isEmpty = rangeEnd.length > 0 && textOf(rangeEnd) !== "\0" && textOf(rangeEnd) <= textOf(key);
    return WatchCreateRequest.create({
      ...{ key, rangeEnd: isEmpty ? bytesOf("\0") : rangeEnd },
      startRevision: this.chance(80) ? this.revision() : 0n,
      ...{ filters, prevKv: this.chance(50), fragment: this.chance(20) },
    });
  }
}

export function operationOf(seed: number, store: NaiveStore): Operations {
  return new Operations(store, seeded(seed));
}

/** One line for a failure's history. */
export function describe(operation: Operation | Change): string {
  const { kind, ...rest } = operation;
  const shown = JSON.stringify(rest, function (this: Record<string, unknown>, name) {
    const value = this[name];
    if (value instanceof Uint8Array) return value.length === 0 ? undefined : textOf(value).slice(0, 10);
    if (typeof value === "bigint") return value === 0n ? undefined : Number(value);
    const isDefault = value === false || value === 0 || (Array.isArray(value) && value.length === 0);
    return isDefault ? undefined : value;
  });
  return `${kind} ${shown}`;
}
