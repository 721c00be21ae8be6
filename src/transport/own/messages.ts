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
/** With `joins`. */
const joinedBytes = 512 * 1024;

export interface MessageMemory {
  /** The bytes of chunks stay as they are, so a message inside a chunk is a view of it. */
  readonly keepsChunks?: boolean | undefined;
  /**
   * The first message is handed on at once, later ones together, one after the other, when their memory is full. The caller says
   * with `release` when they are no longer used, and later ones get the memory.
   */
  readonly joins?: boolean | undefined;
}

const noMemory = Buffer.alloc(0);

/** Copies messages that come in parts into separate memory. Holds no more than one, and reserves little by its length alone. */
export class MessageReader {
  private readonly prefix = Buffer.alloc(prefixBytes);
  private prefixHeld = 0;
  /** Of the message; -1 before its prefix is complete. */
  private sizeBytes = -1;
  /** Whole messages, which only `joins` keeps here, then the part of a message that has come. */
  private memory: Buffer = noMemory;
  private wholeBytes = 0;
  private heldBytes = 0;
  private isFirst = true;
  /** With `joins`: the memory of messages that are in use, oldest first, and what can be used again. */
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
          const endAt = at + this.sizeBytes;
          this.sizeBytes = -1;
          this.onMessage(chunk.subarray(at, endAt));
          at = endAt;
          continue;
        }
        this.begin();
      } else if (this.heldBytes === this.memory.length) this.grow();
      const endBytes = this.wholeBytes + this.sizeBytes;
      const endAt = at + Math.min(endBytes, this.memory.length) - this.heldBytes;
      const taken = chunk.copy(this.memory, this.heldBytes, at, endAt);
      at += taken;
      this.heldBytes += taken;
      if (this.heldBytes === endBytes) this.finish();
    }
  }

  /** Hands on the messages that are joined. Nothing may come after it. */
  end(): void {
    if (this.wholeBytes > 0) this.handOn();
  }

  /** The oldest messages are no longer used. */
  release(): void {
    const oldest = this.lent.shift();
    if (oldest?.length === joinedBytes) this.free.push(oldest);
  }

  private isView(chunk: Buffer, at: number): boolean {
    const { keepsChunks, joins } = this.options;
    return keepsChunks === true && joins !== true && chunk.length - at >= this.sizeBytes;
  }

  private begin(): void {
    const { sizeBytes, wholeBytes } = this;
    if (wholeBytes > 0 && wholeBytes + sizeBytes <= this.memory.length) return;
    if (wholeBytes > 0) this.handOn();
    if (this.options.joins !== true) this.memory = Buffer.allocUnsafe(Math.min(sizeBytes, reservedBytes));
    else if (sizeBytes <= joinedBytes) this.memory = this.free.pop() ?? Buffer.allocUnsafeSlow(joinedBytes);
    else this.memory = Buffer.allocUnsafeSlow(Math.min(sizeBytes, reservedBytes));
  }

  private grow(): void {
    const larger = Buffer.allocUnsafe(Math.min(this.wholeBytes + this.sizeBytes, 2 * this.memory.length));
    this.memory.copy(larger);
    this.memory = larger;
  }

  private finish(): void {
    this.wholeBytes = this.heldBytes;
    this.sizeBytes = -1;
    if (this.options.joins !== true || this.isFirst) this.handOn();
  }

  private handOn(): void {
    const { memory, wholeBytes } = this;
    if (this.options.joins === true) this.lent.push(memory);
    this.isFirst = false;
    this.memory = noMemory;
    this.wholeBytes = this.heldBytes = 0;
    this.onMessage(memory.length === wholeBytes ? memory : memory.subarray(0, wholeBytes));
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
