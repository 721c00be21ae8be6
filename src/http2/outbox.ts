// The frames that wait for the socket. All frames of one turn of the event loop leave in one write. Small frames are copied into
// a page; large payloads are passed on as they are. RFC 9113, section 4.1.
import { nextTick } from "../clock";
import { frameHeaderBytes } from "./protocol";

/** Where the bytes of a connection go: a net.Socket or tls.TLSSocket, or what looks like one. */
export interface ByteOutput {
  /** False means: hold back until the connection's `drained` is called. */
  write(bytes: Buffer): boolean;
  /** Joins the writes until `uncork` into one call of the system. */
  cork?(): void;
  uncork?(): void;
  /** Ends this direction after what was written. */
  end(): unknown;
  /** Ends both directions at once. */
  destroy(): unknown;
  /** Stops and restarts the chunks that come in. */
  pause?(): unknown;
  resume?(): unknown;
}

/**
 * Bun takes as long for its first process.nextTick as for a tenth of a short command, so the first turns of a connection end at a
 * microtask. That is too early where many calls go on at the same time: each would have a write.
 */
const isBun = "Bun" in globalThis;
const microtaskTurns = 16;
const pageBytes = 16 * 1024;
const noBytes = Buffer.alloc(0);
const numberPayload = Buffer.alloc(4);
/** Larger payloads are not copied. */
const maxCopiedBytes = 2 * 1024;
/** A turn that made this much does not wait for its end. */
const flushBytes = 256 * 1024;

export class Outbox {
  private page: Buffer = noBytes;
  private pageStart = 0;
  private pageAt = 0;
  private slices: Buffer[] = [];
  private waitingBytes = 0;
  private isScheduled = false;
  private turns = 0;
  /** True while the socket takes nothing more: DATA stays in its streams. */
  isBlocked = false;
  private isClosed = false;

  constructor(
    private readonly output: ByteOutput,
    /** Called before a turn's frames leave, to add those of waiting streams. */
    private readonly beforeFlush: () => void,
  ) {}

  /** Bytes that the socket has not got yet. */
  get bytes(): number {
    return this.waitingBytes;
  }

  /** The payload is copied before the call returns, or must not change afterwards if `isStable`. */
  frame(type: number, flags: number, streamId: number, payload: Buffer, isStable = false): void {
    const copies = !isStable || payload.length <= maxCopiedBytes;
    const at = this.reserve(frameHeaderBytes + (copies ? payload.length : 0));
    const page = this.page;
    const { length } = payload;
    page[at] = length >>> 16;
    page[at + 1] = length >>> 8;
    page[at + 2] = length;
    page[at + 3] = type;
    page[at + 4] = flags;
    page[at + 5] = streamId >>> 24;
    page[at + 6] = streamId >>> 16;
    page[at + 7] = streamId >>> 8;
    page[at + 8] = streamId;
    if (copies) page.set(payload, at + frameHeaderBytes);
    else {
      this.closePage();
      this.slices.push(payload);
      this.waitingBytes += length;
    }
    this.schedule();
  }

  /** A frame whose payload is a 32-bit number. */
  number(type: number, streamId: number, value: number): void {
    numberPayload.writeUInt32BE(value, 0);
    this.frame(type, 0, streamId, numberPayload);
  }

  /** Bytes that are not a frame: the client's preface. */
  raw(bytes: Buffer): void {
    const at = this.reserve(bytes.length);
    this.page.set(bytes, at);
    this.schedule();
  }

  schedule(): void {
    if (this.waitingBytes > flushBytes && !this.isBlocked) this.flush();
    if (this.isScheduled || this.isClosed) return;
    this.isScheduled = true;
    const endOfTurn = isBun && this.turns++ < microtaskTurns ? queueMicrotask : nextTick;
    endOfTurn(() => {
      this.isScheduled = false;
      if (this.isBlocked) return;
      this.beforeFlush();
      this.flush();
    });
  }

  /** Call it when the socket takes bytes again. */
  drained(): void {
    this.isBlocked = false;
    this.schedule();
  }

  flush(): void {
    this.closePage();
    const { slices } = this;
    if (slices.length === 0 || this.isClosed) return;
    this.slices = [];
    this.waitingBytes = 0;
    if (slices.length === 1) {
      this.isBlocked = !this.output.write(slices[0] as Buffer);
      return;
    }
    this.output.cork?.();
    for (const slice of slices) this.isBlocked = !this.output.write(slice);
    this.output.uncork?.();
  }

  /** Drops what waits. */
  close(): void {
    this.isClosed = true;
    this.slices = [];
    this.waitingBytes = 0;
    this.page = noBytes;
    this.pageStart = this.pageAt = 0;
  }

  /** Room for bytes that must stay together. Returns where it begins in `page`. */
  private reserve(sizeBytes: number): number {
    if (this.page.length - this.pageAt < sizeBytes) {
      this.closePage();
      this.page = Buffer.allocUnsafe(Math.max(pageBytes, sizeBytes));
      this.pageStart = this.pageAt = 0;
    }
    const at = this.pageAt;
    this.pageAt += sizeBytes;
    this.waitingBytes += sizeBytes;
    return at;
  }

  /** Later frames go into the rest of the page: the socket may still hold the part before. */
  private closePage(): void {
    if (this.pageAt === this.pageStart) return;
    this.slices.push(this.page.subarray(this.pageStart, this.pageAt));
    this.pageStart = this.pageAt;
  }
}
