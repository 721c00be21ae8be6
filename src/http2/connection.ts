// An HTTP/2 connection over any stream of bytes, for a client or a server. RFC 9113.
//
//   const connection = new Http2Connection({ role: "client", output: socket, clock });
//   socket.on("data", (chunk) => connection.receive(chunk)); … (`overSocket` in over-socket.ts does this)
//   const stream = connection.request(headers, { events });
//   stream.write(chunk); stream.end();
//
// Must stay true: what a peer sends never makes `receive` throw, and costs us no more than a bound.
import { nextTick, type Clock } from "../clock";
import type { HeaderField } from "./hpack/table";
import { Intake, type TurnShares } from "./intake";
import { KeepAlive, PingEnforcement, type KeepAliveOptions, type PingPolicy } from "./keep-alive";
import { Outbox, type ByteOutput } from "./outbox";
import {
  ConnectionError,
  defaultWindowBytes,
  ErrorCode,
  errorName,
  FrameType,
  maxStreamId,
  preface,
  StreamError,
} from "./protocol";
import { Receiver, type ReceiverHost } from "./receiver";
import { ReceiveWindow } from "./receive-window";
import { Sender } from "./sender";
import { defaultSettings, encodeSettings } from "./settings";
import { Http2Stream, type StreamEvents, type StreamHost } from "./stream";

export interface ConnectionOptions {
  readonly role: "client" | "server";
  readonly output: ByteOutput;
  /** The bytes of a chunk that is received change after the call. Default: false. */
  readonly reusesChunks?: boolean | undefined;
  /** For keep-alive and limits. Its timers should not keep the process alive. */
  readonly clock: Clock;
  /** A server gets a stream when its headers have come. It must set `stream.events`. */
  readonly onStream?: ((stream: Http2Stream, isEnd: boolean) => void) | undefined;
  /** A stream is over. */
  readonly onStreamClose?: (() => void) | undefined;
  /** The peer will take no further streams. `debug` is its reason, as "too_many_pings". */
  readonly onGoAway?: ((code: number, debug: string) => void) | undefined;
  /** The connection is over; all its streams have been closed before. No error means that it ended as it should. */
  readonly onClose?: ((error: Error | undefined) => void) | undefined;
  /** A handler of a stream has thrown. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** How much a peer may send on one stream before we have read it. Default: 4 MiB. */
  readonly streamWindowBytes?: number | undefined;
  /** The same for all streams together. Default: 16 MiB. */
  readonly connectionWindowBytes?: number | undefined;
  /** How many streams a client may open at once. Default: no limit. */
  readonly maxConcurrentStreams?: number | undefined;
  readonly maxHeaderListBytes?: number | undefined;
  readonly keepAlive?: KeepAliveOptions | undefined;
  /** A server's rule for the pings of its clients. */
  readonly pingPolicy?: PingPolicy | undefined;
  /** A server's connections share the turns of the event loop. Not with `reusesChunks`. Default: no limit. */
  readonly shares?: TurnShares | undefined;
}

/** While the socket is full, a server reads nothing more when this waits. */
const maxBlockedBytes = 1024 * 1024;
/** A client always reads: with more waiting than this, it leaves a server that floods it and does not read. */
const maxOutboxBytes = 4 * 1024 * 1024;
const unreadAnswers = "the peer does not read";
/** Of streams that we reset. */
const rememberedResets = 1000;
/** For a peer that does not close the socket after us. */
const lingerMs = 1000;

export class Http2Connection implements ReceiverHost, StreamHost {
  readonly isServer: boolean;
  isClosed = false;
  readonly streams = new Map<number, Http2Stream>();
  readonly peer = defaultSettings();
  readonly outbox: Outbox;
  readonly sender: Sender;
  readonly window: ReceiveWindow;
  readonly pingPolicy: PingEnforcement | undefined;
  readonly intake: Intake;
  /** Streams that we reset: frames of the peer may still be on their way. */
  readonly resets = new Set<number>();
  nextId = 1;
  /** After a GOAWAY of a server: the last stream that it serves. */
  lastServedId = Infinity;
  private readonly receiver: Receiver;
  private readonly streamWindowBytes: number;
  /** A client's streams that wait until the server allows more. */
  private pending: { stream: Http2Stream; end: boolean }[] = [];
  /** Streams of a server that have answered before their request ended; they end with the turn. */
  private readonly halfDone: Http2Stream[] = [];
  private isDraining = false;
  private readonly keepAlive: KeepAlive | undefined;
  private readonly pings: (() => void)[] = [];
  private readonly drainCallbacks: (() => void)[] = [];

  constructor(readonly options: ConnectionOptions) {
    const { output, clock, role, keepAlive, pingPolicy } = options;
    this.isServer = role === "server";
    this.outbox = new Outbox(output, () => this.beforeFlush());
    this.sender = new Sender(this.outbox, this.peer);
    this.streamWindowBytes = options.streamWindowBytes ?? 4 << 20;
    const connectionBytes = options.connectionWindowBytes ?? 16 << 20;
    this.window = new ReceiveWindow(connectionBytes);
    this.receiver = new Receiver(this, clock);
    this.intake = new Intake((chunk) => this.read(chunk), output, options.shares);
    this.pingPolicy = pingPolicy && new PingEnforcement(pingPolicy, () => clock.now());
    this.keepAlive = keepAlive && new KeepAlive(keepAlive, clock, this);
    if (!this.isServer) this.outbox.raw(preface);
    this.sendSettings(connectionBytes);
  }

  get activeStreams(): number {
    return this.streams.size + this.pending.length;
  }

  /** True while a client may begin a stream. */
  get isOpen(): boolean {
    return !this.isClosed && !this.isDraining && this.nextId <= maxStreamId;
  }

  // --- The socket ---

  /** Give it every chunk of the socket. Views of it are passed on, and must stay as they are unless `reusesChunks` is set. */
  receive(chunk: Buffer): void {
    if (this.isClosed) return;
    this.keepAlive?.received();
    this.intake.push(chunk);
  }

  private read(chunk: Buffer): number {
    if (this.isClosed) return chunk.length;
    let readBytes = chunk.length;
    try {
      readBytes = this.receiver.push(chunk);
    } catch (error) {
      if (error instanceof ConnectionError) this.fail(error);
      else {
        this.options.onError?.(error);
        this.fail(new ConnectionError(ErrorCode.internalError, "internal error"));
      }
    }
    this.holdBack();
    return this.isClosed ? chunk.length : readBytes;
  }

  /** The socket takes bytes again. */
  drained(): void {
    this.outbox.drained();
    if (this.isServer) this.intake.goOn(unreadAnswers);
  }

  /** The peer has closed the socket, or it was lost. */
  ended(error?: Error): void {
    this.destroy(error ?? new Error("the peer closed the connection"));
  }

  /** While the client does not read answers, a server reads no further requests. */
  private holdBack(): void {
    if (!this.outbox.isBlocked || this.isClosed) return;
    const waitingBytes = this.outbox.bytes + this.sender.queuedBytes;
    if (this.isServer && waitingBytes > maxBlockedBytes) this.intake.holdBack(unreadAnswers);
    else if (this.outbox.bytes > maxOutboxBytes) {
      this.fail(new ConnectionError(ErrorCode.enhanceYourCalm, "the peer does not read"));
    }
  }

  private beforeFlush(): void {
    for (const stream of this.halfDone) {
      if (stream.isClosed || stream.isRemoteEnded) continue;
      this.sendReset(stream.id, ErrorCode.noError);
      this.finish(stream, undefined);
    }
    this.halfDone.length = 0;
    if (this.sender.queuedBytes > 0) this.pingPolicy?.sent();
    this.sender.pump();
  }

  private sendSettings(connectionBytes: number): void {
    const { maxConcurrentStreams, maxHeaderListBytes = 65_536 } = this.options;
    const settings = encodeSettings({
      ...(this.isServer ? {} : { enablePush: 0 }),
      ...(maxConcurrentStreams === undefined ? {} : { maxConcurrentStreams }),
      ...{ initialWindowBytes: this.streamWindowBytes, maxHeaderListBytes },
    });
    this.outbox.frame(FrameType.settings, 0, 0, settings);
    const moreBytes = connectionBytes - defaultWindowBytes;
    if (moreBytes > 0) this.outbox.number(FrameType.windowUpdate, 0, moreBytes);
  }

  // --- Life and end ---

  /** Begins a stream (client). When the connection takes no more, the stream closes with `isUnprocessed`. */
  request(
    headers: readonly HeaderField[],
    { events, end = false }: { events?: StreamEvents; end?: boolean } = {},
  ): Http2Stream {
    const stream = this.newStream(headers);
    if (events) stream.events = events;
    if (!this.isOpen) nextTick(() => stream.closed(unprocessed("the connection takes no further streams")));
    else if (this.streams.size < this.peer.maxConcurrentStreams) this.open(stream, end);
    else this.pending.push({ stream, end });
    return stream;
  }

  /** Sends a ping. `onAnswer` is called when the answer comes. */
  ping(onAnswer: () => void = () => undefined): void {
    this.pings.push(onAnswer);
    this.outbox.frame(FrameType.ping, 0, 0, pingPayload);
  }

  /**
   * Takes no further streams; closes the connection when those that there are have ended. A server announces it first,
   * so that requests that are on their way are served. `onDrained`: from now on, none comes that would be served; or the
   * connection is closed. RFC 9113, section 6.8
   */
  goAway(onDrained: () => void = () => undefined): void {
    if (this.isClosed || this.isDraining) return onDrained();
    this.drainCallbacks.push(onDrained);
    if (!this.isServer) return this.drain(0);
    this.sendGoAway(maxStreamId, ErrorCode.noError, "");
    this.ping(() => this.drain(this.receiver.lastPeerId));
  }

  /** Ends the connection and its streams, after what was written has left. */
  close(): void {
    this.fail(new ConnectionError(ErrorCode.noError, ""));
  }

  /** Ends the connection and its streams at once. */
  destroy(error?: Error): void {
    if (this.isClosed) return;
    this.over(error);
    this.options.output.destroy();
  }

  onPingTimeout(): void {
    this.destroy(new Error("keepalive ping failed to receive ACK within timeout"));
  }

  /** The peer has answered a ping. False if there was none. */
  pingAnswered(): boolean {
    const onAnswer = this.pings.shift();
    onAnswer?.();
    return onAnswer !== undefined;
  }

  /** The peer has sent GOAWAY: it serves no stream after `lastId`. */
  peerGoesAway(lastId: number, code: number, debug: string): void {
    this.isDraining = true;
    const why = debug === "" ? errorName(code) : `${errorName(code)}, ${debug}`;
    this.options.onGoAway?.(code, debug);
    if (!this.isServer) {
      const unserved = [...this.streams.values()].filter(({ id }) => id > lastId);
      const { pending } = this;
      this.pending = [];
      for (const stream of [...unserved, ...pending.map((each) => each.stream)]) {
        this.finish(stream, unprocessed(`the server is going away: ${why}`));
      }
    }
    this.closeIfDone();
  }

  private drain(lastId: number): void {
    if (this.isClosed || this.isDraining) return;
    this.isDraining = true;
    if (this.isServer) this.lastServedId = lastId;
    this.sendGoAway(lastId, ErrorCode.noError, "");
    this.drainEnds();
    this.closeIfDone();
  }

  private drainEnds(): void {
    for (const callback of this.drainCallbacks.splice(0)) callback();
  }

  private closeIfDone(): void {
    if (this.isDraining && this.activeStreams === 0 && !this.isClosed) this.end(undefined);
  }

  /** RFC 9113, section 5.4.1 */
  private fail(error: ConnectionError): void {
    if (this.isClosed) return;
    this.sendGoAway(this.receiver.lastPeerId, error.code, error.message);
    this.end(error.code === ErrorCode.noError ? undefined : error);
  }

  private end(error: Error | undefined): void {
    this.sender.pump();
    this.outbox.flush();
    this.over(error);
    const { output, clock } = this.options;
    output.end();
    clock.setTimeout(() => output.destroy(), lingerMs);
  }

  private over(error: Error | undefined): void {
    this.isClosed = true;
    this.keepAlive?.stop();
    this.outbox.close();
    const message = error?.message ?? "the connection was closed";
    const open = [...this.streams.values(), ...this.pending.map(({ stream }) => stream)];
    this.streams.clear();
    this.pending = [];
    for (const stream of open) {
      const isUnprocessed = stream.id === 0;
      stream.closed(new StreamError(ErrorCode.cancel, message, isUnprocessed, { cause: error }));
    }
    this.drainEnds();
    this.options.onClose?.(error);
  }

  private sendGoAway(lastId: number, code: number, debug: string): void {
    const payload = Buffer.alloc(8 + debug.length);
    payload.writeUInt32BE(lastId, 0);
    payload.writeUInt32BE(code, 4);
    payload.write(debug, 8, "latin1");
    this.outbox.frame(FrameType.goAway, 0, 0, payload);
  }

  // --- StreamHost ---

  get reusesChunks(): boolean {
    return this.options.reusesChunks === true;
  }

  sendHeaders(stream: Http2Stream, fields: readonly HeaderField[], isEnd: boolean): void {
    this.pingPolicy?.sent();
    this.sender.headers(stream.id, fields, isEnd);
  }

  sendData(stream: Http2Stream, chunk: Buffer, isEnd: boolean): boolean {
    this.pingPolicy?.sent();
    return this.sender.sendNow(stream, chunk, isEnd);
  }

  queued(stream: Http2Stream, sizeBytes: number): void {
    this.sender.queuedBytes += sizeBytes;
    if (stream.id !== 0) this.sender.wait(stream);
  }

  localEnd(stream: Http2Stream): void {
    if (stream.isRemoteEnded) this.finish(stream, undefined);
    else if (this.isServer) this.halfDone.push(stream);
  }

  reset(stream: Http2Stream, code: number): void {
    if (stream.id !== 0) this.sendReset(stream.id, code);
    else this.pending = this.pending.filter((each) => each.stream !== stream);
    this.finish(stream, new StreamError(code, `the stream was reset: ${errorName(code)}`));
  }

  /** Without a stream, the bytes belong to one that is over. */
  consumed(stream: Http2Stream | undefined, sizeBytes: number): void {
    if (this.isClosed || sizeBytes === 0) return;
    const increment = this.window.give(sizeBytes);
    if (increment > 0) this.outbox.number(FrameType.windowUpdate, 0, increment);
    if (stream !== undefined) this.returned(stream, sizeBytes);
  }

  returned(stream: Http2Stream, sizeBytes: number): void {
    if (this.isClosed || stream.isRemoteEnded || stream.isClosed) return;
    const increment = stream.window.give(sizeBytes);
    if (increment > 0) this.outbox.number(FrameType.windowUpdate, stream.id, increment);
  }

  widened(stream: Http2Stream, sizeBytes: number): void {
    if (this.isClosed || stream.isRemoteEnded || stream.isClosed) return;
    stream.window.widen(sizeBytes);
    this.outbox.number(FrameType.windowUpdate, stream.id, sizeBytes);
  }

  threw(stream: Http2Stream, error: unknown): void {
    this.options.onError?.(error);
    if (!stream.isClosed) this.reset(stream, ErrorCode.internalError);
  }

  newStream(headers: readonly HeaderField[]): Http2Stream {
    const window = new ReceiveWindow(this.streamWindowBytes);
    return new Http2Stream(this, window, this.peer.initialWindowBytes, headers);
  }

  private open(stream: Http2Stream, end: boolean): void {
    stream.id = this.nextId;
    stream.sendWindowBytes = this.peer.initialWindowBytes;
    this.nextId += 2;
    this.streams.set(stream.id, stream);
    stream.respond(stream.headers, { end: end || (stream.endsWithData && stream.queuedBytes === 0) });
    if (stream.queuedBytes > 0) this.sender.wait(stream);
  }

  openPending(): void {
    while (this.pending.length > 0 && this.streams.size < this.peer.maxConcurrentStreams && this.isOpen) {
      const { stream, end } = this.pending.shift() as { stream: Http2Stream; end: boolean };
      this.open(stream, end);
    }
  }

  sendReset(streamId: number, code: number): void {
    this.outbox.number(FrameType.rstStream, streamId, code);
    this.resets.add(streamId);
    if (this.resets.size > rememberedResets) this.resets.delete(this.resets.values().next().value as number);
  }

  /** The stream is over. */
  finish(stream: Http2Stream, error: StreamError | undefined): void {
    this.streams.delete(stream.id);
    this.sender.forget(stream);
    stream.closed(error, !this.isServer && error === undefined);
    this.options.onStreamClose?.();
    if (this.pending.length > 0) this.openPending();
    this.closeIfDone();
  }
}

/** "etcdctl\0": any eight bytes do. */
const pingPayload = Buffer.from("etcdctl\0", "latin1");

function unprocessed(message: string): StreamError {
  return new StreamError(ErrorCode.refusedStream, message, true);
}
