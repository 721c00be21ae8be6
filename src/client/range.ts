// A range of any size in flat memory: the answer in parts, the first with the header, `more` and `count` of the whole,
// the others with keys only. Together they are what one call would have answered, at the revision of the first part.
// The first part is a small page; what is left comes by RangeStream where the server has it, else in pages sized by bytes.
// Answers to clientv3's Get and GetStream, and to checkRangeStreamRequest in etcd's v3rpc/key.go.
import { EtcdError, StatusCode } from "../errors";
import type { Clock } from "../io";
import {
  RangeRequest_SortOrder,
  RangeRequest_SortTarget,
  RangeResponse,
  type RangeRequest,
} from "../proto/gen/etcdserverpb";
import { isServerError } from "../transport/error-table";
import type { CallOptions } from "../transport/transport";
import type { EtcdClient } from "./client";
import { eachInTime } from "./each-in-time";
import { firstPageKeys, nextPageKeys } from "./page-size";

type Kv = EtcdClient["kv"];

export interface RangeReading {
  /** Options of one call, its deadline counted from now: each page and each part of a stream has that long. */
  readonly call: () => CallOptions;
  readonly stream: () => CallOptions;
  readonly clock: Clock;
  /** `get --stream`: only RangeStream is used, and its failure is the answer. */
  readonly insistOnStream: boolean;
}

export async function* readRange(
  kv: Kv,
  request: RangeRequest,
  reading: RangeReading,
): AsyncGenerator<RangeResponse> {
  const one = reading.insistOnStream ? wholeStream : page;
  if (!canBeSplit(request)) return yield await one(kv, request, reading);
  const limit = request.limit > 0n ? request.limit : undefined;
  const first = await one(kv, withLimit(request, firstPageKeys, limit), reading);
  yield { ...first, more: limit !== undefined && first.count > limit };
  const revision = request.revision || (first.header?.revision ?? 0n);
  const rest = restAfter({ ...request, revision }, first, limit);
  if (rest) yield* readRest(kv, rest, first, reading);
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

async function* readRest(
  kv: Kv,
  request: RangeRequest,
  first: RangeResponse,
  reading: RangeReading,
): AsyncGenerator<RangeResponse> {
  let left = request;
  try {
    for await (const part of streamed(kv, request, reading)) {
      const rest = restAfter(left, { ...part, more: true }, left.limit || undefined);
      yield keysOf(part);
      if (rest) left = rest;
    }
  } catch (error) {
    if (reading.insistOnStream || !canPageInstead(error)) throw error;
    yield* inPages(kv, left, first, reading);
  }
}

/** The server has no RangeStream, or the stream broke; or this member has not yet what the first one had. */
function canPageInstead(error: unknown): boolean {
  const codes: readonly StatusCode[] = [StatusCode.Unimplemented, StatusCode.Unavailable];
  return error instanceof EtcdError && (codes.includes(error.code) || isServerError(error, "futureRevision"));
}

/** While one page is used, the next is under way. */
async function* inPages(
  kv: Kv,
  request: RangeRequest,
  before: RangeResponse,
  reading: RangeReading,
): AsyncGenerator<RangeResponse> {
  const fetch = (left: RangeRequest, keys: number) => {
    const response = page(kv, withLimit(left, keys, left.limit || undefined), reading);
    response.catch(() => undefined); // it is looked at later, or never when the reader has gone
    return { left, response };
  };
  let keys = nextPageKeys(before.kvs);
  let pending: ReturnType<typeof fetch> | undefined = fetch(request, keys);
  while (pending) {
    const response: RangeResponse = await pending.response;
    const left = restAfter(pending.left, response, pending.left.limit || undefined);
    keys = nextPageKeys(response.kvs);
    pending = left && fetch(left, keys);
    yield keysOf(response);
  }
}

/** The request for what comes behind `response`; undefined when that was all. */
function restAfter(
  request: RangeRequest,
  response: RangeResponse,
  limit: bigint | undefined,
): RangeRequest | undefined {
  const last = response.kvs.at(-1);
  const left = limit === undefined ? 0n : limit - BigInt(response.kvs.length);
  if (!response.more || last === undefined || (limit !== undefined && left <= 0n)) return undefined;
  return { ...request, key: Buffer.concat([last.key, Uint8Array.of(0)]), limit: left };
}

function withLimit(request: RangeRequest, keys: number, limit: bigint | undefined): RangeRequest {
  const most = BigInt(keys);
  return { ...request, limit: limit === undefined || limit > most ? most : limit };
}

function keysOf({ kvs }: RangeResponse): RangeResponse {
  return RangeResponse.create({ kvs });
}

async function page(kv: Kv, request: RangeRequest, { call }: RangeReading): Promise<RangeResponse> {
  try {
    return await kv.range(request, call());
  } catch (error) {
    // Another member answers than before, and lags behind: let it catch up.
    const isBehind = request.serializable && isServerError(error, "futureRevision");
    if (!isBehind || !request.revision) throw error;
    return kv.range({ ...request, serializable: false }, call());
  }
}

async function* streamed(
  kv: Kv,
  request: RangeRequest,
  reading: RangeReading,
): AsyncGenerator<RangeResponse> {
  const parts = eachInTime((options) => kv.rangeStream(request, options), reading);
  for await (const { rangeResponse } of parts) if (rangeResponse) yield rangeResponse;
}

/** As Go puts a stream together: the last header, count and `more` win. */
async function wholeStream(kv: Kv, request: RangeRequest, reading: RangeReading): Promise<RangeResponse> {
  const whole = RangeResponse.create();
  for await (const part of streamed(kv, request, reading)) {
    for (const kv of part.kvs) whole.kvs.push(kv);
    whole.header = part.header ?? whole.header;
    whole.more = part.more || whole.more;
    whole.count = part.count || whole.count;
  }
  return whole;
}
