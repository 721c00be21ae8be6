// Serves one gRPC call: bytes of an HTTP/2 stream to a handler of Routes and back. Answers to grpc-go's server as etcd
// sets it up (v3rpc/grpc.go); written on node:http2, which costs half of what grpc-js' server does per call.
import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { EtcdError, StatusCode } from "../../errors";
import type { AnyMethod } from "../../proto/message";
import { decodeRequest, findRoute, type Routes, type ServedRoute } from "../rpc/routes";
import { GrpcCall } from "./call";
import { FrameReader, frameOf } from "./frames";

export interface GrpcOptions {
  readonly routes: Routes;
  /** Of one message. */
  readonly maxReceiveBytes: number;
}

export function serveGrpcStream(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  options: GrpcOptions,
): void {
  const call = new GrpcCall(stream, headers);
  try {
    const route = findRoute(options.routes, headers[":path"] ?? "");
    const frames = new FrameReader(options.maxReceiveBytes, String(headers["grpc-encoding"] ?? ""));
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
  let asked = false;
  stream.on("data", (chunk: Buffer) => {
    if (asked) return;
    try {
      const next = frames.push(chunk).next();
      if (next.done === true) return;
      asked = true;
      answerUnary(route, next.value, call);
    } catch (error) {
      asked = true;
      call.fail(error);
    }
  });
  stream.on("end", () => {
    if (!asked) call.fail(noRequest());
  });
}

/** A handler that answers at once is answered in the same turn, without promises. */
function answerUnary(route: ServedRoute, bytes: Buffer, call: GrpcCall): void {
  call.requestSizeBytes = bytes.length;
  const { response } = route.method;
  const answer: unknown = route.handler(decodeRequest(route.method, bytes), call);
  if (!(answer instanceof Promise)) return call.answer(frameOf(response, answer));
  call.watchDeadline();
  answer.then(
    (message) => call.answer(frameOf(response, message)),
    (error: unknown) => call.fail(error),
  );
}

async function serveStreaming(
  stream: ServerHttp2Stream,
  route: ServedRoute,
  frames: FrameReader,
  call: GrpcCall,
): Promise<void> {
  call.watchDeadline();
  try {
    const { response } = route.method;
    for await (const message of await responsesTo(route, messagesOf(stream, frames), call)) {
      if (call.over) return;
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

/** Ends when the client has sent all or has gone; the call's signal tells which. */
async function* messagesOf(stream: ServerHttp2Stream, frames: FrameReader): AsyncGenerator<Buffer> {
  const chunks = stream.iterator({ destroyOnReturn: false });
  try {
    for (;;) {
      const next = await chunks.next().catch(() => ({ done: true }) as const);
      if (next.done === true) return;
      yield* frames.push(next.value as Buffer);
    }
  } finally {
    // Lets go of the stream, which can then drop what nobody reads; one that is not read to its end never closes.
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
