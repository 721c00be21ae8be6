// Serves one gRPC call: passes the bytes of an HTTP/2 stream to a handler, and its responses back. It uses node:http2, as a
// call with grpc-js' server costs twice as much. Go: server/etcdserver/api/v3rpc/grpc.go
import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { Clock } from "../../clock";
import { EtcdError, StatusCode } from "../../errors";
import type { AnyMethod } from "../../proto/message";
import type { TurnBudget } from "../mvcc/turn-budget";
import { encodeInSteps, isLarge } from "../rpc/large-message";
import type { ServerMetrics } from "../metrics/server-metrics";
import { decodeRequest, findRoute, type Routes, type ServedRoute } from "../rpc/routes";
import { GrpcCall } from "./call";
import { FrameReader, frameHeader, frameOf, type ReceiveBudget } from "./frames";

export interface GrpcOptions {
  readonly routes: Routes;
  /** Size limit of one message. */
  readonly maxReceiveBytes: number;
  /** Large responses are encoded over several turns. */
  readonly turn: TurnBudget;
  /** Of the deadlines of calls. What its callbacks throw must not reach the process. */
  readonly deadlineClock: Clock;
  /** Receives the bytes of all messages. */
  readonly traffic: Pick<ServerMetrics, "receivedBytes" | "sentBytes">;
}

export function serveGrpcStream(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  options: GrpcOptions,
  /** Shared by the streams of one connection. */
  budget?: ReceiveBudget,
): void {
  const call = new GrpcCall(stream, headers, options.traffic);
  try {
    const route = findRoute(options.routes, headers[":path"] ?? "");
    const encoding = String(headers["grpc-encoding"] ?? "");
    const frames: FrameReader = new FrameReader(options.maxReceiveBytes, encoding, budget, () => {
      stream.once("close", () => frames.close());
    });
    const served = { stream, route, frames, call, options };
    if (route.method.kind === "unary") serveUnary(served);
    else void serveStreaming(served);
  } catch (error) {
    call.fail(error);
  }
}

interface ServedCall {
  readonly stream: ServerHttp2Stream;
  readonly route: ServedRoute;
  readonly frames: FrameReader;
  readonly call: GrpcCall;
  readonly options: GrpcOptions;
}

function serveUnary(served: ServedCall): void {
  const { stream, frames, call } = served;
  let started = false;
  stream.on("data", (chunk: Buffer) => {
    if (started) return;
    try {
      const next = frames.push(chunk).next();
      if (next.done === true) return;
      started = true;
      callUnary(served, next.value);
    } catch (error) {
      started = true;
      call.fail(error);
    }
  });
  stream.on("end", () => {
    if (!started) call.fail(noRequest());
  });
}

/** Sends the response in the same turn, without a promise, if the handler returns none. */
function callUnary(served: ServedCall, bytes: Buffer): void {
  const { route, call, options } = served;
  call.received(bytes.length);
  const result: unknown = route.handler(decodeRequest(route.method, bytes), call);
  if (!(result instanceof Promise) && !isLarge(route.method.response, result as object)) {
    return call.respondWith(frameOf(route.method.response, result));
  }
  call.startDeadline(options.deadlineClock);
  Promise.resolve(result)
    .then((message) => respondUnary(served, message as object))
    .catch((error: unknown) => call.fail(error));
}

async function respondUnary(served: ServedCall, message: object): Promise<void> {
  const { route, call } = served;
  const { response } = route.method;
  if (!isLarge(response, message)) return call.respondWith(frameOf(response, message));
  await writeLarge(served, message);
  call.end(StatusCode.OK);
}

/** One message. Its parts are dropped as the client takes them. */
async function writeLarge({ route, call, stream, options }: ServedCall, message: object): Promise<void> {
  const parts = await options.turn.run(encodeInSteps(route.method.response, message));
  parts.unshift(frameHeader(parts));
  parts.reverse();
  for (let part = parts.pop(); part !== undefined && !call.isOver; part = parts.pop()) {
    if (!call.write(part)) await drained(stream);
  }
}

async function serveStreaming(served: ServedCall): Promise<void> {
  const { stream, route, frames, call, options } = served;
  call.startDeadline(options.deadlineClock);
  try {
    const { response } = route.method;
    for await (const message of await responsesTo(route, messagesOf(stream, frames), call)) {
      if (call.isOver) return;
      if (isLarge(response, message as object)) await writeLarge(served, message as object);
      else if (!call.write(frameOf(response, message))) await drained(stream);
    }
    call.end(StatusCode.OK);
  } catch (error) {
    call.fail(error);
  }
}

async function responsesTo(
  { method, handler }: ServedRoute,
  requests: AsyncGenerator<Buffer>,
  call: GrpcCall,
): Promise<AsyncIterable<unknown>> {
  if (method.kind === "duplex")
    return handler(decoded(method, requests, call), call) as AsyncIterable<unknown>;
  for await (const bytes of requests) {
    call.received(bytes.length);
    return handler(decodeRequest(method, bytes), call) as AsyncIterable<unknown>;
  }
  throw noRequest();
}

async function* decoded(
  method: AnyMethod,
  requests: AsyncIterable<Buffer>,
  call: GrpcCall,
): AsyncGenerator<unknown> {
  for await (const bytes of requests) {
    call.receivedPart(bytes.length);
    yield decodeRequest(method, bytes);
  }
}

/** Ends after the client's last message, or when the client disconnects, which aborts the call's signal. */
async function* messagesOf(stream: ServerHttp2Stream, frames: FrameReader): AsyncGenerator<Buffer> {
  const chunks = stream.iterator({ destroyOnReturn: false });
  try {
    for (;;) {
      const next = await chunks.next().catch(() => ({ done: true }) as const);
      if (next.done === true) return;
      yield* frames.push(next.value as Buffer);
    }
  } finally {
    // Releases the stream, so that it can drop unread data. A stream that is not read to its end never closes.
    await chunks.return?.();
  }
}

function noRequest(): EtcdError {
  return new EtcdError(StatusCode.Internal, "grpc: the call ended before its request", false);
}

function drained(stream: ServerHttp2Stream): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stream.off("drain", done);
      stream.off("close", done);
      resolve();
    };
    stream.on("drain", done);
    stream.on("close", done);
    if (stream.destroyed) done();
  });
}
