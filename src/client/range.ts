// A range of any size in flat memory: the response comes in parts. The first part has the header, `more` and `count` of
// the whole. All parts together have the keys of one single call, at the revision of the first part. The first call reads a
// small page. The rest comes through RangeStream where the server has it, otherwise in pages of about 8 MiB.
// Go: client/v3/kv.go (Get, GetStream), server/etcdserver/api/v3rpc/key.go (checkRangeStreamRequest)
import type { Clock } from "../clock";
import { EtcdError, StatusCode } from "../errors";
import { isServerError } from "../etcd/error-table";
import { isOpenRangeEnd, nextKey } from "../etcd/keys";
import {
  RangeRequest_SortOrder,
  RangeRequest_SortTarget,
  type RangeRequest,
  type RangeResponse,
} from "../proto/gen/etcdserverpb";
import type { CallOptions, Transport } from "../transport/transport";
import { packedRange, packedRangeStream, type PackedRange } from "./packed-range";
import { perMessageDeadline } from "./per-message-deadline";

export interface ReadRangeOptions {
  readonly transport: Transport;
  /** Options of one call, with a deadline that counts from now. Each page and each part of a stream has that long. */
  readonly callOptions: () => CallOptions;
  readonly streamOptions: () => CallOptions;
  readonly clock: Clock;
  /** `get --stream`: use RangeStream only, and fail when it fails. */
  readonly requireStream: boolean;
}

export async function* readRange(
  request: RangeRequest,
  options: ReadRangeOptions,
): AsyncGenerator<RangeResponse> {
  for await (const { header, more, count, kvs } of readPacked(request, options)) {
    for (const batch of kvs.batches()) yield { header, more, count, kvs: batch };
  }
}

async function* readPacked(request: RangeRequest, options: ReadRangeOptions): AsyncGenerator<PackedRange> {
  if (!canBeSplit(request)) return yield* await inOneCall(request, options);
  const limit = request.limit > 0n ? request.limit : unlimited;
  let left = { ...request, limit };
  const first = await inOneCall(atMost(left, firstPageKeys), options);
  let isMore = false;
  for (const part of first) {
    isMore = part.more;
    // Progress matters only where another request follows.
    if (isMore) {
      left = requestAfter({ ...left, revision: request.revision || (part.header?.revision ?? 0n) }, part);
    }
    yield { ...part, more: part.count > limit };
  }
  if (isMore && left.limit > 0n) yield* readRest(left, first, options);
}

/** A request that sorts, filters or only counts cannot be split: the server must see the whole range. */
function canBeSplit(request: RangeRequest): boolean {
  return (
    request.rangeEnd.length > 0 &&
    !request.countOnly &&
    request.sortTarget === RangeRequest_SortTarget.KEY &&
    request.sortOrder === RangeRequest_SortOrder.NONE &&
    [request.minModRevision, request.maxModRevision].every((revision) => revision === 0n) &&
    [request.minCreateRevision, request.maxCreateRevision].every((revision) => revision === 0n)
  );
}

/** The limit of a request that has none. */
const unlimited = 2n ** 63n - 1n;

/** The request for the keys after those of `part`. Its limit is 0 when the requested limit is reached. */
function requestAfter(request: RangeRequest, { kvs }: PackedRange): RangeRequest {
  const { last } = kvs;
  if (last === undefined) return request;
  const limit = request.limit - BigInt(kvs.length);
  return { ...request, key: keyAfterPage(request, last.key), limit };
}

function atMost(request: RangeRequest, keys: number): RangeRequest {
  return { ...request, limit: request.limit < BigInt(keys) ? request.limit : BigInt(keys) };
}

async function* readRest(
  request: RangeRequest,
  [before]: readonly PackedRange[],
  options: ReadRangeOptions,
): AsyncGenerator<PackedRange> {
  let left = request;
  try {
    for await (const part of streamed(request, options)) {
      left = requestAfter(left, part);
      yield part;
    }
  } catch (error) {
    if (options.requireStream || !canPageInstead(error) || before === undefined) throw error;
    if (left.limit > 0n) yield* inPages(left, nextPageKeys(before.kvs), options);
  }
}

/** The server has no RangeStream, or the stream broke, or this member lags the one that sent the first page. */
function canPageInstead(error: unknown): boolean {
  const codes: readonly StatusCode[] = [StatusCode.Unimplemented, StatusCode.Unavailable];
  return error instanceof EtcdError && (codes.includes(error.code) || isServerError(error, "futureRevision"));
}

/** Requests the next page while the reader uses the current one. */
async function* inPages(
  request: RangeRequest,
  firstKeys: number,
  options: ReadRangeOptions,
): AsyncGenerator<PackedRange> {
  let left = request;
  let pending: Promise<PackedRange> | undefined = page(atMost(left, firstKeys), options);
  while (pending) {
    const part: PackedRange = await pending;
    left = requestAfter(left, part);
    const isLast = !part.more || left.limit <= 0n;
    if (!isLast) keyAfterPage(request, part.kvs.last?.key);
    pending = isLast ? undefined : page(atMost(left, nextPageKeys(part.kvs)), options);
    pending?.catch(() => undefined); // the next turn of the loop handles it, unless the reader has left
    yield part;
  }
}

/**
 * The first key of the next page, after a page of [key, rangeEnd) whose last key is `last`; undefined when the page was
 * empty. Throws when a server repeats keys or says that there are more but sends none: the pages would never end.
 */
export function keyAfterPage(
  { key, rangeEnd }: Pick<RangeRequest, "key" | "rangeEnd">,
  last: Uint8Array | undefined,
): Uint8Array {
  if (last === undefined) throw noProgress("no key, but says that there are more");
  if (Buffer.compare(last, key) < 0) throw noProgress("keys that were sent before");
  if (!isOpenRangeEnd(rangeEnd) && Buffer.compare(last, rangeEnd) >= 0)
    throw noProgress("keys outside the range");
  return nextKey(last);
}

function noProgress(what: string): EtcdError {
  const desc = `the server's response to a range makes no progress: it has ${what}`;
  return new EtcdError(StatusCode.Internal, desc, false);
}

async function page(
  request: RangeRequest,
  { transport, callOptions }: ReadRangeOptions,
): Promise<PackedRange> {
  try {
    return await transport.unary(packedRange, request, callOptions());
  } catch (error) {
    // This member has not yet applied the revision of the first page. A linearizable read waits until it has.
    const isLagging = request.serializable && isServerError(error, "futureRevision");
    if (!isLagging || !request.revision) throw error;
    return transport.unary(packedRange, { ...request, serializable: false }, callOptions());
  }
}

async function* streamed(request: RangeRequest, options: ReadRangeOptions): AsyncGenerator<PackedRange> {
  const parts = perMessageDeadline(
    (callOptions) => options.transport.serverStream(packedRangeStream, request, callOptions),
    options,
  );
  for await (const { rangeResponse } of parts) if (rangeResponse) yield rangeResponse;
}

/** A stream gives several parts. As in Go, the last one's header, count and `more` are those of the whole. */
async function inOneCall(request: RangeRequest, options: ReadRangeOptions): Promise<PackedRange[]> {
  if (!options.requireStream) return [await page(request, options)];
  const parts: PackedRange[] = [];
  for await (const part of streamed(request, options)) parts.push(part);
  const last = parts.at(-1);
  return parts.map(({ kvs }) => ({ ...last, kvs }) as PackedRange);
}

/** Few keys, because a value may have 1.5 MiB. Most ranges fit in one page of this size. */
export const firstPageKeys = 256;

/** Large pages, because the server counts all remaining keys again for every page. */
const targetBytes = 8 * 1024 * 1024;
const maxGrowth = 16;

/**
 * How many keys the next page should have to be near `targetBytes`. A request limits keys, not bytes. A page has at most
 * 16 times as many keys as the one before, because the next keys may be larger.
 */
export function nextPageKeys(before: { readonly length: number; readonly sizeBytes: number }): number {
  const keys = Math.round((targetBytes * before.length) / Math.max(before.sizeBytes, 1));
  return Math.max(1, Math.min(keys, before.length * maxGrowth));
}
