// Counts the calls of every route for the /metrics page, and refuses what etcd refuses before it looks at the request.
// Must stay true: a call costs less than a microsecond here, and a response that needs no promise gets none.
// Go: server/etcdserver/api/v3rpc/interceptor.go, and the interceptors of go-grpc-middleware/providers/prometheus
import { isUtf8 } from "node:buffer";
import { performance } from "node:perf_hooks";
import { EtcdError, StatusCode } from "../../errors";
import { serverError } from "../../etcd/error-table";
import { assertLeader, type EtcdServer } from "../member/etcd-server";
import type { MethodMetrics } from "../metrics/method-metrics";
import { count } from "../metrics/server-metrics";
import type { AnyMethod } from "../../proto/message";
import type { ReadyIterator } from "../streams/ready";
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
  const { slowRequests } = server;
  const observe = (request: unknown, call: ServerCall, startedAt: number, end: CallEnd) => {
    const tookMs = performance.now() - startedAt;
    if (slowRequests.isSlow(tookMs))
      slowRequests.called({ method, request, remote: call.remote, tookMs, ...end });
  };
  return (request: unknown, call) => {
    metrics.started++;
    metrics.received++;
    // A status without a message counts as a message too, as in etcd.
    metrics.sent++;
    const startedAt = performance.now();
    const done = (response: unknown) => {
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

/** The messages of a client's stream, counted. The end counts too, as in etcd. */
class CountedRequests implements AsyncIterable<unknown>, ReadyIterator<unknown> {
  private readonly inner: ReadyIterator<unknown>;
  private hasEnded = false;

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
    const counted = () => {
      if (!this.hasEnded) this.metrics.received++;
    };
    try {
      const next = await this.inner.next();
      counted();
      this.hasEnded ||= next.done === true;
      return next;
    } catch (error) {
      counted();
      this.hasEnded = true;
      throw error;
    }
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
