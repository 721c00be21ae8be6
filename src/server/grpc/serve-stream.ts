// Serves one gRPC call: passes the bytes of an HTTP/2 stream to a handler, and its responses back. It uses node:http2, as a
// call with grpc-js' server costs twice as much. Go: server/etcdserver/api/v3rpc/grpc.go
import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { EtcdError, StatusCode } from "../../errors";
import type { AnyMethod } from "../../proto/message";
import { decodeRequest, findRoute, type Routes, type ServedRoute } from "../rpc/routes";
import { GrpcCall } from "./call";
import { FrameReader, frameOf, type ReceiveBudget } from "./frames";

export interface GrpcOptions {
  readonly routes: Routes;
  /** Size limit of one message. */
  readonly maxReceiveBytes: number;
}

export function serveGrpcStream(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  options: GrpcOptions,
  /** Shared by the streams of one connection. */
  budget?: ReceiveBudget,
): void {
  const call = new GrpcCall(stream, headers);
  try {
    const route = findRoute(options.routes, headers[":path"] ?? "");
    const encoding = String(headers["grpc-encoding"] ?? "");
    const frames: FrameReader = new FrameReader(options.maxReceiveBytes, encoding, budget, () => {
      stream.once("close", () => frames.close());
    });
    if (route.method.kind === "unary") serveUnary(stream, route, frames, call);
    else void serveStreaming(stream, route, frames, call);
  } catch (error) {
    call.fail(error);
  }
}

function serveUnary(
  stream: ServerHttp2Stream,
  route: ServedRoute,
  frames: FrameReader,
  call: GrpcCall,
): void {
  let started = false;
  stream.on("data", (chunk: Buffer) => {
    if (started) return;
    try {
      const next = frames.push(chunk).next();
      if (next.done === true) return;
      started = true;
      callUnary(route, next.value, call);
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
function callUnary(route: ServedRoute, bytes: Buffer, call: GrpcCall): void {
  call.requestSizeBytes = bytes.length;
  const { response } = route.method;
  const result: unknown = route.handler(decodeRequest(route.method, bytes), call);
  if (!(result instanceof Promise)) return call.respondWith(frameOf(response, result));
  call.startDeadline();
  result.then(
    (message) => call.respondWith(frameOf(response, message)),
    (error: unknown) => call.fail(error),
  );
}

async function serveStreaming(
  stream: ServerHttp2Stream,
  route: ServedRoute,
  frames: FrameReader,
  call: GrpcCall,
): Promise<void> {
  call.startDeadline();
  try {
    const { response } = route.method;
    for await (const message of await responsesTo(route, messagesOf(stream, frames), call)) {
      if (call.isOver) return;
      if (!call.write(frameOf(response, message))) await drained(stream);
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
  if (method.kind === "duplex") return handler(decoded(method, requests), call) as AsyncIterable<unknown>;
  for await (const bytes of requests) {
    call.requestSizeBytes = bytes.length;
    return handler(decodeRequest(method, bytes), call) as AsyncIterable<unknown>;
  }
  throw noRequest();
}

async function* decoded(method: AnyMethod, requests: AsyncIterable<Buffer>): AsyncGenerator<unknown> {
  for await (const bytes of requests) yield decodeRequest(method, bytes);
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
