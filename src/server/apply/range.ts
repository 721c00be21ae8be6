// Range and RangeStream. A range reads, filters, sorts and cuts to the limit, in this order.
// Go: server/etcdserver/txn/range.go
import { nextKey } from "../../etcd/keys";
import type { RangeRequest, RangeResponse } from "../../proto/gen/etcdserverpb";
import {
  RangeRequest_SortOrder as Order,
  RangeRequest_SortTarget as Target,
} from "../../proto/gen/etcdserverpb";
import type { KeyValue } from "../../proto/gen/mvccpb";
import { toEnd, type Steps } from "../../storage/steps";
import { endOf } from "../mvcc/keys";
import type { FindResult, RangeOptions, ReadView } from "../mvcc/kv";
import type { Content, RecordList, RecordOrder, SortTarget } from "../mvcc/record-list";
import type { ReadableEngine } from "./engine";
import { headerAt } from "./engine";

/** A range in one go, for those who know that it is small or are alone. */
export function applyRange(engine: Pick<ReadableEngine, "store">, request: RangeRequest): RangeResponse {
  return toEnd(rangeIn(engine.store, request));
}

/** `view` is the store, or the transaction around the range. */
export function* rangeIn(view: ReadView, request: RangeRequest): Steps<RangeResponse> {
  const { records, more, count, revision } = yield* findIn(view, request);
  return { header: headerAt(revision), kvs: keyValuesOf(records), more, count: BigInt(count) };
}

/** `total`: the count includes the keys beyond the limit. */
function* findIn(
  view: ReadView,
  request: RangeRequest,
  total = true,
): Steps<FindResult & { readonly more: boolean }> {
  const limit = Number(request.limit);
  const filter = hasRevisionFilters(request) ? revisionFilter(request) : undefined;
  const inOrder = hasDefaultOrder(request) && filter === undefined;
  const found = yield* view.find(request.key, endOf(request.rangeEnd), {
    revision: Number(request.revision),
    // One more than the limit shows whether there is more.
    limit: inOrder && limit > 0 ? limit + 1 : 0,
    countOnly: request.countOnly,
    content: contentOf(request),
    countUpToLimit: !total,
    filter,
  });
  const { records } = found;
  const more = limit > 0 && records.length > limit;
  records.arrange(orderOf(request), limit > 0 ? limit : Infinity);
  return { ...found, more };
}

/** etcd answers a range of keys only from its key index, without leases. Sorted by value it reads the records. */
function contentOf({ keysOnly, sortTarget }: RangeRequest): Content {
  if (!keysOnly) return "whole";
  return sortTarget === Target.VALUE ? "without value" : "index";
}

/**
 * The records for a response. A large list is no array: it has a length and can be iterated, which is all that encoders
 * need (streams/large-message.ts).
 */
export function keyValuesOf(records: RecordList): KeyValue[] {
  return records.isLarge ? (records.detach() as Iterable<KeyValue> as KeyValue[]) : records.all();
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

function revisionFilter(request: RangeRequest): NonNullable<RangeOptions["filter"]> {
  const between = (min: bigint, max: bigint) => {
    const [low, high] = [Number(min), Number(max)];
    return (revision: number) => (low === 0 || revision >= low) && (high === 0 || revision <= high);
  };
  const isCreatedBetween = between(request.minCreateRevision, request.maxCreateRevision);
  const isChangedBetween = between(request.minModRevision, request.maxModRevision);
  return (createRevision, modRevision) => isCreatedBetween(createRevision) && isChangedBetween(modRevision);
}

const sortTargets: Readonly<Record<number, SortTarget>> = {
  [Target.KEY]: "key",
  [Target.VERSION]: "version",
  [Target.CREATE]: "create",
  [Target.MOD]: "mod",
  [Target.VALUE]: "value",
};

function orderOf({ sortOrder, sortTarget }: RangeRequest): RecordOrder | undefined {
  const target = sortTargets[sortTarget];
  if (target === undefined) throw new Error(`unchecked sort target ${sortTarget}`);
  // No order means ascending for every target.
  const descending = sortOrder === Order.DESCEND;
  return target === "key" && !descending ? undefined : { target, descending };
}

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
export async function* rangeChunks(
  { store }: Pick<ReadableEngine, "store">,
  request: RangeRequest,
  targetBytes = 256 * 1024,
): AsyncGenerator<RangeResponse, void> {
  const { turn } = store;
  if (request.countOnly) {
    yield turn.run(rangeIn(store, request));
    return;
  }
  const maxKeys = request.limit > 0n ? Number(request.limit) : Infinity;
  const revision = store.revision;
  const pinned = request.revision === 0n ? BigInt(revision) : request.revision;
  let key = request.key;
  let limit = Math.min(firstLimit, maxKeys);
  for (let sent = 0; ;) {
    const part = { ...request, key, revision: pinned, limit: BigInt(limit) };
    const { records, more } = await turn.run(findIn(store, part, false));
    const kvs = records.all();
    sent += kvs.length;
    const last = kvs[kvs.length - 1];
    if (!more || sent === maxKeys || last === undefined) {
      yield {
        header: headerAt(revision),
        kvs,
        more,
        count: BigInt(sent + (more ? await countAfter(last?.key ?? key) : 0)),
      };
      return;
    }
    yield { kvs, more: false, count: 0n };
    key = nextKey(last.key);
    limit = Math.min(adjustedLimit(limit, sizeOf(kvs), targetBytes), maxKeys - sent);
  }

  async function countAfter(lastKey: Uint8Array): Promise<number> {
    const options = { countOnly: true, revision: Number(pinned) };
    return (await turn.run(store.find(nextKey(lastKey), endOf(request.rangeEnd), options))).count;
  }
}

function sizeOf(kvs: readonly KeyValue[]): number {
  return kvs.reduce((sum, kv) => sum + kv.key.length + kv.value.length + keyValueOverheadBytes, 0);
}

function adjustedLimit(limit: number, sizeBytes: number, targetBytes: number): number {
  if (sizeBytes < targetBytes / 2) return limit * 2;
  return sizeBytes > targetBytes * 2 ? Math.max(Math.floor(limit / 2), 1) : limit;
}
