// RangeStream's messages: one range in pieces, all at the revision of the first, growing until they near the largest
// message. Count, more and the header come with the last. Answers to rangeStream in etcd's etcdserver/v3_server.go.
import type { RangeRequest, RangeResponse } from "../../proto/gen/etcdserverpb";
import { after, endOf } from "../mvcc/key-bytes";
import type { Engine } from "./engine";
import { headerAt } from "./header";
import { rangeIn } from "./range";

const FIRST_LIMIT = 10;
/** Encoded sizes are estimated: only the size of the next piece depends on them. */
const KEY_VALUE_OVERHEAD_BYTES = 20;

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
  let limit = Math.min(FIRST_LIMIT, wanted);
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
    key = after(last.key);
    limit = Math.min(adjusted(limit, sizeOf(piece), targetBytes), wanted - sent);
  }

  function rest(lastKey: Uint8Array): number {
    const options = { countOnly: true, revision: Number(pinned) };
    return store.range(after(lastKey), endOf(request.rangeEnd), options).count;
  }
}

function sizeOf({ kvs }: RangeResponse): number {
  return kvs.reduce((sum, kv) => sum + kv.key.length + kv.value.length + KEY_VALUE_OVERHEAD_BYTES, 0);
}

function adjusted(limit: number, sizeBytes: number, targetBytes: number): number {
  if (sizeBytes < targetBytes / 2) return limit * 2;
  return sizeBytes > targetBytes * 2 ? Math.max(Math.floor(limit / 2), 1) : limit;
}
