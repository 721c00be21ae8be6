// Range: read, filter, sort, cut to the limit, in this order. Also the messages of RangeStream.
// Answers to etcd's server/etcdserver/txn/range.go and rangeStream in v3_server.go.
import type { RangeRequest, RangeResponse } from "../../proto/gen/etcdserverpb";
import {
  RangeRequest_SortOrder as Order,
  RangeRequest_SortTarget as Target,
} from "../../proto/gen/etcdserverpb";
import type { KeyValue } from "../../proto/gen/mvccpb";
import { emptyBytes } from "../../proto/wire";
import { nextKey } from "../../etcd/keys";
import { endOf } from "../mvcc/keys";
import type { ReadView } from "../mvcc/kv";
import type { Engine } from "./engine";
import { headerAt } from "./engine";

export function applyRange(engine: Pick<Engine, "store">, request: RangeRequest): RangeResponse {
  return rangeIn(engine.store, request);
}

/** `view` is the store, or the transaction that the range is part of. `total`: count all keys, whatever the limit. */
export function rangeIn(view: ReadView, request: RangeRequest, total = true): RangeResponse {
  const limit = Number(request.limit);
  const inOrder = hasDefaultOrder(request) && !hasRevisionFilters(request);
  const result = view.range(request.key, endOf(request.rangeEnd), {
    revision: Number(request.revision),
    // One more than asked for shows whether there is more.
    limit: inOrder && limit > 0 ? limit + 1 : 0,
    countOnly: request.countOnly,
    // etcd answers such a range from its key index, which knows no leases; sorted by value it reads them all.
    keysOnly: request.keysOnly && request.sortTarget !== Target.VALUE,
    countUpToLimit: !total,
  });
  let kvs = filtered(result.kvs, request);
  sort(kvs, request);
  const more = limit > 0 && kvs.length > limit;
  if (more) kvs = kvs.slice(0, limit);
  if (request.keysOnly) kvs.forEach((kv) => (kv.value = emptyBytes));
  return { header: headerAt(result.revision), kvs, more, count: BigInt(result.count) };
}

export function hasDefaultOrder({ sortOrder, sortTarget }: RangeRequest): boolean {
  return sortOrder === Order.NONE || (sortTarget === Target.KEY && sortOrder === Order.ASCEND);
}

export function hasRevisionFilters(request: RangeRequest): boolean {
  return (
    request.minModRevision !== 0n ||
    request.maxModRevision !== 0n ||
    request.minCreateRevision !== 0n ||
    request.maxCreateRevision !== 0n
  );
}

function filtered(kvs: KeyValue[], request: RangeRequest): KeyValue[] {
  if (!hasRevisionFilters(request)) return kvs;
  const { minModRevision, maxModRevision, minCreateRevision, maxCreateRevision } = request;
  const inside = (revision: bigint, min: bigint, max: bigint) =>
    (min === 0n || revision >= min) && (max === 0n || revision <= max);
  return kvs.filter(
    (kv) =>
      inside(kv.modRevision, minModRevision, maxModRevision) &&
      inside(kv.createRevision, minCreateRevision, maxCreateRevision),
  );
}

function sort(kvs: KeyValue[], request: RangeRequest): void {
  // A target other than the key without an order means ascending.
  const ascending = request.sortOrder !== Order.DESCEND;
  if (request.sortTarget === Target.KEY && ascending) return;
  const compare = comparators[request.sortTarget];
  if (compare === undefined) throw new Error(`sort target ${request.sortTarget} came through validation`);
  kvs.sort(ascending ? compare : (a, b) => compare(b, a));
}

const comparators: Readonly<Record<number, (a: KeyValue, b: KeyValue) => number>> = {
  [Target.KEY]: (a, b) => Buffer.compare(a.key, b.key),
  [Target.VERSION]: (a, b) => compareInt64(a.version, b.version),
  [Target.CREATE]: (a, b) => compareInt64(a.createRevision, b.createRevision),
  [Target.MOD]: (a, b) => compareInt64(a.modRevision, b.modRevision),
  [Target.VALUE]: (a, b) => Buffer.compare(a.value, b.value),
};

export function compareInt64(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

// RangeStream's messages: one range in pieces, all at the revision of the first, growing until they near the largest
// message. Count, more and the header come with the last. Answers to rangeStream in etcd's etcdserver/v3_server.go.

const firstLimit = 10;
/** Encoded sizes are estimated: only the size of the next piece depends on them. */
const keyValueOverheadBytes = 20;

/** Reads a piece each time it is asked for one: a compaction in between ends it with CompactedError. */
export function* rangeChunks(
  { store }: Pick<Engine, "store">,
  request: RangeRequest,
  targetBytes = 256 * 1024,
): Generator<RangeResponse, void> {
  if (request.countOnly) {
    yield rangeIn(store, request);
    return;
  }
  const wanted = request.limit > 0n ? Number(request.limit) : Infinity;
  const revision = store.revision;
  const pinned = request.revision === 0n ? BigInt(revision) : request.revision;
  let key = request.key;
  let limit = Math.min(firstLimit, wanted);
  for (let sent = 0; ;) {
    const piece = rangeIn(store, { ...request, key, revision: pinned, limit: BigInt(limit) }, false);
    const { kvs, more } = piece;
    sent += kvs.length;
    const last = kvs[kvs.length - 1];
    if (!more || sent === wanted || last === undefined) {
      yield {
        header: headerAt(revision),
        kvs,
        more,
        count: BigInt(sent + (more ? rest(last?.key ?? key) : 0)),
      };
      return;
    }
    yield { kvs, more: false, count: 0n };
    key = nextKey(last.key);
    limit = Math.min(adjusted(limit, sizeOf(piece), targetBytes), wanted - sent);
  }

  function rest(lastKey: Uint8Array): number {
    const options = { countOnly: true, revision: Number(pinned) };
    return store.range(nextKey(lastKey), endOf(request.rangeEnd), options).count;
  }
}

function sizeOf({ kvs }: RangeResponse): number {
  return kvs.reduce((sum, kv) => sum + kv.key.length + kv.value.length + keyValueOverheadBytes, 0);
}

function adjusted(limit: number, sizeBytes: number, targetBytes: number): number {
  if (sizeBytes < targetBytes / 2) return limit * 2;
  return sizeBytes > targetBytes * 2 ? Math.max(Math.floor(limit / 2), 1) : limit;
}
