// Cuts the bytes of a connection into frames, without copying: payloads are views of the chunks. Only a frame that is not DATA
// and that spans chunks is collected, and that is at most 16 KiB. RFC 9113, sections 3.4, 4.1, 4.2 and 6.1.
import {
  ConnectionError,
  defaultMaxFrameBytes,
  ErrorCode,
  Flag,
  frameHeaderBytes,
  FrameType,
  maxStreamId,
  preface,
} from "./protocol";

export interface FrameSink {
  /** True: no further frame now. */
  readonly isPaused: boolean;
  /**
   * A part of a DATA frame, without padding; a frame that spans chunks has several. `frameBytes` is what the frame counts for
   * flow control, `paddingBytes` what of it is padding; both are 0 for its later parts. `isEnd` marks the last part of the
   * stream's last frame.
   */
  onData(streamId: number, part: Buffer, frameBytes: number, paddingBytes: number, isEnd: boolean): void;
  /** Any other frame. The payload is valid during the call. */
  onFrame(type: number, flags: number, streamId: number, payload: Buffer): void;
}

const noBytes = Buffer.alloc(0);

/** The state between two chunks is in the fields; `step` moves from one to the next. */
export class FrameReader {
  private prefaceAt: number;
  /** A header or payload that spans chunks. */
  private readonly held = Buffer.allocUnsafe(defaultMaxFrameBytes);
  private heldBytes = 0;
  private hasHeader = false;
  private length = 0;
  private type = 0;
  private flags = 0;
  private streamId = 0;
  /** Of a DATA frame: what is left of it, and how much of that is padding; -1 until the pad length is there. */
  private restBytes = 0;
  private padBytes = 0;
  private frameBytes = 0;
  private paddingBytes = 0;

  constructor(
    private readonly sink: FrameSink,
    /** A server expects the client's preface before the first frame. */
    expectsPreface: boolean,
  ) {
    this.prefaceAt = expectsPreface ? 0 : preface.length;
  }

  /** Returns how much was read. The rest must come again. Throws ConnectionError; nothing can be read after it. */
  push(chunk: Buffer): number {
    let at = this.prefaceAt < preface.length ? this.readPreface(chunk) : 0;
    while (at < chunk.length || this.isReady()) {
      if (!this.hasHeader && this.sink.isPaused) break;
      if (!this.hasHeader) at = this.readHeader(chunk, at);
      else if (this.type === FrameType.data) at = this.readData(chunk, at);
      else at = this.readPayload(chunk, at);
    }
    return at;
  }

  /** True for a frame that needs no further bytes. */
  private isReady(): boolean {
    return this.hasHeader && (this.type === FrameType.data ? this.restBytes === 0 : this.length === 0);
  }

  private readPreface(chunk: Buffer): number {
    const size = Math.min(preface.length - this.prefaceAt, chunk.length);
    if (preface.compare(chunk, 0, size, this.prefaceAt, this.prefaceAt + size) !== 0) {
      throw new ConnectionError(
        ErrorCode.protocolError,
        "the connection does not begin with HTTP/2's preface",
      );
    }
    this.prefaceAt += size;
    return size;
  }

  private readHeader(chunk: Buffer, at: number): number {
    if (this.heldBytes === 0 && chunk.length - at >= frameHeaderBytes) {
      this.startFrame(chunk, at);
      return at + frameHeaderBytes;
    }
    const taken = chunk.copy(this.held, this.heldBytes, at, at + frameHeaderBytes - this.heldBytes);
    this.heldBytes += taken;
    if (this.heldBytes === frameHeaderBytes) {
      this.heldBytes = 0;
      this.startFrame(this.held, 0);
    }
    return at + taken;
  }

  private startFrame(bytes: Buffer, at: number): void {
    this.length = bytes.readUIntBE(at, 3);
    this.type = bytes[at + 3] as number;
    this.flags = bytes[at + 4] as number;
    this.streamId = bytes.readUInt32BE(at + 5) & maxStreamId;
    this.hasHeader = true;
    if (this.length > defaultMaxFrameBytes) {
      throw new ConnectionError(ErrorCode.frameSizeError, `a frame of ${this.length} bytes`);
    }
    if (this.type !== FrameType.data) return;
    this.frameBytes = this.restBytes = this.length;
    this.padBytes = (this.flags & Flag.padded) === 0 ? 0 : -1;
    if (this.padBytes < 0 && this.length === 0) failPadding();
  }

  private readData(chunk: Buffer, at: number): number {
    if (this.padBytes < 0) {
      this.padBytes = chunk[at++] as number;
      if (this.padBytes >= this.restBytes) failPadding();
      this.restBytes--;
      this.paddingBytes = this.padBytes + 1;
    }
    const end = Math.min(at + this.restBytes, chunk.length);
    const dataEnd = Math.min(at + this.restBytes - this.padBytes, chunk.length);
    this.restBytes -= end - at;
    if (this.padBytes > this.restBytes) this.padBytes = this.restBytes;
    const isLast = this.restBytes === 0;
    const { frameBytes, paddingBytes } = this;
    this.frameBytes = this.paddingBytes = 0;
    if (isLast) this.hasHeader = false;
    const part = dataEnd > at ? chunk.subarray(at, dataEnd) : noBytes;
    this.sink.onData(
      this.streamId,
      part,
      frameBytes,
      paddingBytes,
      isLast && (this.flags & Flag.endStream) !== 0,
    );
    return end;
  }

  private readPayload(chunk: Buffer, at: number): number {
    if (this.heldBytes === 0 && chunk.length - at >= this.length) {
      this.finishFrame(chunk.subarray(at, at + this.length));
      return at + this.length;
    }
    const taken = chunk.copy(this.held, this.heldBytes, at, at + this.length - this.heldBytes);
    this.heldBytes += taken;
    if (this.heldBytes === this.length) {
      this.heldBytes = 0;
      this.finishFrame(this.held.subarray(0, this.length));
    }
    return at + taken;
  }

  private finishFrame(payload: Buffer): void {
    this.hasHeader = false;
    this.sink.onFrame(this.type, this.flags, this.streamId, payload);
  }
}

function failPadding(): never {
  throw new ConnectionError(ErrorCode.protocolError, "a DATA frame whose padding is longer than the frame");
}

/** The payload of a HEADERS frame without padding and priority. RFC 9113, section 6.2 */
export function unpadded(flags: number, payload: Buffer): Buffer {
  const isPadded = (flags & Flag.padded) !== 0;
  const start = (isPadded ? 1 : 0) + ((flags & Flag.priority) === 0 ? 0 : 5);
  const end = payload.length - (isPadded ? (payload[0] ?? 0) : 0);
  if (start > payload.length) {
    throw new ConnectionError(ErrorCode.frameSizeError, "a HEADERS frame that is too short");
  }
  if (start > end) {
    throw new ConnectionError(
      ErrorCode.protocolError,
      "a HEADERS frame whose padding is longer than the frame",
    );
  }
  return payload.subarray(start, end);
}
