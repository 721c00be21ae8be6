// What the frames of the peer do. RFC 9113, sections 5.1 and 6. Must stay true: whatever a peer sends ends in a bounded amount
// of work, a StreamError or a ConnectionError.
import type { Clock } from "../clock";
import { FrameReader, type FrameSink } from "./frame-reader";
import { checkFrame } from "./frame-rules";
import { HeaderBlockReader } from "./header-block";
import { HpackDecoder, type HeaderBlock } from "./hpack/decoder";
import type { HeaderField } from "./hpack/table";
import type { Intake } from "./intake";
import type { PingEnforcement } from "./keep-alive";
import { contentLength, requestProblem, responseProblem, trailersProblem } from "./message-rules";
import type { Outbox } from "./outbox";
import {
  ConnectionError,
  ErrorCode,
  errorName,
  Flag,
  FrameType,
  maxStreamId,
  maxWindowBytes,
  StreamError,
} from "./protocol";
import { RateLimit } from "./rate-limit";
import type { ReceiveWindow } from "./receive-window";
import type { Sender } from "./sender";
import { applySettings, type Settings } from "./settings";
import type { Http2Stream } from "./stream";

/** What the receiver needs of its connection. */
export interface ReceiverHost {
  readonly isServer: boolean;
  readonly isClosed: boolean;
  readonly options: {
    readonly onStream?: ((stream: Http2Stream, isEnd: boolean) => void) | undefined;
    readonly maxConcurrentStreams?: number | undefined;
    readonly maxHeaderListBytes?: number | undefined;
  };
  readonly streams: Map<number, Http2Stream>;
  readonly peer: Settings;
  readonly outbox: Outbox;
  readonly sender: Sender;
  readonly window: ReceiveWindow;
  readonly pingPolicy: PingEnforcement | undefined;
  readonly resets: ReadonlySet<number>;
  /** A client's next stream. */
  readonly nextId: number;
  readonly lastServedId: number;
  readonly activeStreams: number;
  readonly intake: Intake;
  newStream(headers: readonly HeaderField[]): Http2Stream;
  openPending(): void;
  sendReset(streamId: number, code: number): void;
  reset(stream: Http2Stream, code: number): void;
  finish(stream: Http2Stream, error: StreamError | undefined): void;
  threw(stream: Http2Stream, error: unknown): void;
  consumed(stream: Http2Stream | undefined, sizeBytes: number): void;
  /** False if there was no ping. */
  pingAnswered(): boolean;
  peerGoesAway(lastId: number, code: number, debug: string): void;
}

/** What a request costs before its message comes, and what a part of a message costs. A unit is about a microsecond. */
const headersUnits = 12;
const dataUnits = 4;
const dataBytesPerUnit = 512;
/** Of streams that get another window with SETTINGS. */
const windowsPerUnit = 32;

/** Answers that wait for windows; a server refuses further streams of a client that lets more wait. */
const maxQueuedBytes = 256 * 1024 * 1024;

export class Receiver implements FrameSink {
  /** A server's last stream. */
  lastPeerId = 0;
  private readonly reader: FrameReader;
  private readonly blocks = new HeaderBlockReader();
  private readonly decoder: HpackDecoder;
  private hasSettings = false;
  // CVE-2023-44487 ("rapid reset") and CVE-2025-8671: streams that are opened only to be reset. A program that ends ten
  // thousand watches at once is no attack.
  private readonly resetLimit: RateLimit;
  /** Frames that carry nothing. */
  private readonly idleLimit: RateLimit;

  constructor(
    private readonly host: ReceiverHost,
    clock: Clock,
  ) {
    this.reader = new FrameReader(this, host.isServer);
    this.decoder = new HpackDecoder(4096, host.options.maxHeaderListBytes);
    this.resetLimit = new RateLimit(20_000, 1000, () => clock.now());
    this.idleLimit = new RateLimit(10_000, 1000, () => clock.now());
  }

  /** Returns how much was read. Throws ConnectionError. */
  push(chunk: Buffer): number {
    return this.reader.push(chunk);
  }

  get isPaused(): boolean {
    return this.host.intake.isPaused;
  }

  onData(streamId: number, part: Buffer, frameBytes: number, paddingBytes: number, isEnd: boolean): void {
    const { host } = this;
    if (host.isClosed) return;
    host.intake.spend(dataUnits + part.length / dataBytesPerUnit);
    this.check(FrameType.data, 0, streamId, 0);
    if (!host.window.receive(frameBytes)) {
      throw new ConnectionError(ErrorCode.flowControlError, "more data than the connection's window");
    }
    const stream = host.streams.get(streamId);
    const problem =
      stream === undefined ? this.lateFrame(streamId) : this.dataProblem(stream, part.length, frameBytes);
    if (stream === undefined || problem !== undefined) {
      host.consumed(undefined, part.length + paddingBytes);
      if (stream === undefined && problem !== undefined) this.resetUnknown(streamId, problem);
      if (stream !== undefined && problem !== undefined) this.streamError(stream, problem);
      return;
    }
    if (paddingBytes > 0) host.consumed(stream, paddingBytes);
    if (part.length > 0) stream.receiveData(part);
    else if (frameBytes === 0 && !isEnd) this.countIdle("empty DATA frames");
    if (isEnd && !stream.isClosed) this.remoteEnd(stream, undefined);
  }

  private dataProblem(stream: Http2Stream, partBytes: number, frameBytes: number): number | undefined {
    if (stream.isRemoteEnded) return ErrorCode.streamClosed;
    if (!stream.window.receive(frameBytes)) return ErrorCode.flowControlError;
    if (!this.host.isServer && !stream.hasResponse) return ErrorCode.protocolError;
    if (stream.declaredBytes === undefined) return undefined;
    stream.declaredBytes -= partBytes;
    return stream.declaredBytes >= 0 ? undefined : ErrorCode.protocolError;
  }

  onFrame(type: number, flags: number, streamId: number, payload: Buffer): void {
    if (this.host.isClosed) return;
    this.host.intake.spend(type === FrameType.headers ? headersUnits : 1);
    this.check(type, flags, streamId, payload.length);
    switch (type) {
      case FrameType.headers:
      case FrameType.continuation:
        return this.blocks.push(type, flags, streamId, payload, this.onBlock);
      case FrameType.rstStream:
        return this.onReset(streamId, payload.readUInt32BE(0));
      case FrameType.settings:
        return this.onSettings(flags, payload);
      case FrameType.ping:
        return this.onPing(flags, payload);
      case FrameType.goAway:
        return this.onGoAway(payload);
      case FrameType.windowUpdate:
        return this.onWindowUpdate(streamId, payload.readUInt32BE(0) & maxWindowBytes);
      default:
        // PRIORITY says nothing any more, and unknown types are ignored. RFC 9113, sections 5.3.2 and 5.5
        return this.countIdle("frames without use");
    }
  }

  private check(type: number, flags: number, streamId: number, length: number): void {
    checkFrame(type, flags, streamId, length);
    this.blocks.check(type, streamId);
    if (this.hasSettings) return;
    // RFC 9113, section 3.4
    if (type !== FrameType.settings || (flags & Flag.ack) !== 0) {
      throw new ConnectionError(ErrorCode.protocolError, "the first frame is not SETTINGS");
    }
    this.hasSettings = true;
  }

  private countIdle(what: string, count = 1): void {
    if (!this.idleLimit.take(count)) throw new ConnectionError(ErrorCode.enhanceYourCalm, `too many ${what}`);
  }

  // --- Headers ---

  private readonly onBlock = (flags: number, streamId: number, bytes: Buffer): void => {
    // Every block is decoded, or the table would differ from the peer's.
    const block = this.decoder.decode(bytes);
    const isEnd = (flags & Flag.endStream) !== 0;
    const stream = this.host.streams.get(streamId);
    if (stream === undefined) {
      if (this.host.isServer) return this.onRequest(streamId, block, isEnd);
      this.lateFrame(streamId);
      return;
    }
    if (stream.isRemoteEnded) return this.streamError(stream, ErrorCode.streamClosed);
    if (block.isTooLarge) return this.streamError(stream, ErrorCode.enhanceYourCalm);
    if (block.hasInvalidField) return this.streamError(stream, ErrorCode.protocolError);
    if (!this.host.isServer && !stream.hasResponse) return this.onResponse(stream, block, isEnd);
    const problem = isEnd ? trailersProblem(block.fields) : "trailers that do not end the stream";
    if (problem !== undefined) return this.streamError(stream, ErrorCode.protocolError);
    this.remoteEnd(stream, block.fields);
  };

  private onRequest(streamId: number, block: HeaderBlock, isEnd: boolean): void {
    const { host } = this;
    if (streamId % 2 === 0)
      throw new ConnectionError(ErrorCode.protocolError, `a request on stream ${streamId}`);
    if (streamId <= this.lastPeerId) {
      if (host.resets.has(streamId)) return;
      throw new ConnectionError(ErrorCode.streamClosed, `HEADERS on the closed stream ${streamId}`);
    }
    this.lastPeerId = streamId;
    // Sent before the client knew of our GOAWAY, which says that it is not served.
    if (streamId > host.lastServedId) return;
    const { maxConcurrentStreams = Infinity, onStream } = host.options;
    if (host.streams.size >= maxConcurrentStreams || host.sender.queuedBytes > maxQueuedBytes) {
      return this.resetUnknown(streamId, ErrorCode.refusedStream);
    }
    if (block.isTooLarge) return this.resetUnknown(streamId, ErrorCode.enhanceYourCalm);
    const declaredBytes = contentLength(block.fields);
    const isWrong = declaredBytes !== undefined && !(isEnd ? declaredBytes === 0 : declaredBytes >= 0);
    if (block.hasInvalidField || isWrong || requestProblem(block.fields) !== undefined) {
      return this.resetUnknown(streamId, ErrorCode.protocolError);
    }
    const stream = host.newStream(block.fields);
    stream.id = streamId;
    stream.declaredBytes = declaredBytes;
    host.streams.set(streamId, stream);
    try {
      onStream?.(stream, isEnd);
    } catch (error) {
      host.threw(stream, error);
    }
    if (isEnd && !stream.isClosed) this.remoteEnd(stream, undefined);
  }

  private onResponse(stream: Http2Stream, { fields }: HeaderBlock, isEnd: boolean): void {
    if (responseProblem(fields) !== undefined) return this.streamError(stream, ErrorCode.protocolError);
    if (fields[0]?.value.startsWith("1") === true) {
      if (isEnd) this.streamError(stream, ErrorCode.protocolError);
      else this.countIdle("interim responses");
      return;
    }
    stream.hasResponse = true;
    try {
      stream.events.onHeaders?.(fields, isEnd);
    } catch (error) {
      this.host.threw(stream, error);
    }
    if (isEnd && !stream.isClosed) this.remoteEnd(stream, undefined);
  }

  private remoteEnd(stream: Http2Stream, trailers: readonly HeaderField[] | undefined): void {
    if (stream.declaredBytes !== undefined && stream.declaredBytes !== 0) {
      return this.streamError(stream, ErrorCode.protocolError);
    }
    stream.isRemoteEnded = true;
    const wasLocalEnded = stream.isLocalEnded;
    stream.receiveEnd(trailers);
    // Otherwise the end of our side ends the stream.
    if (wasLocalEnded && !stream.isClosed) this.host.finish(stream, undefined);
  }

  // --- Streams that are not there ---

  /** For a frame on a stream that is over: the code to reset it with, if the peer should know. Throws on an idle stream. */
  private lateFrame(streamId: number): number | undefined {
    const { host } = this;
    const isIdle = host.isServer
      ? streamId > this.lastPeerId || streamId % 2 === 0
      : streamId >= host.nextId || streamId % 2 === 0;
    if (isIdle) throw new ConnectionError(ErrorCode.protocolError, `a frame on the idle stream ${streamId}`);
    if (host.resets.has(streamId) || streamId > host.lastServedId) return undefined;
    return ErrorCode.streamClosed;
  }

  private streamError(stream: Http2Stream, code: number): void {
    this.countReset();
    this.host.reset(stream, code);
  }

  private resetUnknown(streamId: number, code: number): void {
    this.countReset();
    this.host.sendReset(streamId, code);
  }

  private countReset(): void {
    if (this.resetLimit.take()) return;
    throw new ConnectionError(ErrorCode.enhanceYourCalm, "too many streams that were reset");
  }

  private onReset(streamId: number, code: number): void {
    const { host } = this;
    const stream = host.streams.get(streamId);
    if (stream === undefined) {
      this.lateFrame(streamId);
      return this.countIdle("RST_STREAM frames");
    }
    if (host.isServer) this.countReset();
    // A server may end its part without reading the request to its end. RFC 9113, section 8.1
    const isDone = code === ErrorCode.noError && stream.isRemoteEnded;
    host.finish(stream, isDone ? undefined : peerReset(code));
  }

  // --- The connection ---

  private onSettings(flags: number, payload: Buffer): void {
    const { host } = this;
    // We have sent few: an acknowledgement of nothing is a frame without use.
    if ((flags & Flag.ack) !== 0) return this.countIdle("acknowledged SETTINGS");
    const before = host.peer.initialWindowBytes;
    applySettings(host.peer, payload);
    host.sender.encoder.limitTable(host.peer.headerTableBytes);
    host.outbox.frame(FrameType.settings, Flag.ack, 0, noBytes);
    const change = host.peer.initialWindowBytes - before;
    const changes = change === 0 ? 0 : host.streams.size / windowsPerUnit;
    host.intake.spend(changes);
    this.countIdle("SETTINGS", 1 + changes);
    if (change !== 0) for (const stream of host.streams.values()) this.widen(stream, change, true);
    host.openPending();
  }

  private onPing(flags: number, payload: Buffer): void {
    const { host } = this;
    if ((flags & Flag.ack) !== 0) {
      if (!host.pingAnswered()) this.countIdle("acknowledged pings");
      return;
    }
    if (host.pingPolicy?.allows(host.activeStreams) === false) {
      throw new ConnectionError(ErrorCode.enhanceYourCalm, "too_many_pings");
    }
    host.outbox.frame(FrameType.ping, Flag.ack, 0, payload);
  }

  private onGoAway(payload: Buffer): void {
    const debug = payload.toString("latin1", 8, 8 + 1024);
    this.host.peerGoesAway(payload.readUInt32BE(0) & maxStreamId, payload.readUInt32BE(4), debug);
  }

  private onWindowUpdate(streamId: number, increment: number): void {
    const { host } = this;
    const stream = host.streams.get(streamId);
    if (streamId === 0) {
      if (increment === 0) throw new ConnectionError(ErrorCode.protocolError, "a WINDOW_UPDATE of 0");
      return host.sender.widen(increment);
    }
    if (stream === undefined) {
      this.lateFrame(streamId);
      return this.countIdle("late WINDOW_UPDATE frames");
    }
    if (increment === 0) this.streamError(stream, ErrorCode.protocolError);
    else this.widen(stream, increment, false);
  }

  private widen(stream: Http2Stream, increment: number, isSettings: boolean): void {
    stream.sendWindowBytes += increment;
    if (stream.sendWindowBytes > maxWindowBytes) {
      if (!isSettings) return this.streamError(stream, ErrorCode.flowControlError);
      throw new ConnectionError(ErrorCode.flowControlError, "a stream's window is larger than 2^31 - 1");
    }
    if (stream.queuedBytes > 0 && stream.sendWindowBytes > 0) this.host.sender.wait(stream);
  }
}

const noBytes = Buffer.alloc(0);

/** One error for each code: an error takes longer to make than a short stream lives. */
const peerResets = new Map<number, StreamError>();

function peerReset(code: number): StreamError {
  const known = peerResets.get(code);
  if (known !== undefined) return known;
  const isUnprocessed = code === ErrorCode.refusedStream;
  const error = new StreamError(code, `the peer reset the stream: ${errorName(code)}`, isUnprocessed);
  if (peerResets.size < 32) peerResets.set(code, error);
  return error;
}
