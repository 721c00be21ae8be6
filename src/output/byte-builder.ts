// Appends output bytes to a growing buffer. All formats write to it. Bytes that the caller took are never written
// again, so a slow stream may keep them.
/** Up to this number of characters or bytes, a loop is faster than a call into Node. */
const loopLimit = 128;

const base64Digits = Buffer.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
const padding = 0x3d;
const noBytes: Buffer = Buffer.alloc(0);
const hexDigits = Buffer.from("0123456789abcdef");

export class ByteBuilder {
  private buf = noBytes;
  private pos = 0;

  /** `firstBytes` is the size of the first buffer. */
  constructor(private firstBytes = 256) {}

  /** Returns all bytes since the last take. The next buffer gets about the same size. */
  take(): Uint8Array {
    const taken = this.buf.subarray(0, this.pos);
    this.firstBytes = this.pos + (this.pos >> 3);
    this.buf = noBytes;
    this.pos = 0;
    return taken;
  }

  private reserve(sizeBytes: number): void {
    const need = this.pos + sizeBytes;
    if (need <= this.buf.length) return;
    const grown = Buffer.allocUnsafe(Math.max(need, this.buf.length * 2, this.firstBytes));
    this.buf.copy(grown, 0, 0, this.pos);
    this.buf = grown;
  }

  byte(value: number): this {
    this.reserve(1);
    this.buf[this.pos++] = value;
    return this;
  }

  bytes(value: Uint8Array): this {
    this.reserve(value.length);
    this.buf.set(value, this.pos);
    this.pos += value.length;
    return this;
  }

  /** `value` must be ASCII. */
  ascii(value: string): this {
    this.reserve(value.length);
    if (value.length > loopLimit) {
      this.pos += this.buf.write(value, this.pos, "latin1");
      return this;
    }
    const { buf } = this;
    let pos = this.pos;
    for (let i = 0; i < value.length; i++) buf[pos++] = value.charCodeAt(i);
    this.pos = pos;
    return this;
  }

  text(value: string): this {
    this.reserve(value.length * 3);
    this.pos += this.buf.write(value, this.pos, "utf8");
    return this;
  }

  /** In decimal. */
  int(value: bigint): this {
    const small = Number(value);
    if (!(small >= 0 && small < 0x40000000)) return this.ascii(value.toString());
    this.reserve(10);
    const { buf } = this;
    let end = this.pos + 1;
    for (let rest = small; rest >= 10; rest = (rest / 10) | 0) end++;
    for (let at = end, rest = small; at > this.pos; rest = (rest / 10) | 0) buf[--at] = 48 + (rest % 10);
    this.pos = end;
    return this;
  }

  base64(value: Uint8Array): this {
    this.reserve((value.length + 2) * 2);
    if (value.length > loopLimit) {
      const buffer = Buffer.isBuffer(value)
        ? value
        : Buffer.from(value.buffer, value.byteOffset, value.length);
      this.pos += this.buf.write(buffer.toString("base64"), this.pos, "latin1");
      return this;
    }
    const { buf } = this;
    let pos = this.pos;
    for (let i = 0; i < value.length; i += 3) {
      // Bytes past the end are undefined and count as zero bits. The padding is set below.
      const bits = ((value[i] as number) << 16) | ((value[i + 1] as number) << 8) | (value[i + 2] as number);
      buf[pos++] = base64Digits[bits >> 18] as number;
      buf[pos++] = base64Digits[(bits >> 12) & 63] as number;
      buf[pos++] = base64Digits[(bits >> 6) & 63] as number;
      buf[pos++] = base64Digits[bits & 63] as number;
    }
    const rest = value.length % 3;
    if (rest > 0) buf[pos - 1] = padding;
    if (rest === 1) buf[pos - 2] = padding;
    this.pos = pos;
    return this;
  }

  /** `\x61\x62` */
  hexEscapes(value: Uint8Array): this {
    this.reserve(value.length * 4);
    const { buf } = this;
    let pos = this.pos;
    for (const byte of value) {
      buf[pos++] = 0x5c;
      buf[pos++] = 0x78;
      buf[pos++] = hexDigits[byte >> 4] as number;
      buf[pos++] = hexDigits[byte & 15] as number;
    }
    this.pos = pos;
    return this;
  }
}
