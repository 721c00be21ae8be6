// One gRPC call on an HTTP/2 stream: the ServerCall for the handler, and the end of the call.
// Must stay true: the status is sent once, by the first of response, error, deadline and end of the connection.
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import type { Clock } from "../../clock";
import { StatusCode } from "../../errors";
import type { HeaderField } from "../../http2/hpack/table";
import { valueOf } from "../../http2/message-rules";
import type { Http2Stream, StreamEvents } from "../../http2/stream";
import type { ServerMetrics } from "../metrics/server-metrics";
import type { TurnBudget } from "../mvcc/turn-budget";
import { statusOf } from "../member/errors";
import type { Routes, ServerCall } from "../rpc/routes";
import { grpcTypeOf, timeoutOf } from "./call-headers";
import type { CallOrder } from "./call-order";
import { FrameReader, type ReceiveBudget } from "./frames";
import type { LargeRequests } from "./large-requests";
import type { OpenRequests } from "./open-requests";

const frameHeaderBytes = 5;
/** One for all calls: to make an error for each costs more than a short call. */
const callEnded = new Error("the call has ended");
const plainType = "application/grpc";
// Frozen lists are encoded once for each connection.
const responseHeaders: readonly HeaderField[] = Object.freeze([
  { name: ":status", value: "200" },
  { name: "content-type", value: plainType },
]);
const okTrailers: readonly HeaderField[] = Object.freeze([
  { name: "grpc-status", value: "0" },
  { name: "grpc-message", value: "" },
]);

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

/** What the calls of one connection share. */
export interface CallConnection {
  readonly socket: Duplex;
  readonly budget: ReceiveBudget;
  readonly order: CallOrder;
  readonly requests: OpenRequests;
  readonly largeRequests: LargeRequests;
  readonly options: GrpcOptions;
}

export abstract class GrpcCall implements ServerCall, StreamEvents {
  requestSizeBytes = 0;
  protected readonly frames: FrameReader;
  private ended = false;
  // These are made lazily: most unary calls need none, and they cost as much as the call.
  private abort: AbortController | undefined;
  private names: Map<string, string> | undefined;
  private deadline: { cancel(): void } | undefined;

  constructor(
    protected readonly stream: Http2Stream,
    protected readonly connection: CallConnection,
  ) {
    this.frames = new FrameReader(connection.options.maxReceiveBytes, connection.budget, stream.headers);
    stream.events = this;
  }

  abstract onData(chunk: Buffer): void;
  abstract onEnd(): void;

  onClose(): void {
    this.frames.close();
    this.deadline?.cancel();
    this.abort?.abort(callEnded);
  }

  get signal(): AbortSignal {
    if (this.abort === undefined) {
      this.abort = new AbortController();
      if (this.isOver) this.abort.abort(callEnded);
    }
    return this.abort.signal;
  }

  get isAborted(): boolean {
    return this.isOver;
  }

  get metadata(): ReadonlyMap<string, string> {
    this.names ??= metadataOf(this.stream.headers);
    return this.names;
  }

  get clientVersion(): string | undefined {
    return valueOf(this.stream.headers, "client-api-version");
  }

  get requiresLeader(): boolean {
    return valueOf(this.stream.headers, "hasleader") === "true";
  }

  get commonName(): string | undefined {
    return commonNameOf(this.connection.socket);
  }

  get remote(): string | undefined {
    return remoteOf(this.connection.socket);
  }

  /** True when nothing can be sent any more. */
  get isOver(): boolean {
    return this.ended || this.stream.isClosed;
  }

  /** Ends the call when the client's deadline passes, even if the handler does not return. */
  startDeadline(): void {
    const timeoutMs = timeoutOf(this.stream.headers);
    if (timeoutMs === undefined || this.isOver || this.deadline !== undefined) return;
    this.deadline = this.connection.options.deadlineClock.setTimeout(() => {
      this.end(StatusCode.DeadlineExceeded, "context deadline exceeded");
    }, timeoutMs);
  }

  /** The only request of a call has arrived. */
  protected received(sizeBytes: number): void {
    this.requestSizeBytes = sizeBytes;
    this.receivedPart(sizeBytes);
  }

  /** One request of a stream has arrived. */
  protected receivedPart(sizeBytes: number): void {
    this.connection.options.traffic.receivedBytes += sizeBytes;
  }

  private sent(sizeBytes: number): void {
    this.connection.options.traffic.sentBytes += sizeBytes;
  }

  /** Of a frame, or of a part of one without its header. False means: wait for `onDrain` before the next message. */
  write(frame: Buffer, headerBytes = frameHeaderBytes): boolean {
    this.sent(frame.length - headerBytes);
    this.stream.respond(headersFor(this.stream));
    return this.stream.write(frame);
  }

  /** Ends a unary call with its response. */
  respondWith(frame: Buffer): void {
    if (this.isOver) return;
    this.ended = true;
    this.sent(frame.length - frameHeaderBytes);
    this.stream.respond(headersFor(this.stream));
    this.stream.write(frame);
    this.stream.sendTrailers(okTrailers);
  }

  end(code: StatusCode, desc = "", httpStatus = 200): void {
    if (this.isOver) return;
    this.ended = true;
    const status = [
      { name: "grpc-status", value: String(code) },
      { name: "grpc-message", value: percentEncode(desc) },
    ];
    if (this.stream.headersSent) this.stream.sendTrailers(status);
    else this.stream.respond([...headersFor(this.stream, httpStatus), ...status], { end: true });
    this.deadline?.cancel();
    this.abort?.abort(callEnded);
  }

  fail(error: unknown): void {
    const { code, desc } = statusOf(error);
    this.end(code, desc);
  }
}

/** With the type of the request, which may have a suffix such as `+proto`. Go: contentType in internal/grpcutil/method.go */
function headersFor({ headers }: Http2Stream, httpStatus = 200): readonly HeaderField[] {
  const requested = grpcTypeOf(headers);
  if (httpStatus === 200 && requested === plainType) return responseHeaders;
  const suffix = requested?.slice(plainType.length + 1) ?? "";
  return [
    { name: ":status", value: String(httpStatus) },
    { name: "content-type", value: suffix === "" ? plainType : `${plainType}+${suffix}` },
  ];
}

/** The first value of each name, which is the one that etcd reads. Python's etcd3 sends its token twice. */
function metadataOf(fields: readonly HeaderField[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const { name, value } of fields) {
    if (!name.startsWith(":") && !names.has(name)) names.set(name, value);
  }
  return names;
}

/** Escapes a text for `grpc-message`, which is printable ASCII without the percent sign. */
function percentEncode(text: string): string {
  return text.replace(/[^ -$&-~]+/gu, (part) =>
    [...Buffer.from(part)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join(""),
  );
}

/** Without loading node:tls, which a server without TLS does not need. */
export function isTlsSocket(socket: unknown): socket is TLSSocket {
  return (socket as Partial<TLSSocket> | undefined)?.encrypted === true;
}

/** Common name of the client's certificate. The listener (http/listener.ts) accepts only verified certificates. */
export function commonNameOf(socket: unknown): string | undefined {
  if (!isTlsSocket(socket)) return undefined;
  const name: unknown = socket.getPeerCertificate().subject?.CN;
  return typeof name === "string" ? name : undefined;
}

export function remoteOf(socket: Duplex): string | undefined {
  const { remoteAddress, remotePort } = socket as Partial<Socket>;
  if (remoteAddress === undefined) return undefined;
  return remoteAddress.includes(":") ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`;
}
