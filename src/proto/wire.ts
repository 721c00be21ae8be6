// Protobuf's wire format: a writer and a reader. Every read checks its bounds. 64-bit values are bigints and never pass
// through a float. Byte fields that are read are views of the input, not copies.

/** Writes and reads one message type. */
export interface Codec<T> {
  write(w: Writer, m: T): void;
  /** Reads fields up to `end`. */
  read(r: Reader, end: number): T;
}

export const emptyBytes: Uint8Array = new Uint8Array(0);

/** Far deeper than a server allows (128 nested transactions), and far less than the stack allows. */
const maxDepth = 1000;

/** Thrown by the reader for input that is not a protobuf message. */
export class WireError extends Error {
  override name = "WireError";
  constructor(
    message: string,
    /** In the words of Go's proto package, which does not say where. */
    readonly goMessage = "proto: cannot parse invalid wire-format data",
  ) {
    super(message);
  }
}

/** A byte field that is not copied. */
interface KeptBytes {
  readonly bytes: Uint8Array;
  /** Where it comes in the copied bytes. */
  at: number;
}

/** Appends fields to a growing buffer. A tag is field number << 3 | wire type. */
export class Writer {
  private readonly start: number;
  private buf: Buffer;
  private pos: number;
  private kept: KeptBytes[] | undefined;
  private keptBytes = 0;

  /**
   * Writes into a new buffer, or into `target` from `start` on. Byte fields of `keepsFrom` bytes and more are not copied: they must
   * not change, and are in pieces().
   */
  constructor(
    target: number | Buffer = 256,
    start = 0,
    private readonly keepsFrom = Infinity,
  ) {
    this.buf = typeof target === "number" ? Buffer.allocUnsafe(target) : target;
    this.pos = this.start = start;
  }

  /** The bytes written so far; valid until the next write. */
  finish(): Buffer {
    return this.buf.subarray(this.start, this.pos);
  }

  get sizeBytes(): number {
    return this.pos - this.start + this.keptBytes;
  }

  /** The same bytes, with those that were not copied as they came. */
  pieces(): Uint8Array[] {
    const pieces: Uint8Array[] = [];
    let from = this.start;
    for (const { bytes, at } of this.kept ?? []) {
      if (at > from) pieces.push(this.buf.subarray(from, at));
      pieces.push(bytes);
      from = at;
    }
    if (this.pos > from) pieces.push(this.buf.subarray(from, this.pos));
    return pieces;
  }

  private reserve(sizeBytes: number): void {
    const need = this.pos + sizeBytes;
    if (need <= this.buf.length) return;
    const grown = Buffer.allocUnsafe(Math.max(need, this.buf.length * 2));
    this.buf.copy(grown, 0, 0, this.pos);
    this.buf = grown;
  }

  /** An unsigned varint below 2^32. */
  varint(value: number): void {
    this.reserve(5);
    const buf = this.buf;
    while (value > 127) {
      buf[this.pos++] = (value & 127) | 128;
      value >>>= 7;
    }
    buf[this.pos++] = value;
  }

  private varint64(value: bigint): void {
    if (value >= 0n && value <= 0xffffffffn) return this.varint(Number(value));
    const unsigned = BigInt.asUintN(64, value);
    let lo = Number(unsigned & 0xffffffffn);
    let hi = Number(unsigned >> 32n);
    this.reserve(10);
    const buf = this.buf;
    while (hi > 0) {
      buf[this.pos++] = (lo & 127) | 128;
      lo = ((lo >>> 7) | (hi << 25)) >>> 0;
      hi >>>= 7;
    }
    this.varint(lo);
  }

  int64(tag: number, value: bigint): void {
    this.varint(tag);
    this.varint64(value);
  }

  uint64(tag: number, value: bigint): void {
    this.int64(tag, value);
  }

  int32(tag: number, value: number): void {
    this.varint(tag);
    this.signed32(value);
  }

  /** A negative number has ten bytes, like a 64-bit number. */
  private signed32(value: number): void {
    if (value < 0) this.varint64(BigInt(value));
    else this.varint(value);
  }

  uint32(tag: number, value: number): void {
    this.varint(tag);
    this.varint(value);
  }

  bool(tag: number, value: boolean): void {
    this.varint(tag);
    this.varint(value ? 1 : 0);
  }

  bytes(tag: number, value: Uint8Array): void {
    this.varint(tag);
    this.varint(value.length);
    this.piece(value);
  }

  /** The eight or four bytes of a fixed64, double, fixed32 or float. */
  fixed(tag: number, value: Uint8Array): void {
    this.varint(tag);
    this.raw(value);
  }

  /** Bytes that may be kept instead of copied. */
  piece(value: Uint8Array): void {
    if (value.length < this.keepsFrom) return this.raw(value);
    (this.kept ??= []).push({ bytes: value, at: this.pos });
    this.keptBytes += value.length;
  }

  /** Encoded fields. */
  raw(value: Uint8Array): void {
    this.reserve(value.length);
    this.buf.set(value, this.pos);
    this.pos += value.length;
  }

  string(tag: number, value: string): void {
    const sizeBytes = Buffer.byteLength(value);
    this.varint(tag);
    this.varint(sizeBytes);
    this.reserve(sizeBytes);
    this.pos += this.buf.write(value, this.pos);
  }

  message<T>(tag: number, type: Codec<T>, value: T): void {
    this.varint(tag);
    this.delimited(() => type.write(this, value));
  }

  packed(tag: number, values: readonly number[]): void {
    this.varint(tag);
    this.delimited(() => values.forEach((value) => this.signed32(value)));
  }

  /** Reserves one byte for the length, writes the content, and moves the content if its length needs more bytes. */
  private delimited(content: () => void): void {
    this.reserve(1);
    const start = ++this.pos;
    const keptBefore = this.keptBytes;
    content();
    const copiedBytes = this.pos - start;
    const sizeBytes = copiedBytes + this.keptBytes - keptBefore;
    if (sizeBytes > 127) {
      let extra = 0;
      for (let rest = sizeBytes >>> 7; rest > 0; rest >>>= 7) extra++;
      this.reserve(extra);
      this.buf.copyWithin(start + extra, start, this.pos);
      for (const each of this.kept ?? []) if (each.at >= start) each.at += extra;
    }
    this.pos = start - 1;
    this.varint(sizeBytes);
    this.pos += copiedBytes;
  }
}

/** Reads fields from a buffer. Every method moves `pos` past the bytes it reads, or throws WireError. */
export class Reader {
  pos = 0;
  private end: number;
  private depth = 0;

  constructor(
    readonly buf: Buffer,
    /** Whether a text that is not UTF-8 is an error, as in Go's proto package. Older etcds have stored such texts. */
    private readonly checksTexts = false,
  ) {
    this.end = buf.length;
  }

  private fail(what: string, goMessage?: string): never {
    throw new WireError(`protobuf: ${what} at byte ${this.pos} of ${this.buf.length}`, goMessage);
  }

  tag(): number {
    const tag = this.below32("field number too large");
    if (tag >>> 3 === 0) this.fail("field number 0");
    return tag;
  }

  /** A varint whose value must fit in 32 bits. */
  private below32(problem: string): number {
    const { buf } = this;
    const first = buf[this.pos];
    // One byte, as nearly every tag and length.
    if (first !== undefined && first < 128 && this.pos < this.end) {
      this.pos++;
      return first;
    }
    const value = this.uint64();
    return value > 0xffffffffn ? this.fail(problem) : Number(value);
  }

  uint32(): number {
    const buf = this.buf;
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.pos >= this.end) this.fail("unexpected end");
      const byte = buf[this.pos++] as number;
      if (shift < 32) value |= (byte & 127) << shift;
      else if (shift === 63 && byte > 1) break;
      if (byte < 128) return value >>> 0;
    }
    return this.fail("varint longer than 64 bits");
  }

  int32(): number {
    return this.uint32() | 0;
  }

  bool(): boolean {
    return this.uint64() !== 0n;
  }

  uint64(): bigint {
    const buf = this.buf;
    let lo = 0;
    let hi = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.pos >= this.end) this.fail("unexpected end");
      const byte = buf[this.pos++] as number;
      const bits = byte & 127;
      if (shift < 28) lo |= bits << shift;
      else if (shift === 28) {
        lo |= bits << 28;
        hi = bits >>> 4;
      } else if (shift === 63 && byte > 1) break;
      else hi |= bits << (shift - 32);
      if (byte < 128) {
        if (hi === 0) return BigInt(lo >>> 0);
        return (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);
      }
    }
    return this.fail("varint longer than 64 bits");
  }

  int64(): bigint {
    const value = this.uint64();
    return value > 0x7fffffffffffffffn ? BigInt.asIntN(64, value) : value;
  }

  private length(): number {
    const sizeBytes = this.below32("length past the end");
    if (sizeBytes > this.end - this.pos) this.fail(`length ${sizeBytes} past the end`);
    return sizeBytes;
  }

  bytes(): Buffer {
    const sizeBytes = this.length();
    const start = this.pos;
    this.pos += sizeBytes;
    return this.buf.subarray(start, this.pos);
  }

  /** The bytes of a fixed64, double, fixed32 or float. */
  fixed(sizeBytes: 4 | 8): Buffer {
    if (sizeBytes > this.end - this.pos) this.fail("unexpected end");
    const start = this.pos;
    this.pos += sizeBytes;
    return this.buf.subarray(start, this.pos);
  }

  string(): string {
    const sizeBytes = this.length();
    const start = this.pos;
    this.pos += sizeBytes;
    const text = this.buf.toString("utf8", start, this.pos);
    if (this.checksTexts && text.includes("\ufffd") && !this.isText(text, start)) {
      this.fail("text that is not UTF-8", "string field contains invalid UTF-8");
    }
    return text;
  }

  /** Node puts U+FFFD in the place of what is not UTF-8, but a text may have that character itself. */
  private isText(text: string, start: number): boolean {
    return Buffer.from(text).equals(this.buf.subarray(start, this.pos));
  }

  message<T>(type: Codec<T>): T {
    const sizeBytes = this.length();
    const outerEnd = this.end;
    const innerEnd = this.pos + sizeBytes;
    this.end = innerEnd;
    if (++this.depth > maxDepth) {
      this.fail(`messages nested more than ${maxDepth} deep`, "proto: exceeded maximum recursion depth");
    }
    const value = type.read(this, innerEnd);
    if (this.pos !== innerEnd) this.fail("field runs past its message");
    this.end = outerEnd;
    this.depth--;
    return value;
  }

  packed(into: number[]): void {
    const sizeBytes = this.length();
    const end = this.pos + sizeBytes;
    while (this.pos < end) into.push(this.int32());
    if (this.pos !== end) this.fail("packed values run past their field");
  }

  skip(tag: number): void {
    const wireType = tag & 7;
    if (wireType === 0) this.uint64();
    else if (wireType === 2) {
      const sizeBytes = this.length();
      this.pos += sizeBytes;
    } else if (wireType === 1 || wireType === 5) this.fixed(wireType === 1 ? 8 : 4);
    else if (wireType === 3) this.skipGroup(tag);
    else this.fail(`wire type ${wireType} of field ${tag >>> 3}`);
  }

  /** Groups are of proto2: fields up to the end tag with the same number. No message here has one. */
  private skipGroup(start: number): void {
    const open = [start];
    while (open.length > 0) {
      const tag = this.tag();
      if ((tag & 7) === 3) open.push(tag);
      else if ((tag & 7) !== 4) this.skip(tag);
      else if (tag !== (open.pop() as number) + 1) this.fail("end of another group");
    }
  }
}
