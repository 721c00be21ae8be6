// One stream: a request and its response. RFC 9113, section 5.1. Must stay true: `onClose` is called once, after everything else.
import type { HeaderField } from "./hpack/table";
import { ErrorCode, StreamError } from "./protocol";
import type { ReceiveWindow } from "./receive-window";
import type { DataSource } from "./sender";

/** What happens on a stream. Every function is optional. A function that throws resets the stream. */
export interface StreamEvents {
  /** A client gets the response's headers. `isEnd` means that nothing follows, as in gRPC's Trailers-Only. */
  onHeaders?(fields: readonly HeaderField[], isEnd: boolean): void;
  /** A view of what came from the socket. With `reusesChunks` it is valid during the call, otherwise it keeps its bytes. Its size is not related to that of the peer's writes. */
  onData?(chunk: Buffer): void;
  onTrailers?(fields: readonly HeaderField[]): void;
  /** The peer has ended its side. */
  onEnd?(): void;
  /** After `write` returned false: the data has left, write on. */
  onDrain?(): void;
  /** Nothing comes and nothing can be sent any more. The error says why, unless both sides have ended. */
  onClose?(error: StreamError | undefined): void;
}

/** What a stream needs of its connection. */
export interface StreamHost {
  readonly reusesChunks: boolean;
  sendHeaders(stream: Http2Stream, fields: readonly HeaderField[], isEnd: boolean): void;
  sendData(stream: Http2Stream, chunk: Buffer, isEnd: boolean): boolean;
  /** Data waits in the stream. */
  queued(stream: Http2Stream, sizeBytes: number): void;
  /** The stream has ended its side. */
  localEnd(stream: Http2Stream): void;
  reset(stream: Http2Stream, code: number): void;
  /** Received bytes that are no longer held. Without a stream, they count for the connection alone. */
  consumed(stream: Http2Stream | undefined, sizeBytes: number): void;
  /** The same for the stream alone. */
  returned(stream: Http2Stream, sizeBytes: number): void;
  /** The peer may send that much more on the stream. */
  widened(stream: Http2Stream, sizeBytes: number): void;
  /** A handler has thrown. */
  threw(stream: Http2Stream, error: unknown): void;
}

/** A writer should wait when a stream holds more. */
const highWaterBytes = 64 * 1024;
/** Small chunks of a paused stream are joined: each would hold the whole chunk of the socket. */
const joinedBytes = 4 * 1024;

const noEvents: StreamEvents = {};
const noBytes = Buffer.alloc(0);

export class Http2Stream implements DataSource {
  /** 0 while a client's stream waits for its turn, because the server allows no more streams at once. */
  id = 0;
  events: StreamEvents = noEvents;
  headersSent = false;
  isLocalEnded = false;
  isRemoteEnded = false;
  isClosed = false;
  /** The response's headers have come (client). */
  hasResponse = false;
  /** What `content-length` leaves to come. */
  declaredBytes: number | undefined;

  // Sending.
  queuedBytes = 0;
  private queue: Buffer[] = [];
  private ending: "no" | "data" | readonly HeaderField[] = "no";
  private needsDrain = false;

  // Receiving.
  private isPaused = false;
  /** While it is paused, what comes is passed on, but counts as held. */
  private passes = false;
  private passedBytes = 0;
  private held: Buffer[] = [];
  /** The last of `held`, if it is a buffer of our own with room. */
  private joined: Buffer | undefined;
  private joinedAt = 0;
  private heldEnd: "no" | "end" | readonly HeaderField[] = "no";

  constructor(
    private readonly host: StreamHost,
    readonly window: ReceiveWindow,
    public sendWindowBytes: number,
    /** The request's headers. */
    readonly headers: readonly HeaderField[],
  ) {}

  /** Sends headers: a server's response. Frozen lists are encoded once. */
  respond(fields: readonly HeaderField[], { end = false } = {}): void {
    if (this.isClosed || this.headersSent || this.isLocalEnded) return;
    this.headersSent = true;
    this.host.sendHeaders(this, fields, end);
    if (end) this.ended();
  }

  /** Sends data. The chunk must not change afterwards. False means: wait for `onDrain`. */
  write(chunk: Buffer): boolean {
    if (!this.canSend()) return true;
    if (chunk.length > 0) this.send(chunk, false);
    if (this.queuedBytes < highWaterBytes) return true;
    this.needsDrain = true;
    return false;
  }

  /** Ends this side, after everything that was written. */
  end(chunk: Buffer = noBytes): void {
    if (!this.canSend()) return;
    this.ending = "data";
    this.send(chunk, true);
  }

  /** Ends this side with trailers, after everything that was written. */
  sendTrailers(fields: readonly HeaderField[]): void {
    if (!this.canSend()) return;
    this.ending = fields;
    if (this.queuedBytes === 0 && this.id !== 0) this.sent();
  }

  /** Ends both sides at once. */
  reset(code: number = ErrorCode.cancel): void {
    if (!this.isClosed) return this.host.reset(this, code);
    // Both sides have ended, but not all has been passed on.
    if (this.heldEnd === "no") return;
    this.heldEnd = "no";
    this.closed(new StreamError(code, "the stream was reset"));
  }

  /**
   * Keeps what comes from now on, as far as the window lets it come. With `passes`, `events` gets it nevertheless, and only the
   * stream's window closes: a reader that has memory for it saves a copy.
   */
  pause(passes = false): void {
    this.isPaused = true;
    this.passes = passes;
  }

  resume(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    this.giveBack();
    this.trimJoined();
    while (this.held.length > 0 && !this.isPaused) this.pass(this.held.shift() as Buffer);
    if (this.isPaused || this.heldEnd === "no") return;
    const end = this.heldEnd;
    this.heldEnd = "no";
    this.passEnd(end === "end" ? undefined : end);
    if (this.isClosed) this.passClose(undefined);
  }

  /** Lets the peer send that much more at once. */
  widen(sizeBytes: number): void {
    this.host.widened(this, sizeBytes);
  }

  private canSend(): boolean {
    return !this.isClosed && !this.isLocalEnded && this.ending === "no";
  }

  private send(chunk: Buffer, isEnd: boolean): void {
    if (this.host.sendData(this, chunk, isEnd)) {
      if (isEnd) this.ended();
      return;
    }
    if (chunk.length === 0) return;
    this.queue.push(chunk);
    this.queuedBytes += chunk.length;
    this.host.queued(this, chunk.length);
  }

  private ended(): void {
    this.isLocalEnded = true;
    this.host.localEnd(this);
  }

  // --- DataSource: the connection sends what waits ---

  get endsWithData(): boolean {
    return this.ending === "data";
  }

  take(maxBytes: number): Buffer {
    const [first = noBytes] = this.queue;
    if (first.length <= maxBytes) this.queue.shift();
    else this.queue[0] = first.subarray(maxBytes);
    const part = first.length <= maxBytes ? first : first.subarray(0, maxBytes);
    this.queuedBytes -= part.length;
    return part;
  }

  /** Everything that was written has left. */
  sent(): void {
    if (this.ending === "data") this.ended();
    else if (this.ending !== "no") {
      this.host.sendHeaders(this, this.ending, true);
      this.ended();
    } else if (this.needsDrain) {
      this.needsDrain = false;
      try {
        this.events.onDrain?.();
      } catch (error) {
        this.host.threw(this, error);
      }
    }
  }

  // --- The connection passes on what comes ---

  receiveData(chunk: Buffer): void {
    if (this.held.length === 0 && (!this.isPaused || this.passes)) return this.pass(chunk);
    if (chunk.length >= joinedBytes / 4) {
      this.trimJoined();
      this.held.push(this.host.reusesChunks ? Buffer.from(chunk) : chunk);
      return;
    }
    if (this.joined === undefined || this.joined.length - this.joinedAt < chunk.length) {
      this.trimJoined();
      this.joined = Buffer.allocUnsafe(joinedBytes);
      this.joinedAt = 0;
      this.held.push(this.joined);
    }
    this.joined.set(chunk, this.joinedAt);
    this.joinedAt += chunk.length;
  }

  /** `trailers` is undefined for an end without them. */
  receiveEnd(trailers: readonly HeaderField[] | undefined): void {
    const isKept = this.held.length > 0 || (this.isPaused && !this.passes);
    if (isKept) this.heldEnd = trailers ?? "end";
    else this.passEnd(trailers);
  }

  /** Called once by the connection. `keepsHeld`: what has come is passed on first. */
  closed(error: StreamError | undefined, keepsHeld = false): void {
    this.isClosed = true;
    this.queue = [];
    this.queuedBytes = 0;
    if (keepsHeld && this.heldEnd !== "no") return;
    this.trimJoined();
    const heldBytes = this.held.reduce((sum, chunk) => sum + chunk.length, 0);
    this.held = [];
    this.heldEnd = "no";
    this.giveBack();
    if (heldBytes > 0) this.host.consumed(this, heldBytes);
    this.passClose(error);
  }

  /** The last buffer is complete. */
  private trimJoined(): void {
    if (this.joined === undefined) return;
    this.held[this.held.length - 1] = this.joined.subarray(0, this.joinedAt);
    this.joined = undefined;
  }

  private pass(chunk: Buffer): void {
    try {
      this.events.onData?.(chunk);
    } catch (error) {
      this.host.threw(this, error);
    }
    const isHeldBack = this.isPaused && this.passes;
    if (isHeldBack) this.passedBytes += chunk.length;
    this.host.consumed(isHeldBack ? undefined : this, chunk.length);
  }

  private giveBack(): void {
    const sizeBytes = this.passedBytes;
    this.passedBytes = 0;
    if (sizeBytes > 0) this.host.returned(this, sizeBytes);
  }

  private passEnd(trailers: readonly HeaderField[] | undefined): void {
    try {
      if (trailers !== undefined) this.events.onTrailers?.(trailers);
      this.events.onEnd?.();
    } catch (error) {
      this.host.threw(this, error);
    }
  }

  private passClose(error: StreamError | undefined): void {
    const { events } = this;
    this.events = noEvents;
    try {
      events.onClose?.(error);
    } catch (thrown) {
      this.host.threw(this, thrown);
    }
  }
}
