// Input line by line, as it comes. Lines are binary strings (one character per byte), since keys and values in them need
// not be UTF-8; a last line without a newline counts.
import { rawBytes } from "../../goformat/raw-text";

export class Lines {
  private readonly chunks: AsyncIterator<Uint8Array>;
  private buffered = "";
  private isAtEnd = false;
  /** Whether the last line given had no newline. */
  isCut = false;

  constructor(input: AsyncIterable<Uint8Array>) {
    this.chunks = input[Symbol.asyncIterator]();
  }

  /** Without the newline; undefined at the end of the input. */
  async next(): Promise<string | undefined> {
    for (;;) {
      const end = this.buffered.indexOf("\n");
      if (end >= 0) return this.take(end, 1);
      if (this.isAtEnd) {
        this.isCut = this.buffered !== "";
        return this.isCut ? this.take(this.buffered.length, 0) : undefined;
      }
      const { value, done } = await this.chunks.next();
      if (done) this.isAtEnd = true;
      else this.buffered += Buffer.from(value).toString("latin1");
    }
  }

  private take(end: number, newlineLength: number): string {
    const line = this.buffered.slice(0, end);
    this.buffered = this.buffered.slice(end + newlineLength);
    return line;
  }
}

/** A binary string as its reader wrote it. */
export function textOf(binary: string): string {
  return bytesOfBinary(binary).toString();
}

export function bytesOfBinary(binary: string): Buffer {
  return Buffer.from(binary, "latin1");
}

/** Text from the command line as a binary string. */
export function binaryOf(text: string): string {
  return rawBytes(text).toString("latin1");
}
