// One level of the tree, without reading what is below it: after the first key of a folder, the next range begins after the
// folder's last one.
//
// A server counts all keys of a range, also those beyond the limit. A range to the end of the level for each folder would cost
// as much as the level has folders times keys. So a range ends early, at the end of a window, whose width follows the
// counts: narrow where keys are dense, wide where there are none.
import { EtcdError } from "../errors";
import { isServerError } from "../etcd/error-table";
import { nextKey, prefixEnd } from "../etcd/keys";
import { RangeRequest } from "../proto/gen/etcdserverpb";
import type { KeyValue } from "../proto/gen/mvccpb";
import type { Counts, Entry, Level } from "./api";
import { BadRequest } from "./bad-request";
import { readableEntries } from "./readable-entries";
import { base64Of, bytesOf, labelOf, nameBelow, rangeBelow } from "./names";
import { callOf, type Caller } from "./source";

const maxEntries = 200;
const patienceMs = 500;
const keysOfCall = { first: 64, least: 16, most: 512 };

/** Where the next page begins, as text `KEY.WIDTH`. */
interface Place {
  readonly cursor: Uint8Array;
  readonly width: bigint;
}

export async function readLevel(
  prefix: Uint8Array,
  next: string | undefined,
  caller: Caller,
): Promise<Level> {
  try {
    return await readEntries(prefix, next, caller);
  } catch (error) {
    const isDenied = error instanceof EtcdError && isServerError(error, "permissionDenied");
    const isFirst = prefix.length === 0 && next === undefined;
    const entries = isDenied && isFirst ? await readableEntries(caller) : [];
    if (entries.length === 0) throw error;
    return { entries, next: null };
  }
}

async function readEntries(prefix: Uint8Array, next: string | undefined, caller: Caller): Promise<Level> {
  const { client, clock } = caller.source;
  const { key, rangeEnd } = rangeBelow(prefix);
  const entries: Entry[] = [];
  const giveUpAt = clock.now() + patienceMs;
  let { cursor, width } = next === undefined ? { cursor: key, width: lineEnd } : parsePlace(next);
  let limit = keysOfCall.first;
  for (;;) {
    const windowEnd = keyAt(prefix, position(cursor, prefix) + width);
    const window = { key: cursor, rangeEnd: windowEnd ?? rangeEnd };
    const request = { ...window, limit: BigInt(limit), keysOnly: true, serializable: true };
    const { kvs, more, count } = await client.kv.range(RangeRequest.create(request), callOf(caller));
    const before = entries.length;
    for (const { key: found } of kvs) {
      if (Buffer.compare(found, cursor) < 0) continue;
      const { end, isFolder } = nameBelow(found, prefix.length);
      const name = found.subarray(0, end);
      const label = labelOf(name.subarray(prefix.length));
      entries.push({ kind: isFolder ? "folder" : "key", key: base64Of(name), label });
      cursor = isFolder ? prefixEnd(name) : nextKey(found);
      if (entries.length === maxEntries) return { entries, next: placeText({ cursor, width }) };
    }
    if (!more) {
      if (windowEnd === undefined) return { entries, next: null };
      if (Buffer.compare(cursor, windowEnd) < 0) cursor = windowEnd;
    }
    const used = entries.length - before;
    width = nextWidth(width, Number(count), kvs, used === kvs.length, prefix);
    if (clock.now() > giveUpAt) return { entries, next: placeText({ cursor, width }) };
    // Folders with many keys: most of what was read is skipped. Plain keys: all of it is used.
    limit = used < limit / 4 ? keysOfCall.least : Math.min(limit * 2, keysOfCall.most);
  }
}

/** The number line: the first bytes of a key after the prefix of the level, as one number. */
const digits = 24;
const lineEnd = 1n << BigInt(8 * digits);

function position(key: Uint8Array, prefix: Uint8Array): bigint {
  const bytes = Buffer.alloc(digits);
  Buffer.from(key.subarray(prefix.length, prefix.length + digits)).copy(bytes);
  return BigInt(`0x${bytes.toString("hex")}`);
}

/** The least key at a position; undefined after the end of the level. */
function keyAt(prefix: Uint8Array, at: bigint): Uint8Array | undefined {
  if (at >= lineEnd) return undefined;
  return Buffer.concat([prefix, Buffer.from(at.toString(16).padStart(2 * digits, "0"), "hex")]);
}

/** A range should not count many more keys than this. */
const wantedCount = 5_000;

function nextWidth(
  width: bigint,
  count: number,
  kvs: readonly KeyValue[],
  arePlain: boolean,
  prefix: Uint8Array,
): bigint {
  if (count <= wantedCount) return atMost(width << (count === 0 ? 12n : 1n));
  const [first, last] = [kvs[0], kvs.at(-1)];
  // The names of folders say nothing about how dense their neighbours are.
  if (!arePlain || first === undefined || last === undefined) return width >> 8n || 1n;
  const span = position(last.key, prefix) - position(first.key, prefix) + 1n;
  return atMost((span * BigInt(wantedCount)) / BigInt(kvs.length) || 1n);
}

function atMost(width: bigint): bigint {
  return width > lineEnd ? lineEnd : width;
}

function placeText({ cursor, width }: Place): string {
  return `${base64Of(cursor)}.${width.toString(16)}`;
}

function parsePlace(text: string): Place {
  const [cursor = "", width = ""] = text.split(".");
  if (cursor === "" || !/^[0-9a-f]{1,49}$/.test(width))
    throw new BadRequest("after must be the next of a level");
  return { cursor: bytesOf(cursor, "after"), width: BigInt(`0x${width}`) || 1n };
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
