// The responses of etcd to each request, computed in the plainest way from the naive store.
import {
  Compare_CompareResult as Result,
  Compare_CompareTarget as CompareTarget,
  RangeRequest_SortOrder as Order,
  RangeRequest_SortTarget as SortTarget,
  type Compare,
  type DeleteRangeRequest,
  type DeleteRangeResponse,
  type PutRequest,
  type PutResponse,
  type RangeRequest,
  type RangeResponse,
  type RequestOp,
  type ResponseHeader,
  type ResponseOp,
  type TxnRequest,
  type TxnResponse,
} from "../../src/proto/gen/etcdserverpb";
import type { KeyValue } from "../../src/proto/gen/mvccpb";
import { bytesOf, NaiveStore, refuse, textOf, type Version } from "./naive-store";

/** Only the revision counts: the ids and the term are the server's. */
const headerAt = (revision: number): ResponseHeader => ({
  ...{ clusterId: 0n, memberId: 0n, raftTerm: 0n },
  revision: BigInt(revision),
});

const empty = new Uint8Array();

function keyValueOf(key: string, found: Version): KeyValue {
  const { value, create, main, version, lease } = found;
  const revisions = { createRevision: BigInt(create), modRevision: BigInt(main), version: BigInt(version) };
  return { key: bytesOf(key), value: bytesOf(value), lease, ...revisions };
}

export class NaiveServer {
  readonly store = new NaiveStore();

  range(request: RangeRequest): RangeResponse {
    const { store } = this;
    const revision = Number(request.revision);
    if (revision > store.writing) refuse("mvcc: required revision is a future revision");
    const at = revision > 0 ? revision : Infinity;
    if (revision > 0 && revision < store.compactRevision)
      refuse("mvcc: required revision has been compacted");
    const all = store.keysIn(textOf(request.key), textOf(request.rangeEnd)).flatMap((key) => {
      const found = store.at(key, at);
      return found === undefined ? [] : [keyValueOf(key, found)];
    });
    const chosen = all.filter(
      ({ modRevision: mod, createRevision: create }) =>
        isBetween(mod, request.minModRevision, request.maxModRevision) &&
        isBetween(create, request.minCreateRevision, request.maxCreateRevision),
    );
    const limit = request.limit > 0n ? Number(request.limit) : Infinity;
    // etcd stops at the limit before it sorts, if no order is given.
    const read =
      request.sortOrder === Order.NONE && !isFiltered(request) ? chosen.slice(0, limit + 1) : chosen;
    const sorted = request.countOnly ? [] : sortedBy(read, request);
    return {
      header: headerAt(store.writing),
      kvs: sorted.slice(0, limit).map((kv) => withoutValue(kv, request)),
      more: sorted.length > limit,
      count: BigInt(all.length),
    };
  }

  put(request: PutRequest): PutResponse {
    this.checkPut(request);
    const response = this.putIn(request);
    this.store.commit();
    return response;
  }

  /** Sees the store before the write. */
  private checkPut({ key, lease, ignoreValue, ignoreLease }: PutRequest): void {
    const { store } = this;
    if (lease !== 0n && !store.leases.has(lease)) refuse("requested lease not found");
    const exists = store.at(textOf(key), store.revision) !== undefined;
    if ((ignoreValue || ignoreLease) && !exists) refuse("key not found");
  }

  private putIn(request: PutRequest): PutResponse {
    const { store } = this;
    const key = textOf(request.key);
    const before = store.now(key);
    // etcd panics if the txn has deleted the key before. Here, the value before the txn counts.
    const old = before ?? store.at(key, store.revision);
    const value = request.ignoreValue ? (old?.value ?? "") : textOf(request.value);
    store.put(key, value, request.ignoreLease ? (old?.lease ?? 0n) : request.lease);
    const prevKv = request.prevKv && before !== undefined ? keyValueOf(key, before) : undefined;
    return { header: headerAt(store.writing), prevKv };
  }

  deleteRange(request: DeleteRangeRequest): DeleteRangeResponse {
    const response = this.deleteIn(request);
    this.store.commit();
    return response;
  }

  private deleteIn(request: DeleteRangeRequest): DeleteRangeResponse {
    const { store } = this;
    const deleted = store.keysIn(textOf(request.key), textOf(request.rangeEnd)).flatMap((key) => {
      const found = store.now(key);
      return found === undefined ? [] : [keyValueOf(key, found)];
    });
    for (const { key } of deleted) store.delete(textOf(key));
    const prevKvs = request.prevKv ? deleted : [];
    return { header: headerAt(store.writing), deleted: BigInt(deleted.length), prevKvs };
  }

  txn(request: TxnRequest): TxnResponse {
    changesOf(request.success);
    changesOf(request.failure);
    const chosen = this.choose(request);
    this.checkChosen(chosen);
    const response = this.execute(chosen);
    this.store.commit();
    return { ...response, header: headerAt(this.store.revision) };
  }

  private choose(request: TxnRequest): Chosen {
    const succeeded = request.compare.every((each) => this.holds(each));
    const ops = (succeeded ? request.success : request.failure).map(({ request: op }) =>
      op?.case === "requestTxn" ? this.choose(op.value) : op,
    );
    return { succeeded, ops };
  }

  private holds(compare: Compare): boolean {
    const { store } = this;
    const found = store
      .keysIn(textOf(compare.key), textOf(compare.rangeEnd))
      .flatMap((key) => store.now(key) ?? []);
    if (found.length > 0) return found.every((each) => holdsFor(compare, fieldOf(compare, each)));
    return compare.target !== CompareTarget.VALUE && holdsFor(compare, 0n);
  }

  private checkChosen({ ops }: Chosen): void {
    for (const op of ops) {
      if (op === undefined) continue;
      if ("ops" in op) this.checkChosen(op);
      else if (op.case === "requestPut") this.checkPut(op.value);
      else if (op.case === "requestRange") this.checkRevision(Number(op.value.revision));
    }
  }

  private checkRevision(revision: number): void {
    if (revision === 0) return;
    if (revision > this.store.revision) refuse("mvcc: required revision is a future revision");
    if (revision < this.store.compactRevision) refuse("mvcc: required revision has been compacted");
  }

  private execute({ succeeded, ops }: Chosen): TxnResponse {
    const responses = ops.map((op): ResponseOp => ({ response: this.executeOp(op) }));
    return { header: headerAt(0), succeeded, responses };
  }

  private executeOp(op: Chosen["ops"][number]): ResponseOp["response"] {
    if (op === undefined) return undefined;
    if ("ops" in op) return { case: "responseTxn", value: this.execute(op) };
    switch (op.case) {
      case "requestRange":
        return { case: "responseRange", value: this.range(op.value) };
      case "requestPut":
        return { case: "responsePut", value: this.putIn(op.value) };
      case "requestDeleteRange":
        return { case: "responseDeleteRange", value: this.deleteIn(op.value) };
      default:
        return undefined;
    }
  }
}

interface Chosen {
  readonly succeeded: boolean;
  readonly ops: readonly (Chosen | RequestOp["request"])[];
}

interface Changes {
  readonly puts: readonly string[];
  readonly deletes: readonly DeleteRangeRequest[];
}

/**
 * What a branch changes. A key may be put once, and not be deleted too; only one branch of an inner txn runs. As in etcd, a put
 * in an inner txn meets the deletes beside it and those of the inner txns before it, but not of those after it.
 */
function changesOf(ops: readonly RequestOp[]): Changes {
  const puts: string[] = [];
  const deletes = ops.flatMap(({ request: op }) => (op?.case === "requestDeleteRange" ? [op.value] : []));
  const add = (key: string, isPut: boolean) => {
    if (isPut || deletes.some((each) => isDeletedBy(each, key))) refuse("duplicate key given in txn request");
    if (!puts.includes(key)) puts.push(key);
  };
  for (const { request: op } of ops) {
    if (op?.case !== "requestTxn") continue;
    const success = changesOf(op.value.success);
    const failure = changesOf(op.value.failure);
    for (const key of success.puts) add(key, puts.includes(key));
    for (const key of failure.puts) add(key, puts.includes(key) && !success.puts.includes(key));
    deletes.push(...success.deletes, ...failure.deletes);
  }
  for (const { request: op } of ops)
    if (op?.case === "requestPut") add(textOf(op.value.key), puts.includes(textOf(op.value.key)));
  return { puts, deletes };
}

/** A range up to the last key does not count: that is how etcd does it. */
function isDeletedBy(request: DeleteRangeRequest, key: string): boolean {
  const [from, end] = [textOf(request.key), textOf(request.rangeEnd)];
  return end === "" ? key === from : key >= from && key < end;
}

function fieldOf({ target }: Compare, { value, create, main, version, lease }: Version): bigint | string {
  switch (target) {
    case CompareTarget.VERSION:
      return BigInt(version);
    case CompareTarget.CREATE:
      return BigInt(create);
    case CompareTarget.MOD:
      return BigInt(main);
    case CompareTarget.LEASE:
      return lease;
    default:
      return value;
  }
}

function holdsFor({ result, targetUnion }: Compare, field: bigint | string): boolean {
  const given = targetUnion?.value ?? 0n;
  const wanted = given instanceof Uint8Array ? textOf(given) : given;
  switch (result) {
    case Result.EQUAL:
      return field === wanted;
    case Result.NOT_EQUAL:
      return field !== wanted;
    case Result.GREATER:
      return field > wanted;
    default:
      return field < wanted;
  }
}

const isFiltered = (request: RangeRequest) =>
  [request.minModRevision, request.maxModRevision, request.minCreateRevision, request.maxCreateRevision].some(
    (revision) => revision !== 0n,
  );

const isBetween = (revision: bigint, min: bigint, max: bigint) =>
  (min === 0n || revision >= min) && (max === 0n || revision <= max);

function sortedBy(kvs: readonly KeyValue[], { sortTarget, sortOrder }: RangeRequest): KeyValue[] {
  const fieldOfKv = (kv: KeyValue): string | bigint => {
    if (sortTarget === SortTarget.VERSION) return kv.version;
    if (sortTarget === SortTarget.CREATE) return kv.createRevision;
    if (sortTarget === SortTarget.MOD) return kv.modRevision;
    return textOf(sortTarget === SortTarget.VALUE ? kv.value : kv.key);
  };
  const sign = sortOrder === Order.DESCEND ? -1 : 1;
  const compare = (a: string | bigint, b: string | bigint) => (a < b ? -sign : a > b ? sign : 0);
  // Equal ones stay in the order of their keys. In etcd their order is by chance.
  return [...kvs].sort((a, b) => compare(fieldOfKv(a), fieldOfKv(b)));
}

/** etcd reads only its key index for keys without values, which does not know leases, unless it has to sort by value. */
function withoutValue(kv: KeyValue, { keysOnly, sortTarget }: RangeRequest): KeyValue {
  if (!keysOnly) return kv;
  return { ...kv, value: empty, lease: sortTarget === SortTarget.VALUE ? kv.lease : 0n };
}
