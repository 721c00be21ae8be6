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

/** A message above this gets its memory as its bytes come. What is reserved but not written takes no memory of the system. */
const reservedBytes = 4 * 1024 * 1024;
/** Messages of a stream differ a little in size. */
const roundedBytes = 4096;

export interface MessageMemory {
  /** The bytes of chunks stay as they are, so a message inside a chunk is a view of it. */
  readonly keepsChunks?: boolean | undefined;
  /** The caller says with `release` when a message is no longer used, and a later one gets its memory. */
  readonly reuses?: boolean | undefined;
}

/** Copies messages that come in parts into separate memory. Holds no more than one, and reserves little by its length alone. */
export class MessageReader {
  private readonly prefix = Buffer.alloc(prefixBytes);
  private prefixHeld = 0;
  /** Of the message; -1 before its prefix is complete. */
  private sizeBytes = -1;
  private message: Buffer = Buffer.alloc(0);
  private heldBytes = 0;
  /** With `reuses`: the memory of messages that are in use, oldest first, and of those that are not. */
  private readonly lent: Buffer[] = [];
  private readonly free: Buffer[] = [];

  constructor(
    private readonly limitBytes: number,
    private readonly onMessage: (message: Buffer) => void,
    private readonly options: MessageMemory = {},
  ) {}

  get isBetweenMessages(): boolean {
    return this.sizeBytes < 0 && this.prefixHeld === 0;
  }

  /** Throws BadMessage. */
  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length;) {
      if (this.sizeBytes < 0) {
        at += this.readPrefix(chunk, at);
        if (this.sizeBytes < 0) return;
        if (this.isView(chunk, at)) {
          this.message = chunk.subarray(at, at + this.sizeBytes);
          at += this.sizeBytes;
          this.finish();
          continue;
        }
        this.message = this.memory();
      } else if (this.heldBytes === this.message.length) this.grow();
      const endAt = at + Math.min(this.sizeBytes, this.message.length) - this.heldBytes;
      const taken = chunk.copy(this.message, this.heldBytes, at, endAt);
      at += taken;
      this.heldBytes += taken;
      if (this.heldBytes === this.sizeBytes) this.finish();
    }
  }

  /** The oldest message is no longer used. */
  release(): void {
    const oldest = this.lent.shift();
    if (oldest !== undefined && oldest.length <= reservedBytes) this.free.push(oldest);
  }

  private isView(chunk: Buffer, at: number): boolean {
    const { keepsChunks, reuses } = this.options;
    return keepsChunks === true && reuses !== true && chunk.length - at >= this.sizeBytes;
  }

  private memory(): Buffer {
    const { sizeBytes } = this;
    if (this.options.reuses !== true || sizeBytes > reservedBytes)
      return Buffer.allocUnsafe(Math.min(sizeBytes, reservedBytes));
    const fitting = this.free.findIndex((free) => free.length >= sizeBytes);
    const [found] = fitting < 0 ? [] : this.free.splice(fitting, 1);
    return found ?? Buffer.allocUnsafeSlow(Math.ceil(sizeBytes / roundedBytes) * roundedBytes);
  }

  private grow(): void {
    const larger = Buffer.allocUnsafe(Math.min(this.sizeBytes, 2 * this.message.length));
    this.message.copy(larger);
    this.message = larger;
  }

  private finish(): void {
    const { message, sizeBytes } = this;
    if (this.options.reuses === true) this.lent.push(message);
    this.heldBytes = 0;
    this.sizeBytes = -1;
    this.onMessage(message.length === sizeBytes ? message : message.subarray(0, sizeBytes));
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
