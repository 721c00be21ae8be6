// Serves one gRPC call: passes the messages of an HTTP/2 stream to a handler, and its responses back.
// Go: server/etcdserver/api/v3rpc/grpc.go
import { EtcdError, StatusCode } from "../../errors";
import { valueOf } from "../../http2/message-rules";
import type { Http2Stream } from "../../http2/stream";
import { encodeInSteps, isLarge } from "../streams/large-message";
import { forEachReady, type ReadyIterator } from "../streams/ready";
import { decodeRequest, findRoute, type ServedRoute } from "../rpc/routes";
import { GrpcCall, type CallConnection } from "./call";
import { checkEncoding, refusalOf, type Refusal } from "./call-headers";
import { frameHeader, frameOf } from "./frames";
import { requestWindowBytes } from "./large-requests";
import { isLargeRequest } from "./open-requests";

export function serveGrpcStream(stream: Http2Stream, connection: CallConnection): void {
  const refusal = refusalOf(stream.headers);
  if (refusal !== undefined) return new RefusedCall(stream, connection).refuse(refusal);
  let route: ServedRoute;
  try {
    route = findRoute(connection.options.routes, valueOf(stream.headers, ":path") ?? "");
    checkEncoding(stream.headers);
  } catch (error) {
    return new RefusedCall(stream, connection).fail(error);
  }
  if (route.method.kind === "unary") new UnaryCall(stream, connection, route);
  else void new StreamingCall(stream, connection, route).serve();
}

class RefusedCall extends GrpcCall {
  refuse({ httpStatus, code, desc }: Refusal): void {
    this.end(code, desc, httpStatus);
  }

  onData(): void {
    // Dropped.
  }

  onEnd(): void {
    // The status has been sent.
  }
}

abstract class ServedCall extends GrpcCall {
  private wakeWriter: (() => void) | undefined;

  constructor(
    stream: Http2Stream,
    connection: CallConnection,
    protected readonly route: ServedRoute,
  ) {
    super(stream, connection);
  }

  override onClose(): void {
    super.onClose();
    this.wakeWriter?.();
  }

  onDrain(): void {
    this.wakeWriter?.();
  }

  protected drained(): Promise<void> {
    if (this.isOver) return Promise.resolve();
    return new Promise((resolve) => (this.wakeWriter = resolve));
  }

  /** One message. Its parts are dropped as the client takes them. */
  protected async writeLarge(message: object): Promise<void> {
    const { turn } = this.connection.options;
    const parts = await turn.run(encodeInSteps(this.route.method.response, message));
    const header = frameHeader(parts);
    parts.unshift(header);
    parts.reverse();
    for (let part = parts.pop(); part !== undefined && !this.isOver; part = parts.pop()) {
      if (!this.write(part, part === header ? header.length : 0)) await this.drained();
    }
  }
}

/** A window must stay below 2^31. */
const maxWidening = 2 ** 30;

class UnaryCall extends ServedCall {
  private started = false;
  /** Set while a large request comes. */
  private leave: (() => void) | undefined;

  onData(chunk: Buffer): void {
    if (this.started) return;
    try {
      this.frames.feed(chunk);
      const bytes = this.frames.next();
      if (bytes === undefined) return this.holdBack();
      this.started = true;
      this.letOn();
      this.connection.order.begin(() => this.attempt(() => this.call(bytes)));
    } catch (error) {
      this.started = true;
      this.letOn();
      this.fail(error);
    }
  }

  /** Of a request that may have waited. */
  private attempt<T>(run: () => T): T | undefined {
    try {
      return this.isOver ? undefined : run();
    } catch (error) {
      this.fail(error);
      return undefined;
    }
  }

  /** A large request waits for its turn. Then all of it may come, and the window need not be opened for each part. */
  private holdBack(): void {
    const { expectedBytes } = this.frames;
    if (this.leave !== undefined || expectedBytes <= requestWindowBytes) return;
    this.stream.pause(true);
    this.leave = this.connection.largeRequests.enter(expectedBytes, () => this.letCome(expectedBytes));
  }

  private letCome(sizeBytes: number): void {
    try {
      this.frames.expectWhole();
      this.stream.widen(Math.min(sizeBytes, maxWidening));
    } catch (error) {
      this.started = true;
      this.fail(error);
      this.stream.resume();
    }
  }

  /** The request has come, or will not. */
  private letOn(): void {
    if (this.leave === undefined) return;
    this.leave();
    this.leave = undefined;
    this.stream.resume();
  }

  override onClose(): void {
    super.onClose();
    this.letOn();
  }

  onEnd(): void {
    if (!this.started) {
      const desc = this.frames.holdsPart ? "unexpected EOF" : "EOF";
      this.fail(new EtcdError(StatusCode.Unknown, desc, false));
    }
  }

  private call(bytes: Buffer): void {
    this.received(bytes.length);
    if (!isLargeRequest(this.route.method.path, bytes.length)) return void this.run(bytes);
    this.startDeadline();
    this.connection.requests.run(bytes.length, () => this.attempt(() => this.run(bytes)));
  }

  /** Sends the response in the same turn, without a promise, if the handler returns none. */
  private run(bytes: Buffer): Promise<void> | undefined {
    const { method, handler } = this.route;
    const { response } = method;
    const result: unknown = handler(decodeRequest(method, bytes), this);
    if (!(result instanceof Promise) && !isLarge(response, result as object)) {
      this.respondWith(frameOf(response, result));
      return undefined;
    }
    this.startDeadline();
    return Promise.resolve(result)
      .then((message) => this.respond(message as object))
      .catch((error: unknown) => this.fail(error));
  }

  private async respond(message: object): Promise<void> {
    const { response } = this.route.method;
    if (!isLarge(response, message)) return this.respondWith(frameOf(response, message));
    await this.writeLarge(message);
    this.end(StatusCode.OK);
  }
}

/** Requests are read only as fast as the handler takes them: the client's window closes meanwhile. */
class StreamingCall extends ServedCall implements AsyncIterable<unknown>, ReadyIterator<unknown> {
  private hasEnded = false;
  private isReleased = false;
  private needsChunk = false;
  private wakeReader: (() => void) | undefined;

  async serve(): Promise<void> {
    this.startDeadline();
    try {
      await forEachReady(await this.responses(), (message) => this.send(message as object));
      this.end(StatusCode.OK);
    } catch (error) {
      this.fail(error);
    }
  }

  private send(message: object): Promise<void> | false | undefined {
    if (this.isOver) return false;
    const { response } = this.route.method;
    if (isLarge(response, message)) return this.writeLarge(message);
    return this.write(frameOf(response, message)) ? undefined : this.drained();
  }

  private async responses(): Promise<AsyncIterable<unknown>> {
    const { method, handler } = this.route;
    if (method.kind === "duplex") return handler(this, this) as AsyncIterable<unknown>;
    const first = await this.next();
    if (first.done === true) throw violation("received no request message from");
    if ((await this.next()).done !== true) throw violation("received multiple request messages for");
    this.release();
    return handler(first.value, this) as AsyncIterable<unknown>;
  }

  // --- The requests ---

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Ends after the client's last message, or when the client disconnects, which aborts the call's signal. */
  async next(): Promise<IteratorResult<unknown, undefined>> {
    try {
      const bytes = await this.nextMessage();
      return bytes === undefined
        ? { done: true, value: undefined }
        : { done: false, value: this.decode(bytes) };
    } catch (error) {
      this.release();
      throw error;
    }
  }

  takeNow(): unknown {
    try {
      const bytes = this.isReleased ? undefined : this.frames.next();
      return bytes === undefined ? undefined : this.decode(bytes);
    } catch (error) {
      this.release();
      throw error;
    }
  }

  private decode(bytes: Buffer): unknown {
    const { method } = this.route;
    if (method.kind === "duplex") this.receivedPart(bytes.length);
    else this.received(bytes.length);
    return decodeRequest(method, bytes);
  }

  private async nextMessage(): Promise<Buffer | undefined> {
    while (!this.isReleased) {
      const bytes = this.frames.next();
      if (bytes !== undefined) return bytes;
      this.needsChunk = true;
      // A chunk that is held is passed to onData in this turn.
      this.stream.resume();
      if (!this.needsChunk) continue;
      if (this.hasEnded || this.stream.isClosed) break;
      await new Promise<void>((resolve) => (this.wakeReader = resolve));
    }
    return undefined;
  }

  return(): Promise<IteratorResult<unknown, undefined>> {
    this.release();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** The handler wants no further requests: what still comes is dropped. */
  private release(): void {
    this.isReleased = true;
    this.frames.close();
    this.stream.resume();
  }

  onData(chunk: Buffer): void {
    if (this.isReleased) return;
    this.connection.order.streamMessage();
    this.stream.pause();
    this.needsChunk = false;
    this.frames.feed(chunk);
    this.wakeReader?.();
  }

  onEnd(): void {
    this.hasEnded = true;
    this.wakeReader?.();
  }

  override onClose(): void {
    super.onClose();
    this.wakeReader?.();
  }
}

function violation(what: string): EtcdError {
  const desc = `cardinality violation: ${what} non-client-streaming RPC`;
  return new EtcdError(StatusCode.Internal, desc, false);
}
