// Counts the calls of every route for the /metrics page, and refuses what etcd refuses before it looks at the request.
// Must stay true: a call costs less than a microsecond here, and a response that needs no promise gets none.
// Go: server/etcdserver/api/v3rpc/interceptor.go, and the interceptors of go-grpc-middleware/providers/prometheus
import { isUtf8 } from "node:buffer";
import { performance } from "node:perf_hooks";
import { EtcdError, StatusCode } from "../../errors";
import { serverError } from "../../etcd/error-table";
import { isReadOnlyTxn } from "../../etcd/methods";
import type { TxnRequest } from "../../proto/gen/etcdserverpb";
import { assertLeader, type EtcdServer } from "../etcd-server";
import type { MethodMetrics } from "../metrics/method-metrics";
import { count } from "../metrics/server-metrics";
import type { AnyMethod } from "../../proto/message";
import type { ReadyIterator } from "./ready";
import type { Route, Routes, ServerCall } from "./routes";

export function countedRoutes(routes: Routes, server: EtcdServer): Routes {
  return new Map([...routes].map(([path, route]) => [path, counted(route, server)]));
}

function counted({ method, handler }: Route, server: EtcdServer): Route {
  const metrics = server.metrics.methodOf(method.path, method.kind);
  if (handler === undefined) return { method, handler };
  if (method.kind === "unary") return { method, handler: countedUnary(method, handler, server, metrics) };
  const isDuplex = method.kind === "duplex";
  return {
    method,
    handler(request: unknown, call: ServerCall): AsyncIterable<unknown> {
      metrics.started++;
      const startedAt = metrics.seconds === undefined ? 0 : performance.now();
      try {
        admit(server, "stream", call);
        if (!isDuplex) metrics.received++;
        const given = isDuplex ? new CountedRequests(request as AsyncIterable<unknown>, metrics) : request;
        const responses = handler(given, call) as AsyncIterable<unknown>;
        const led = call.requiresLeader === true ? server.leaderStreams.led(responses) : responses;
        return new CountedResponses(led, call, metrics, startedAt);
      } catch (error) {
        ended(metrics, codeOf(error), startedAt);
        throw error;
      }
    },
  };
}

interface CallEnd {
  readonly response?: unknown;
  readonly error?: unknown;
}

function countedUnary(
  method: AnyMethod,
  handler: NonNullable<Route["handler"]>,
  server: EtcdServer,
  metrics: MethodMetrics,
): NonNullable<Route["handler"]> {
  const typeOf = requestType(method.path);
  const { requestSeconds, rangeSeconds } = server.metrics;
  const observe = (request: unknown, call: ServerCall, startedAt: number, end: CallEnd) => {
    const tookMs = performance.now() - startedAt;
    const type = typeOf?.(request);
    if (server.slowRequests.isSlow(tookMs))
      server.slowRequests.called(type, { method, request, remote: call.remote, tookMs, ...end });
    if (type === undefined) return;
    const seconds = tookMs / 1000;
    const success = end.error === undefined;
    requestSeconds.of(`${success}\n${type}`).observe(seconds);
    if (type === "Range") rangeSeconds.of(`${success}`).observe(seconds);
  };
  return (request: unknown, call) => {
    metrics.started++;
    metrics.received++;
    const startedAt = performance.now();
    const done = (response: unknown) => {
      metrics.sent++;
      ended(metrics, StatusCode.OK, startedAt);
      observe(request, call, startedAt, { response });
      return response;
    };
    const failed = (error: unknown): never => {
      ended(metrics, codeOf(error), startedAt);
      observe(request, call, startedAt, { error });
      throw error;
    };
    let response: unknown;
    try {
      admit(server, "unary", call);
      response = handler(request, call);
    } catch (error) {
      return failed(error);
    }
    return response instanceof Promise ? response.then(done, failed) : done(response);
  };
}

function ended(metrics: MethodMetrics, code: number, startedAt: number): void {
  (metrics.handled[code] as number)++;
  metrics.seconds?.observe((performance.now() - startedAt) / 1000);
}

function codeOf(error: unknown): number {
  return error instanceof EtcdError ? error.code : StatusCode.Unknown;
}

/** A client may choose any version, and each one is a line of the page. */
const maxClientVersions = 100;

function admit(server: EtcdServer, kind: "unary" | "stream", call: ServerCall): void {
  const { clientRequests } = server.metrics;
  const version = call.clientVersion ?? "unknown";
  const name = `${kind}\n${version}`;
  if (!clientRequests.has(name)) {
    if (!isUtf8(Buffer.from(version, "latin1"))) throw serverError("invalidClientAPIVersion");
    if (clientRequests.size >= maxClientVersions) return count(clientRequests, `${kind}\nother`);
  }
  count(clientRequests, name);
  if (call.requiresLeader === true) assertLeader(server);
}

/** etcd's name for what a method puts into the log or reads. Undefined: etcd does not measure it. */
function requestType(path: string): ((request: unknown) => string) | undefined {
  if (path === "/etcdserverpb.KV/Txn") {
    return (request) => (isReadOnlyTxn(request as TxnRequest) ? "ReadonlyTxn" : "Txn");
  }
  const [, type] = /^\/etcdserverpb\.(?:KV|Lease|Auth)\/(\w+)$/.exec(path) ?? [];
  if (type === undefined || type === "LeaseTimeToLive" || type === "LeaseLeases") return undefined;
  const name = type === "Compact" ? "Compaction" : type.replace(/^(?=User|Role)/, "Auth");
  return () => name;
}

/** The messages of a client's stream, counted. */
class CountedRequests implements AsyncIterable<unknown>, ReadyIterator<unknown> {
  private readonly inner: ReadyIterator<unknown>;

  constructor(
    requests: AsyncIterable<unknown>,
    private readonly metrics: MethodMetrics,
  ) {
    this.inner = requests[Symbol.asyncIterator]() as ReadyIterator<unknown>;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  takeNow(): unknown {
    const request = this.inner.takeNow?.();
    if (request !== undefined) this.metrics.received++;
    return request;
  }

  async next(): Promise<IteratorResult<unknown, undefined>> {
    const next = await this.inner.next();
    if (next.done !== true) this.metrics.received++;
    return next;
  }

  async return(): Promise<IteratorResult<unknown, undefined>> {
    await this.inner.return?.();
    return { done: true, value: undefined };
  }
}

/** The responses of a stream, counted, and how the call ended. */
class CountedResponses implements AsyncIterable<unknown>, ReadyIterator<unknown> {
  private readonly inner: ReadyIterator<unknown>;
  private hasEnded = false;

  constructor(
    responses: AsyncIterable<unknown>,
    private readonly call: ServerCall,
    private readonly metrics: MethodMetrics,
    private readonly startedAt: number,
  ) {
    this.inner = responses[Symbol.asyncIterator]() as ReadyIterator<unknown>;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  takeNow(): unknown {
    const response = this.inner.takeNow?.();
    if (response !== undefined) this.metrics.sent++;
    return response;
  }

  async next(): Promise<IteratorResult<unknown, undefined>> {
    let next: IteratorResult<unknown, undefined>;
    try {
      next = await this.inner.next();
    } catch (error) {
      this.end(codeOf(error));
      throw error;
    }
    const { call } = this;
    if (next.done !== true) this.metrics.sent++;
    else this.end((call.isAborted ?? call.signal.aborted) ? StatusCode.Canceled : StatusCode.OK);
    return next;
  }

  async return(): Promise<IteratorResult<unknown, undefined>> {
    this.end(StatusCode.Canceled);
    await this.inner.return?.();
    return { done: true, value: undefined };
  }

  private end(code: number): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    ended(this.metrics, code, this.startedAt);
  }
}
