// Range and RangeStream. A range reads, filters, sorts and cuts to the limit, in this order.
// Go: server/etcdserver/txn/range.go
import { nextKey } from "../../etcd/keys";
import type { RangeRequest, RangeResponse } from "../../proto/gen/etcdserverpb";
import {
  RangeRequest_SortOrder as Order,
  RangeRequest_SortTarget as Target,
} from "../../proto/gen/etcdserverpb";
import type { KeyValue } from "../../proto/gen/mvccpb";
import { emptyBytes } from "../../proto/wire";
import { endOf } from "../mvcc/keys";
import type { ReadView } from "../mvcc/kv";
import type { ReadableEngine } from "./engine";
import { headerAt } from "./engine";

export function applyRange(engine: Pick<ReadableEngine, "store">, request: RangeRequest): RangeResponse {
  return rangeIn(engine.store, request);
}

/** `view` is the store, or the transaction around the range. `total`: the count includes the keys beyond the limit. */
export function rangeIn(view: ReadView, request: RangeRequest, total = true): RangeResponse {
  const limit = Number(request.limit);
  const inOrder = hasDefaultOrder(request) && !hasRevisionFilters(request);
  const result = view.range(request.key, endOf(request.rangeEnd), {
    revision: Number(request.revision),
    // One more than the limit shows whether there is more.
    limit: inOrder && limit > 0 ? limit + 1 : 0,
    countOnly: request.countOnly,
    // etcd answers such a range from its key index, without leases. Sorted by value it reads the records.
    keysOnly: request.keysOnly && request.sortTarget !== Target.VALUE,
    countUpToLimit: !total,
  });
  let kvs = filter(result.kvs, request);
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

function filter(kvs: KeyValue[], request: RangeRequest): KeyValue[] {
  if (!hasRevisionFilters(request)) return kvs;
  const { minModRevision, maxModRevision, minCreateRevision, maxCreateRevision } = request;
  const isBetween = (revision: bigint, min: bigint, max: bigint) =>
    (min === 0n || revision >= min) && (max === 0n || revision <= max);
  return kvs.filter(
    (kv) =>
      isBetween(kv.modRevision, minModRevision, maxModRevision) &&
      isBetween(kv.createRevision, minCreateRevision, maxCreateRevision),
  );
}

function sort(kvs: KeyValue[], request: RangeRequest): void {
  // No order means ascending for every target.
  const ascending = request.sortOrder !== Order.DESCEND;
  if (request.sortTarget === Target.KEY && ascending) return;
  const compare = comparators[request.sortTarget];
  if (compare === undefined) throw new Error(`unchecked sort target ${request.sortTarget}`);
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

const firstLimit = 10;
/** For an estimate of encoded sizes. Only the size of the next chunk depends on it. */
const keyValueOverheadBytes = 20;

/**
 * The messages of a RangeStream: one range in chunks, all at the revision of the first. Chunks grow towards `targetBytes`.
 * The last one has the header, count and more. Each chunk is read when it is needed, so a compaction between two chunks
 * ends the stream with CompactedError. Go: rangeStream in server/etcdserver/v3_server.go
 */
export function* rangeChunks(
  { store }: Pick<ReadableEngine, "store">,
  request: RangeRequest,
  targetBytes = 256 * 1024,
): Generator<RangeResponse, void> {
  if (request.countOnly) {
    yield rangeIn(store, request);
    return;
  }
  const maxKeys = request.limit > 0n ? Number(request.limit) : Infinity;
  const revision = store.revision;
  const pinned = request.revision === 0n ? BigInt(revision) : request.revision;
  let key = request.key;
  let limit = Math.min(firstLimit, maxKeys);
  for (let sent = 0; ;) {
    const chunk = rangeIn(store, { ...request, key, revision: pinned, limit: BigInt(limit) }, false);
    const { kvs, more } = chunk;
    sent += kvs.length;
    const last = kvs[kvs.length - 1];
    if (!more || sent === maxKeys || last === undefined) {
      yield {
        header: headerAt(revision),
        kvs,
        more,
        count: BigInt(sent + (more ? countAfter(last?.key ?? key) : 0)),
      };
      return;
    }
    yield { kvs, more: false, count: 0n };
    key = nextKey(last.key);
    limit = Math.min(adjustedLimit(limit, sizeOf(chunk), targetBytes), maxKeys - sent);
  }

  function countAfter(lastKey: Uint8Array): number {
    const options = { countOnly: true, revision: Number(pinned) };
    return store.range(nextKey(lastKey), endOf(request.rangeEnd), options).count;
  }
}

function sizeOf({ kvs }: RangeResponse): number {
  return kvs.reduce((sum, kv) => sum + kv.key.length + kv.value.length + keyValueOverheadBytes, 0);
}

function adjustedLimit(limit: number, sizeBytes: number, targetBytes: number): number {
  if (sizeBytes < targetBytes / 2) return limit * 2;
  return sizeBytes > targetBytes * 2 ? Math.max(Math.floor(limit / 2), 1) : limit;
}
