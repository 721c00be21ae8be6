// A range of any size in flat memory: the answer in parts, the first with the header, `more` and `count` of the whole.
// Together their keys are what one call would have answered, at the revision of the first part.
// It begins with a small page; what is left comes by RangeStream where the server has it, else in pages sized by bytes.
// Answers to clientv3's Get and GetStream, and to checkRangeStreamRequest in etcd's v3rpc/key.go.
import type { Clock } from "../clock";
import { EtcdError, StatusCode } from "../errors";
import { isServerError } from "../etcd/error-table";
import { nextKey } from "../etcd/keys";
import type { RangeRequest, RangeResponse } from "../proto/gen/etcdserverpb";
import { RangeRequest_SortOrder, RangeRequest_SortTarget } from "../proto/gen/etcdserverpb";
import type { CallOptions, Transport } from "../transport/transport";
import type { PackedRange } from "./packed-range";
import { packedRange, packedRangeStream } from "./packed-range";
import { perMessageDeadline } from "./per-message-deadline";

export interface ReadRangeOptions {
  readonly transport: Transport;
  /** Options of one call, its deadline counted from now: each page and each part of a stream has that long. */
  readonly callOptions: () => CallOptions;
  readonly streamOptions: () => CallOptions;
  readonly clock: Clock;
  /** `get --stream`: only RangeStream is used, and its failure is the answer. */
  readonly requireStream: boolean;
}

export async function* readRange(
  request: RangeRequest,
  reading: ReadRangeOptions,
): AsyncGenerator<RangeResponse> {
  for await (const { header, more, count, kvs } of readPacked(request, reading)) {
    for (const batch of kvs.batches()) yield { header, more, count, kvs: batch };
  }
}

async function* readPacked(request: RangeRequest, reading: ReadRangeOptions): AsyncGenerator<PackedRange> {
  if (!canBeSplit(request)) return yield* await inOneCall(request, reading);
  const wanted = request.limit > 0n ? request.limit : unlimited;
  let left = { ...request, limit: wanted };
  const first = await inOneCall(atMost(left, firstPageKeys), reading);
  let isMore = false;
  for (const part of first) {
    isMore = part.more;
    left = behind({ ...left, revision: request.revision || (part.header?.revision ?? 0n) }, part);
    yield { ...part, more: part.count > wanted };
  }
  if (isMore && left.limit > 0n) yield* readRest(left, first, reading);
}

/** Not where the server must see the whole range to answer: sorted, filtered or only counted. */
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

/** How etcd counts a limit that is not there. */
const unlimited = 2n ** 63n - 1n;

/** The request for the keys that come behind those of `part`. Its limit is 0 when none is wanted any more. */
function behind(request: RangeRequest, { kvs }: PackedRange): RangeRequest {
  const { last } = kvs;
  if (last === undefined) return request;
  const limit = request.limit - BigInt(kvs.length);
  return { ...request, key: nextKey(last.key), limit };
}

function atMost(request: RangeRequest, keys: number): RangeRequest {
  return { ...request, limit: request.limit < BigInt(keys) ? request.limit : BigInt(keys) };
}

async function* readRest(
  request: RangeRequest,
  [before]: readonly PackedRange[],
  reading: ReadRangeOptions,
): AsyncGenerator<PackedRange> {
  let left = request;
  try {
    for await (const part of streamed(request, reading)) {
      left = behind(left, part);
      yield part;
    }
  } catch (error) {
    if (reading.requireStream || !canPageInstead(error) || before === undefined) throw error;
    if (left.limit > 0n) yield* inPages(left, nextPageKeys(before.kvs), reading);
  }
}

/** The server has no RangeStream, or the stream broke; or this member has not yet what the first one had. */
function canPageInstead(error: unknown): boolean {
  const codes: readonly StatusCode[] = [StatusCode.Unimplemented, StatusCode.Unavailable];
  return error instanceof EtcdError && (codes.includes(error.code) || isServerError(error, "futureRevision"));
}

/** While one page is used, the next is under way. */
async function* inPages(
  request: RangeRequest,
  firstKeys: number,
  reading: ReadRangeOptions,
): AsyncGenerator<PackedRange> {
  let left = request;
  let pending: Promise<PackedRange> | undefined = page(atMost(left, firstKeys), reading);
  while (pending) {
    const part: PackedRange = await pending;
    left = behind(left, part);
    const isLast = !part.more || part.kvs.length === 0 || left.limit <= 0n;
    pending = isLast ? undefined : page(atMost(left, nextPageKeys(part.kvs)), reading);
    pending?.catch(() => undefined); // it is looked at later, or never when the reader has gone
    yield part;
  }
}

async function page(
  request: RangeRequest,
  { transport, callOptions: call }: ReadRangeOptions,
): Promise<PackedRange> {
  try {
    return await transport.unary(packedRange, request, call());
  } catch (error) {
    // Another member answers than before, and lags behind: let it catch up.
    const isBehind = request.serializable && isServerError(error, "futureRevision");
    if (!isBehind || !request.revision) throw error;
    return transport.unary(packedRange, { ...request, serializable: false }, call());
  }
}

async function* streamed(request: RangeRequest, reading: ReadRangeOptions): AsyncGenerator<PackedRange> {
  const parts = perMessageDeadline(
    (options) => reading.transport.serverStream(packedRangeStream, request, options),
    reading,
  );
  for await (const { rangeResponse } of parts) if (rangeResponse) yield rangeResponse;
}

/** Parts only where it is a stream; then the last one's header, count and `more` are those of all, as Go joins them. */
async function inOneCall(request: RangeRequest, reading: ReadRangeOptions): Promise<PackedRange[]> {
  if (!reading.requireStream) return [await page(request, reading)];
  const parts: PackedRange[] = [];
  for await (const part of streamed(request, reading)) parts.push(part);
  const last = parts.at(-1);
  return parts.map(({ kvs }) => ({ ...last, kvs }) as PackedRange);
}

// How many keys the next page of a range should hold, so that pages come near a size in bytes, which a request cannot
// name. Pages grow at most sixteenfold, since the keys ahead may be larger than those seen.

/** Not many, since values may be up to 1.5 MiB; most ranges fit in it and need one call. */
export const firstPageKeys = 256;

/** Large, since a server counts all keys ahead again for every page. */
const targetBytes = 8 * 1024 * 1024;
const mostGrowth = 16;

export function nextPageKeys(before: { readonly length: number; readonly sizeBytes: number }): number {
  const wanted = Math.round((targetBytes * before.length) / Math.max(before.sizeBytes, 1));
  return Math.max(1, Math.min(wanted, before.length * mostGrowth));
}
