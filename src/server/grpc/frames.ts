// gRPC's framing of messages in an HTTP/2 stream: one byte (compressed or not), four bytes of length, the message.
// A frame larger than the limit is refused by its header, before its body is read.
import { EtcdError, StatusCode } from "../../errors";
import type { HeaderField } from "../../http2/hpack/table";
import { lastValueOf } from "../../http2/message-rules";
import type { MessageType } from "../../proto/message";
import { Writer } from "../../proto/wire";
import { gunzip } from "./gzip";

const headerBytes = 5;

/** A frame: the header and the encoded message. */
export function frameOf<T>(type: MessageType<T>, message: T): Buffer {
  const writer = new Writer();
  for (let i = 0; i < headerBytes; i++) writer.varint(0);
  type.write(writer, message);
  const frame = writer.finish();
  frame.writeUInt32BE(frame.length - headerBytes, 1);
  return frame;
}

/** The header of a frame whose message was encoded in parts. */
export function frameHeader(parts: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt32BE(
    parts.reduce((sum, part) => sum + part.length, 0),
    1,
  );
  return header;
}

/** How many bytes of unfinished messages the streams of one connection may hold together. */
export class ReceiveBudget {
  private usedBytes = 0;

  constructor(private readonly maxBytes: number) {}

  /** Throws EtcdError(ResourceExhausted) when the connection would hold more than it may. */
  take(sizeBytes: number): void {
    if (this.usedBytes + sizeBytes > this.maxBytes) {
      const desc = `too many unfinished messages on this connection (more than ${this.maxBytes} bytes)`;
      throw new EtcdError(StatusCode.ResourceExhausted, desc, false);
    }
    this.usedBytes += sizeBytes;
  }

  release(sizeBytes: number): void {
    this.usedBytes -= sizeBytes;
  }
}

/**
 * Cuts the bytes of one stream into messages. Give it each chunk as it comes; a chunk may hold parts of several messages.
 * A message that comes in parts is copied into one buffer, which doubles up to the declared size: a sender pays for the
 * memory with bytes, and a DATA frame of one byte costs no more than a byte.
 */
export class FrameReader {
  private chunk: Buffer = noBytes;
  private at = 0;
  private header: Buffer = noBytes;
  private headerLength = 0;
  /** Of the message that is being collected; undefined until its header is there. */
  private messageBytes: number | undefined;
  private body: Buffer = noBytes;
  private bodyLength = 0;
  private isCompressed = false;

  constructor(
    private readonly maxMessageBytes: number,
    private readonly budget?: ReceiveBudget,
    /** Of the stream: `grpc-encoding` says how messages may be compressed. */
    private readonly headers: readonly HeaderField[] = [],
  ) {}

  /** The unfinished message gets its memory at once: there is room for all of it. */
  expectWhole(): void {
    if (this.messageBytes !== undefined) this.grow(this.messageBytes);
  }

  /** Call `next` until it returns undefined before the next chunk. */
  feed(chunk: Buffer): void {
    this.chunk = chunk;
    this.at = 0;
  }

  /** The next message that is complete; a view of the chunk if that holds it whole. Throws EtcdError. */
  next(): Buffer | undefined {
    const message = this.nextAsSent();
    return message !== undefined && this.isCompressed ? gunzip(message, this.maxMessageBytes) : message;
  }

  private nextAsSent(): Buffer | undefined {
    if (this.messageBytes === undefined) {
      this.readHeader();
      if (this.messageBytes === undefined) return undefined;
    }
    const { chunk, at } = this;
    const missingBytes: number = this.messageBytes - this.bodyLength;
    if (this.bodyLength === 0 && chunk.length - at >= missingBytes) {
      this.reset();
      return chunk.subarray(at, (this.at += missingBytes));
    }
    const part = chunk.subarray(at, at + missingBytes);
    this.at += part.length;
    this.append(part, this.messageBytes);
    if (this.bodyLength < this.messageBytes) return undefined;
    const message = this.body;
    this.reset();
    return message;
  }

  /** Whether a message has begun whose end has not arrived. */
  get holdsPart(): boolean {
    return this.messageBytes !== undefined;
  }

  /** The size of that message; 0 without one. */
  get expectedBytes(): number {
    return this.messageBytes ?? 0;
  }

  /** Gives the memory of an unfinished message back to the connection's budget. */
  close(): void {
    this.reset();
  }

  private append(part: Buffer, messageBytes: number): void {
    const length = this.bodyLength + part.length;
    if (length > this.body.length) {
      this.grow(Math.min(messageBytes, Math.max(length, 2 * this.body.length, firstBodyBytes)));
    }
    part.copy(this.body, this.bodyLength);
    this.bodyLength = length;
  }

  private grow(sizeBytes: number): void {
    this.budget?.take(sizeBytes - this.body.length);
    const larger = Buffer.allocUnsafe(sizeBytes);
    this.body.copy(larger, 0, 0, this.bodyLength);
    this.body = larger;
  }

  private reset(): void {
    if (this.body.length > 0) this.budget?.release(this.body.length);
    this.headerLength = 0;
    this.messageBytes = undefined;
    this.body = noBytes;
    this.bodyLength = 0;
  }

  private readHeader(): void {
    const { chunk, at } = this;
    if (at === chunk.length) return;
    if (this.headerLength === 0 && chunk.length - at >= headerBytes) {
      this.messageBytes = this.declaredSize(chunk, at);
      this.at = at + headerBytes;
      return;
    }
    if (this.header.length === 0) this.header = Buffer.allocUnsafe(headerBytes);
    const taken = chunk.copy(this.header, this.headerLength, at, at + headerBytes - this.headerLength);
    this.headerLength += taken;
    this.at = at + taken;
    if (this.headerLength === headerBytes) this.messageBytes = this.declaredSize(this.header, 0);
  }

  private declaredSize(header: Buffer, at: number): number {
    const flag = header[at];
    this.isCompressed = flag === 1;
    if (this.isCompressed && lastValueOf(this.headers, "grpc-encoding") !== "gzip") {
      const desc = "grpc: compressed flag set with identity or empty encoding";
      throw new EtcdError(StatusCode.Internal, desc, false);
    }
    if (flag !== 0 && flag !== 1) {
      throw new EtcdError(StatusCode.Internal, `grpc: received unexpected payload format ${flag}`, false);
    }
    const sizeBytes = header.readUInt32BE(at + 1);
    if (sizeBytes > this.maxMessageBytes) {
      const desc = `grpc: received message larger than max (${sizeBytes} vs. ${this.maxMessageBytes})`;
      throw new EtcdError(StatusCode.ResourceExhausted, desc, false);
    }
    return sizeBytes;
  }
}

const firstBodyBytes = 1024;
const noBytes = Buffer.alloc(0);
