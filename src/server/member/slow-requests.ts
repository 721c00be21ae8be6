// Slow requests: counted, and with a log also written to it, with etcd's messages and fields.
// Go: server/etcdserver/txn/util.go, logUnaryRequestStats in server/etcdserver/api/v3rpc/interceptor.go
import { isReadOnlyTxn } from "../../etcd/methods";
import { formatDuration } from "../../go/units";
import type { ZapFields } from "../../go/zap";
import {
  CompactionResponse,
  DeleteRangeResponse,
  LeaseGrantResponse,
  LeaseRevokeResponse,
  PutResponse,
  RequestOp,
  TxnResponse,
  type RangeResponse,
  type TxnRequest,
} from "../../proto/gen/etcdserverpb";
import { encode, type AnyMessageType, type AnyMethod } from "../../proto/message";
import type { ServerMetrics } from "../metrics/server-metrics";
import { raftRequestText, requestText } from "./request-text";
import type { RequestKind, RequestOf } from "./appliers";
import { isLarge } from "../streams/large-message";

/** Receives the lines of the server's log. Messages and fields are etcd's. */
export type LogSink = (level: "info" | "warn", message: string, fields: ZapFields) => void;

/** From when on a request is slow. */
export interface SlowLimits {
  /** Milliseconds to apply a change or to read, like etcd's --warning-apply-duration. Default: 100. */
  readonly applyMs?: number | undefined;
  /** Milliseconds for a call, like etcd's --warning-unary-request-duration. Default: 300. */
  readonly callMs?: number | undefined;
}

export const durationText = (ms: number): string => formatDuration(BigInt(Math.round(ms * 1e6)));

interface Ended {
  readonly tookMs: number;
  readonly response?: unknown;
  readonly error?: unknown;
}

/** A unary call that has ended. */
export interface EndedCall extends Ended {
  readonly method: AnyMethod;
  readonly request: unknown;
  readonly remote: string | undefined;
}

const responseTypes: Readonly<Partial<Record<RequestKind, AnyMessageType>>> = {
  put: PutResponse,
  deleteRange: DeleteRangeResponse,
  txn: TxnResponse,
  compaction: CompactionResponse,
  leaseGrant: LeaseGrantResponse,
  leaseRevoke: LeaseRevokeResponse,
};

const errorField = (error: unknown): ZapFields =>
  error === undefined ? {} : { error: error instanceof Error ? error.message : String(error) };

export class SlowRequests {
  private readonly applyMs: number;
  private readonly callMs: number;

  constructor(
    limits: SlowLimits,
    private readonly metrics: ServerMetrics,
    private readonly nowMs: () => number,
    private readonly log: LogSink | undefined,
  ) {
    this.applyMs = limits.applyMs ?? 100;
    this.callMs = limits.callMs ?? 300;
  }

  /** Asked for every call, so that a quick one costs nothing more. */
  isSlow(tookMs: number): boolean {
    return tookMs > this.applyMs || tookMs > this.callMs;
  }

  /** A change was applied, or refused: `isApplied` is true also for a compaction that was done before. */
  applied<K extends RequestKind>(
    kind: K,
    request: RequestOf<K>,
    ended: Ended & { readonly isApplied: boolean },
  ): void {
    const { tookMs, response, error, isApplied } = ended;
    const isSlow = tookMs > this.applyMs;
    if (isApplied && !isSlow) return;
    const type = responseTypes[kind];
    const size = type === undefined || response === undefined ? undefined : sizeBytes(type, response);
    const text = raftRequestText(kind, request);
    const result = size === undefined ? "" : `size:${size}`;
    if (isSlow) this.tookTooLong("", text, result, ended);
    if (isApplied) return;
    const took = durationText(tookMs);
    this.log?.("warn", "failed to apply request", {
      took,
      request: text,
      response: result,
      ...errorField(error),
    });
  }

  /** A read is slow as a change is. */
  called(call: EndedCall): void {
    const { tookMs, method, request } = call;
    const prefix = readPrefix(method, request);
    if (tookMs > this.applyMs && prefix !== undefined) {
      this.tookTooLong(prefix, requestText(method.path, method.request, request), resultText(call), call);
    }
    if (tookMs > this.callMs) this.log?.("warn", "request stats", this.stats(call));
  }

  private tookTooLong(prefix: string, request: string, response: string, { tookMs, error }: Ended): void {
    this.metrics.slowApplies++;
    this.log?.("warn", "apply request took too long", {
      took: durationText(tookMs),
      "expected-duration": durationText(this.applyMs),
      ...{ prefix, request, response },
      ...errorField(error),
    });
  }

  private stats({ method, request, response, tookMs, remote }: EndedCall): ZapFields {
    const [requestCount, requestBytes, responseCount] = countsOf(method, request, response);
    const isKnown = responseCount >= 0;
    return {
      "start time": new Date(this.nowMs() - tookMs).toISOString(),
      "time spent": durationText(tookMs),
      remote: remote ?? "No remote client info.",
      "response type": method.path,
      "request count": requestCount,
      "request size": requestBytes,
      "response count": responseCount,
      "response size": isKnown ? (sizeBytes(method.response, response) ?? -1) : -1,
      "request content": isKnown ? requestText(method.path, method.request, request) : "",
    };
  }
}

/** Undefined for what is no read of keys. */
function readPrefix({ path }: AnyMethod, request: unknown): string | undefined {
  if (path === "/etcdserverpb.KV/Range") return "read-only range ";
  const isRead = path === "/etcdserverpb.KV/Txn" && isReadOnlyTxn(request as TxnRequest);
  return isRead ? "read-only txn " : undefined;
}

/** Undefined for a large response: to encode it once more would hold up others. */
function sizeBytes(type: AnyMessageType, response: unknown): number | undefined {
  if (response === undefined) return 0;
  return isLarge(type, response as object) ? undefined : encode(type, response).length;
}

/** The result of a slow read. */
function resultText({ method, response }: EndedCall): string {
  if (response === undefined) return "";
  const size = sizeBytes(method.response, response);
  const sizeText = size === undefined ? "" : ` size:${size}`;
  if (method.path.endsWith("/Range")) return `${countText(response as RangeResponse)}${sizeText}`;
  const counts = (response as TxnResponse).responses.flatMap(({ response: each }) =>
    each?.case === "responseRange" ? [countText(each.value)] : [],
  );
  return `responses:<${counts.join(" ")}>${sizeText}`;
}

const countText = ({ kvs }: RangeResponse) => `range_response_count:${kvs.length}`;

/** Of the calls of KV; -1 for others. */
function countsOf(
  method: AnyMethod,
  request: unknown,
  response: unknown,
): [requestCount: number, requestBytes: number, responseCount: number] {
  const requestBytes = () => encode(method.request, request).length;
  switch (method.path) {
    case "/etcdserverpb.KV/Range":
      return [0, requestBytes(), Number((response as RangeResponse | undefined)?.count ?? 0n)];
    case "/etcdserverpb.KV/Put":
      return [1, requestBytes(), 0];
    case "/etcdserverpb.KV/DeleteRange":
      return [0, requestBytes(), Number((response as DeleteRangeResponse | undefined)?.deleted ?? 0n)];
    case "/etcdserverpb.KV/Txn": {
      const { success, failure } = request as TxnRequest;
      const ops = (response as TxnResponse | undefined)?.succeeded === true ? success : failure;
      return [ops.length, ops.reduce((sum, op) => sum + encode(RequestOp, op).length, 0), 0];
    }
    default:
      return [-1, -1, -1];
  }
}
