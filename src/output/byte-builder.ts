// Output bytes, appended to a growing buffer: the one thing all formats write to.
// What was taken is the taker's and never written again, so a slow stream can hold on to it.

/** Below this, a loop over the characters or bytes beats a call into Node. */
const SHORT = 48;

const base64Digits = Buffer.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
const hexDigits = Buffer.from("0123456789abcdef");

export class ByteBuilder {
  private buf: Buffer;
  private pos = 0;

  constructor(sizeHintBytes = 256) {
    this.buf = Buffer.allocUnsafe(sizeHintBytes);
  }

  /** All bytes since the last take. The next ones are expected to be as many. */
  take(): Uint8Array {
    const taken = this.buf.subarray(0, this.pos);
    this.buf = Buffer.allocUnsafe(this.pos);
    this.pos = 0;
    return taken;
  }

  private reserve(sizeBytes: number): void {
    const need = this.pos + sizeBytes;
    if (need <= this.buf.length) return;
    const grown = Buffer.allocUnsafe(Math.max(need, this.buf.length * 2, 256));
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

  /** Text of ASCII only. */
  ascii(value: string): this {
    this.reserve(value.length);
    if (value.length < SHORT) {
      for (let i = 0; i < value.length; i++) this.buf[this.pos++] = value.charCodeAt(i);
    } else {
      this.pos += this.buf.write(value, this.pos, "latin1");
    }
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
    let end = this.pos + 1;
    for (let rest = small; rest >= 10; rest = (rest / 10) | 0) end++;
    let rest = small;
    for (let at = end; at > this.pos;) {
      this.buf[--at] = 48 + (rest % 10);
      rest = (rest / 10) | 0;
    }
    this.pos = end;
    return this;
  }

  base64(value: Uint8Array): this {
    this.reserve((value.length + 2) * 2);
    if (value.length >= SHORT) {
      const buffer = Buffer.from(value.buffer, value.byteOffset, value.length);
      this.pos += this.buf.write(buffer.toString("base64"), this.pos, "latin1");
      return this;
    }
    for (let i = 0; i < value.length; i += 3) {
      const left = value.length - i;
      const bits = ((value[i] ?? 0) << 16) | ((value[i + 1] ?? 0) << 8) | (value[i + 2] ?? 0);
      this.buf[this.pos++] = base64Digits[bits >> 18] as number;
      this.buf[this.pos++] = base64Digits[(bits >> 12) & 63] as number;
      this.buf[this.pos++] = left > 1 ? (base64Digits[(bits >> 6) & 63] as number) : 0x3d;
      this.buf[this.pos++] = left > 2 ? (base64Digits[bits & 63] as number) : 0x3d;
    }
    return this;
  }

  /** `\x61\x62` */
  hexEscapes(value: Uint8Array): this {
    this.reserve(value.length * 4);
    for (const byte of value) {
      this.buf[this.pos++] = 0x5c;
      this.buf[this.pos++] = 0x78;
      this.buf[this.pos++] = hexDigits[byte >> 4] as number;
      this.buf[this.pos++] = hexDigits[byte & 15] as number;
    }
    return this;
  }
}
