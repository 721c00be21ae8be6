// gRPC's framing of messages in an HTTP/2 stream: one byte (compressed or not), four bytes of length, the message.
// A frame larger than the limit is refused by its header, before its body is read.
import { EtcdError, StatusCode } from "../../errors";
import type { MessageType } from "../../proto/message";
import { Writer } from "../../proto/wire";

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

/** Splits the bytes of one stream into messages. Chunks may contain parts of several messages. */
export class FrameReader {
  private pending: Buffer[] = [];
  private pendingBytes = 0;
  /** Size of the current frame with its header; undefined until the header is complete. */
  private frameBytes: number | undefined;

  constructor(
    private readonly maxMessageBytes: number,
    private readonly encoding: string,
  ) {}

  /** The messages that `chunk` completes: views of the chunk if it contains them whole. Throws EtcdError. */
  *push(chunk: Buffer): Generator<Buffer> {
    let rest = chunk;
    while (rest.length > 0) {
      const missing = (this.frameBytes ?? headerBytes) - this.pendingBytes;
      const part = rest.length <= missing ? rest : rest.subarray(0, missing);
      rest = rest.subarray(part.length);
      this.pending.push(part);
      this.pendingBytes += part.length;
      if (part.length < missing) return;
      this.frameBytes ??= this.readHeader();
      if (this.pendingBytes === this.frameBytes) yield this.take().subarray(headerBytes);
    }
  }

  private joined(): Buffer {
    const [first] = this.pending;
    const bytes = this.pending.length === 1 && first !== undefined ? first : Buffer.concat(this.pending);
    this.pending = [bytes];
    return bytes;
  }

  private take(): Buffer {
    const frame = this.joined();
    this.pending = [];
    this.pendingBytes = 0;
    this.frameBytes = undefined;
    return frame;
  }

  private readHeader(): number {
    const header = this.joined();
    if (header[0] !== 0) {
      const desc = `grpc: Decompressor is not installed for grpc-encoding "${this.encoding}"`;
      throw new EtcdError(StatusCode.Unimplemented, desc, false);
    }
    const sizeBytes = header.readUInt32BE(1);
    if (sizeBytes > this.maxMessageBytes) {
      const desc = `grpc: received message larger than max (${sizeBytes} vs. ${this.maxMessageBytes})`;
      throw new EtcdError(StatusCode.ResourceExhausted, desc, false);
    }
    return headerBytes + sizeBytes;
  }
}
