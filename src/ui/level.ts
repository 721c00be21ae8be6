// One level of the tree, without reading what is below it: after the first key of a folder, the next range begins after the
// folder's last one. So a level costs a range for each large folder, however many keys that has. A page of a level has a
// limited number of entries and ends early when the server is slow.
import { isOpenRangeEnd, nextKey, prefixEnd } from "../etcd/keys";
import { RangeRequest } from "../proto/gen/etcdserverpb";
import type { Counts, Entry, Level } from "./api";
import { base64Of, labelOf, nameBelow, rangeBelow } from "./names";
import { callOf, type Caller } from "./source";

const maxEntries = 200;
const patienceMs = 500;
const keysOfCall = { first: 64, least: 16, most: 512 };

export async function readLevel(
  prefix: Uint8Array,
  after: Uint8Array | undefined,
  caller: Caller,
): Promise<Level> {
  const { client, clock } = caller.source;
  const range = rangeBelow(prefix);
  const entries: Entry[] = [];
  const giveUpAt = clock.now() + patienceMs;
  let cursor = after ?? range.key;
  let limit = keysOfCall.first;
  const page = (): Level => ({ entries, next: base64Of(cursor) });
  for (;;) {
    const request = {
      key: cursor,
      rangeEnd: range.rangeEnd,
      limit: BigInt(limit),
      keysOnly: true,
      serializable: true,
    };
    const { kvs, more } = await client.kv.range(RangeRequest.create(request), callOf(caller));
    const before = entries.length;
    for (const { key } of kvs) {
      if (Buffer.compare(key, cursor) < 0) continue;
      const { end, isFolder } = nameBelow(key, prefix.length);
      const name = key.subarray(0, end);
      const label = labelOf(name.subarray(prefix.length));
      entries.push({ kind: isFolder ? "folder" : "key", key: base64Of(name), label });
      cursor = isFolder ? prefixEnd(name) : nextKey(name);
      if (isOpenRangeEnd(cursor)) return { entries, next: null };
      if (entries.length === maxEntries) return page();
    }
    if (!more || kvs.length === 0) return { entries, next: null };
    if (clock.now() > giveUpAt) return page();
    // Folders with many keys: most of what was read is skipped. Plain keys: all of it is used.
    const isWasted = entries.length - before < limit / 4;
    limit = isWasted ? keysOfCall.least : Math.min(limit * 2, keysOfCall.most);
  }
}

export async function readCounts(prefixes: readonly Uint8Array[], caller: Caller): Promise<Counts> {
  const { client } = caller.source;
  const counts: number[] = [];
  for (const prefix of prefixes) {
    const request = RangeRequest.create({ ...rangeBelow(prefix), countOnly: true, serializable: true });
    counts.push(Number((await client.kv.range(request, callOf(caller))).count));
  }
  return { counts };
}
