// Reads lines of input and splits them into arguments, for txn and `watch -i`. Lines are binary strings (one character for each
// byte), since keys and values may not be UTF-8.
import { ExitCode } from "../errors";
import { rawBytes } from "../go/raw-text";
import { unquote } from "../go/strconv";
import { mapParseError } from "./arguments";

/** Reads an input line by line. The last line may have no newline. */
export class LineReader {
  private readonly chunks: AsyncIterator<Uint8Array>;
  private buffered = "";
  private isAtEnd = false;
  /** Whether the last line had no newline. */
  isUnterminated = false;

  constructor(input: AsyncIterable<Uint8Array>) {
    this.chunks = input[Symbol.asyncIterator]();
  }

  /** The next line without its newline; undefined at the end of the input. */
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

/** The text that a binary string encodes in UTF-8. */
export function binaryToText(binary: string): string {
  return binaryToBytes(binary).toString();
}

export function binaryToBytes(binary: string): Buffer {
  return Buffer.from(binary, "latin1");
}

/** The binary string for text from the command line. */
export function textToBinary(text: string): string {
  return rawBytes(text).toString("latin1");
}

const space = "\\t\\n\\f\\r ";
const word = new RegExp(
  [`"(?:[^"\\\\]|\\\\.)*"`, `'[^']*'`, `[^'"${space}][^${space}]*[^'"${space}]?`].join("|"),
  "g",
);

/**
 * Splits a binary string into words: plain, in single quotes (taken literally), or in double quotes (with Go's escapes). Throws
 * CliError(3) for a bad escape. Go: Argify in etcdctl/ctlv3/command/util.go.
 */
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

// The white space of Go's strings.TrimSpace, in UTF-8.
const utf8Space =
  "[\\t\\n\\v\\f\\r ]|\\xc2[\\x85\\xa0]|\\xe1\\x9a\\x80|\\xe2\\x80[\\x80-\\x8a\\xa8\\xa9\\xaf]|\\xe2\\x81\\x9f|\\xe3\\x80\\x80";
const outerSpace = new RegExp(`^(?:${utf8Space})+|(?:${utf8Space})+$`, "g");

export function trimSpace(line: string): string {
  return line.replace(outerSpace, "");
}
