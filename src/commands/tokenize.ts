// Input line by line, as it comes. Lines are binary strings (one character per byte), since keys and values in them need
// not be UTF-8; a last line without a newline counts.
import { ExitCode } from "../errors";
import { rawBytes } from "../go/raw-text";
import { unquote } from "../go/strconv";
import { mapParseError } from "./arguments";

export class LineReader {
  private readonly chunks: AsyncIterator<Uint8Array>;
  private buffered = "";
  private isAtEnd = false;
  /** Whether the last line given had no newline. */
  isUnterminated = false;

  constructor(input: AsyncIterable<Uint8Array>) {
    this.chunks = input[Symbol.asyncIterator]();
  }

  /** Without the newline; undefined at the end of the input. */
  async next(): Promise<string | undefined> {
    for (;;) {
      const end = this.buffered.indexOf("\n");
      if (end >= 0) return this.take(end, 1);
      if (this.isAtEnd) {
        this.isUnterminated = this.buffered !== "";
        return this.isUnterminated ? this.take(this.buffered.length, 0) : undefined;
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
export function binaryToText(binary: string): string {
  return binaryToBytes(binary).toString();
}

export function binaryToBytes(binary: string): Buffer {
  return Buffer.from(binary, "latin1");
}

/** Text from the command line as a binary string. */
export function textToBinary(text: string): string {
  return rawBytes(text).toString("latin1");
}

// A line of txn split into words: bare, 'as it stands', or "with Go's escapes". Works on binary strings (lines.ts).
// Answers to Argify in etcdctl's util.go.

const space = "\\t\\n\\f\\r ";
const word = new RegExp(
  [`"(?:[^"\\\\]|\\\\.)*"`, `'[^']*'`, `[^'"${space}][^${space}]*[^'"${space}]?`].join("|"),
  "g",
);

/** Throws CliError(3) for a bad escape. */
export function splitWords(line: string): string[] {
  return Array.from(line.matchAll(word), ([found]) => {
    if (found.startsWith("'")) return found.slice(1, -1);
    return found.startsWith('"') ? unquoted(found) : found;
  });
}

function unquoted(quoted: string): string {
  const bytes = mapParseError(ExitCode.invalidInput, () => unquote(binaryToText(quoted)));
  return Buffer.from(bytes).toString("latin1");
}

// What Go's strings.TrimSpace takes away, in UTF-8.
const blank =
  "[\\t\\n\\v\\f\\r ]|\\xc2[\\x85\\xa0]|\\xe1\\x9a\\x80|\\xe2\\x80[\\x80-\\x8a\\xa8\\xa9\\xaf]|\\xe2\\x81\\x9f|\\xe3\\x80\\x80";
const outerBlanks = new RegExp(`^(?:${blank})+|(?:${blank})+$`, "g");

export function trimSpace(line: string): string {
  return line.replace(outerBlanks, "");
}
