// Sends headers and data as far as the peer's windows and the socket allow; the rest waits in the streams, which take turns.
// RFC 9113, sections 5.2, 6.1, 6.2, 6.9 and 6.10.
import { setImmediate } from "node:timers";
import { HpackEncoder } from "./hpack/encoder";
import type { HeaderField } from "./hpack/table";
import type { Outbox } from "./outbox";
import { ConnectionError, defaultWindowBytes, ErrorCode, Flag, FrameType, maxWindowBytes } from "./protocol";
import type { Settings } from "./settings";

/** A stream with data that waits. */
export interface DataSource {
  readonly id: number;
  sendWindowBytes: number;
  /** Removes at most `maxBytes` from the front of the queue. */
  take(maxBytes: number): Buffer;
  readonly queuedBytes: number;
  /** True if the next DATA frame, which empties the queue, ends the stream. */
  readonly endsWithData: boolean;
  /** The queue has become shorter, or empty. */
  sent(): void;
}

/** Data that is put in the outbox at once; then the socket has its turn. */
const turnBytes = 256 * 1024;

export class Sender {
  readonly encoder = new HpackEncoder();
  private windowBytes = defaultWindowBytes;
  private readonly waiting = new Set<DataSource>();
  /** Of all streams. */
  queuedBytes = 0;

  constructor(
    private readonly outbox: Outbox,
    private readonly peer: Settings,
  ) {}

  headers(streamId: number, fields: readonly HeaderField[], isEnd: boolean): void {
    const block = this.encoder.encode(fields);
    const { maxFrameBytes } = this.peer;
    const endFlag = isEnd ? Flag.endStream : 0;
    if (block.length <= maxFrameBytes) {
      this.outbox.frame(FrameType.headers, Flag.endHeaders | endFlag, streamId, block);
      return;
    }
    for (let at = 0; at < block.length; at += maxFrameBytes) {
      const part = block.subarray(at, at + maxFrameBytes);
      const last = at + maxFrameBytes >= block.length ? Flag.endHeaders : 0;
      if (at === 0) this.outbox.frame(FrameType.headers, last | endFlag, streamId, part);
      else this.outbox.frame(FrameType.continuation, last, streamId, part);
    }
  }

  /** True if the data has left in one frame, as most messages do. Otherwise it must be queued. */
  sendNow(source: DataSource, chunk: Buffer, isEnd: boolean): boolean {
    const { length } = chunk;
    if (source.id === 0 || source.queuedBytes > 0) return false;
    if (length > 0) {
      if (this.outbox.isBlocked || length > this.peer.maxFrameBytes) return false;
      if (length > this.windowBytes || length > source.sendWindowBytes) return false;
    }
    this.windowBytes -= length;
    source.sendWindowBytes -= length;
    this.outbox.frame(FrameType.data, isEnd ? Flag.endStream : 0, source.id, chunk, true);
    return true;
  }

  /** The stream has data and may send it. */
  wait(source: DataSource): void {
    this.waiting.add(source);
    this.outbox.schedule();
  }

  forget(source: DataSource): void {
    this.waiting.delete(source);
    this.queuedBytes -= source.queuedBytes;
  }

  /** Each stream in turn puts one frame into the outbox. */
  pump(): void {
    let leftBytes = turnBytes;
    for (const source of this.waiting) {
      if (this.outbox.isBlocked || this.windowBytes <= 0) return;
      if (leftBytes <= 0) break;
      this.waiting.delete(source);
      if (source.sendWindowBytes <= 0) continue;
      leftBytes -= this.sendPart(source);
      if (source.queuedBytes > 0) this.waiting.add(source);
      else source.sent();
    }
    if (this.waiting.size > 0) setImmediate(() => this.outbox.schedule());
  }

  private sendPart(source: DataSource): number {
    const most = Math.min(source.sendWindowBytes, this.windowBytes, this.peer.maxFrameBytes);
    const part = source.take(most);
    this.queuedBytes -= part.length;
    this.windowBytes -= part.length;
    source.sendWindowBytes -= part.length;
    const isEnd = source.queuedBytes === 0 && source.endsWithData;
    this.outbox.frame(FrameType.data, isEnd ? Flag.endStream : 0, source.id, part, true);
    return part.length;
  }

  /** A WINDOW_UPDATE of the connection. Throws ConnectionError. */
  widen(increment: number): void {
    this.windowBytes += increment;
    if (this.windowBytes > maxWindowBytes) {
      throw new ConnectionError(
        ErrorCode.flowControlError,
        "the connection's window is larger than 2^31 - 1",
      );
    }
    if (this.waiting.size > 0) this.outbox.schedule();
  }
}
