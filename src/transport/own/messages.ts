// Cuts the bytes of a response into gRPC messages: a byte that is 1 for a compressed message, the length, the message.
// https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
import { StatusCode } from "../../errors";
import { messageTooLarge, type StatusText } from "../grpc/status";

const prefixBytes = 5;

export function frameMessage(message: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(prefixBytes + message.length);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, prefixBytes);
  return frame;
}

/** Ends the call, because the client cannot use what the server sends. */
export class BadMessage extends Error {
  constructor(
    readonly code: StatusCode,
    readonly status: StatusText,
  ) {
    super(status.text);
  }
}

/** Holds no more than one message, and no more bytes than have come: the length alone reserves nothing. */
export class MessageReader {
  private readonly prefix = Buffer.alloc(prefixBytes);
  private prefixHeld = 0;
  /** Of the message; -1 before its prefix is complete. */
  private sizeBytes = -1;
  private parts: Buffer[] = [];
  private heldBytes = 0;

  constructor(
    private readonly limitBytes: number,
    private readonly onMessage: (message: Buffer) => void,
  ) {}

  get isBetweenMessages(): boolean {
    return this.sizeBytes < 0 && this.prefixHeld === 0;
  }

  /** Messages inside the chunk are views of it. Throws BadMessage. */
  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      if (this.sizeBytes < 0) {
        at += this.readPrefix(chunk, at);
        if (this.sizeBytes < 0) return;
      }
      const part = chunk.subarray(at, at + this.sizeBytes - this.heldBytes);
      at += part.length;
      this.heldBytes += part.length;
      if (this.heldBytes < this.sizeBytes) {
        if (part.length > 0) this.parts.push(part);
        return;
      }
      const message = this.parts.length === 0 ? part : Buffer.concat([...this.parts, part], this.sizeBytes);
      this.parts = [];
      this.heldBytes = 0;
      this.sizeBytes = -1;
      this.onMessage(message);
    }
  }

  /** Returns how many bytes it has read. */
  private readPrefix(chunk: Buffer, at: number): number {
    const read = chunk.copy(this.prefix, this.prefixHeld, at);
    this.prefixHeld += read;
    if (this.prefixHeld < prefixBytes) return read;
    this.prefixHeld = 0;
    const [flag = 0] = this.prefix;
    if (flag !== 0) throw new BadMessage(StatusCode.Internal, { text: compressed(flag) });
    this.sizeBytes = this.prefix.readUInt32BE(1);
    if (this.sizeBytes <= this.limitBytes) return read;
    throw new BadMessage(StatusCode.ResourceExhausted, messageTooLarge(this.sizeBytes, this.limitBytes));
  }
}

function compressed(flag: number): string {
  return flag === 1
    ? "grpc: compressed flag set with identity or empty encoding"
    : `grpc: received unexpected payload format ${flag}`;
}
