// JSON as Go reads it: its words for what is wrong, integers as they were written, an end to nesting. Pure; whatever the
// bytes are, the result is a value or a JsonError, and no byte is looked at twice.
// Answers to encoding/json (scanner.go). Nesting ends earlier than Go's 10,000, since the reader of a value recurses.
import { quote } from "../../goformat/quote";

export type JsonValue = null | boolean | string | JsonNumber | JsonValue[] | JsonObject;
/** By key; of two equal keys the last one counts. */
export type JsonObject = Map<string, JsonValue>;
/** As written: 64-bit integers do not fit a float. */
export class JsonNumber {
  constructor(readonly text: string) {}
}

/** The message is Go's: `invalid character 'p' after top-level value`. */
export class JsonError extends Error {
  override name = "JsonError";
}

export function parseJson(bytes: Uint8Array): JsonValue {
  return new Parser(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).whole();
}

const maxDepth = 1000;
const quoteByte = 0x22;
const backslash = 0x5c;
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

class Parser {
  private at = 0;
  private depth = 0;

  constructor(private readonly bytes: Buffer) {}

  whole(): JsonValue {
    const value = this.value();
    if (this.peek() !== "") this.fail("after top-level value");
    return value;
  }

  private value(): JsonValue {
    const first = this.peek();
    if (first === "{") return this.nested(() => this.object());
    if (first === "[") return this.nested(() => this.array());
    if (first === '"') return this.string();
    if (first === "-" || isDigit(first)) return this.number();
    if (first === "t") return this.literal("true", true);
    if (first === "f") return this.literal("false", false);
    if (first === "n") return this.literal("null", null);
    return this.fail("looking for beginning of value");
  }

  private nested<T>(read: () => T): T {
    if (++this.depth > maxDepth) throw new JsonError("exceeded max depth");
    this.at++;
    const value = read();
    this.depth--;
    return value;
  }

  private object(): JsonObject {
    const object: JsonObject = new Map();
    if (this.peek() === "}") return this.end(object);
    for (;;) {
      if (this.peek() !== '"') this.fail("looking for beginning of object key string");
      const key = this.string();
      if (this.peek() !== ":") this.fail("after object key");
      this.at++;
      object.set(key, this.value());
      const next = this.peek();
      if (next === "}") return this.end(object);
      if (next !== ",") this.fail("after object key:value pair");
      this.at++;
    }
  }

  private array(): JsonValue[] {
    const array: JsonValue[] = [];
    if (this.peek() === "]") return this.end(array);
    for (;;) {
      array.push(this.value());
      const next = this.peek();
      if (next === "]") return this.end(array);
      if (next !== ",") this.fail("after array element");
      this.at++;
    }
  }

  private end<T>(value: T): T {
    this.at++;
    return value;
  }

  private string(): string {
    let text = "";
    let from = ++this.at;
    for (;;) {
      const byte = this.bytes[this.at];
      if (byte === quoteByte) {
        text += this.bytes.toString("utf8", from, this.at++);
        return text;
      }
      if (byte === undefined || byte < 0x20) this.fail("in string literal");
      this.at++;
      if (byte !== backslash) continue;
      text += this.bytes.toString("utf8", from, this.at - 1) + this.escape();
      from = this.at;
    }
  }

  private escape(): string {
    const letter = this.here();
    if (letter !== "u") {
      const character = escapes[letter];
      if (character === undefined) return this.fail("in string escape code");
      this.at++;
      return character;
    }
    this.at++;
    const first = this.hex4();
    if (first < 0xd800 || first > 0xdfff) return String.fromCharCode(first);
    // Half of a pair alone is no character: Go puts the replacement character there.
    const isPair = first < 0xdc00 && this.bytes.toString("latin1", this.at, this.at + 2) === "\\u";
    if (!isPair) return "\ufffd";
    const back = this.at;
    this.at += 2;
    const second = this.hex4();
    if (second >= 0xdc00 && second <= 0xdfff) return String.fromCharCode(first, second);
    this.at = back;
    return "\ufffd";
  }

  private hex4(): number {
    const start = this.at;
    for (; this.at < start + 4; this.at++) {
      if (!/^[\da-fA-F]$/.test(this.here())) this.fail("in \\u hexadecimal character escape");
    }
    return parseInt(this.bytes.toString("latin1", start, this.at), 16);
  }

  private number(): JsonNumber {
    const start = this.at;
    if (this.here() === "-") this.at++;
    if (this.here() === "0") this.at++;
    else this.digits("in numeric literal");
    if (this.here() === ".") {
      this.at++;
      this.digits("after decimal point in numeric literal");
    }
    if (/^[eE]$/.test(this.here())) {
      this.at++;
      if (/^[+-]$/.test(this.here())) this.at++;
      this.digits("in exponent of numeric literal");
    }
    return new JsonNumber(this.bytes.toString("latin1", start, this.at));
  }

  private digits(place: string): void {
    if (!isDigit(this.here())) this.fail(place);
    while (isDigit(this.here())) this.at++;
  }

  private literal<T>(word: string, value: T): T {
    for (const letter of word) {
      if (this.here() !== letter) this.fail(`in literal ${word} (expecting '${letter}')`);
      this.at++;
    }
    return value;
  }

  /** The next character that is no blank; empty at the end. */
  private peek(): string {
    for (let byte = this.bytes[this.at]; byte !== undefined && isBlank(byte); byte = this.bytes[this.at])
      this.at++;
    return this.here();
  }

  private here(): string {
    const byte = this.bytes[this.at];
    return byte === undefined ? "" : String.fromCharCode(byte);
  }

  private fail(place: string): never {
    const character = this.here();
    if (character === "") throw new JsonError("unexpected end of JSON input");
    throw new JsonError(`invalid character ${quoteCharacter(character)} ${place}`);
  }
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function isDigit(character: string): boolean {
  return character >= "0" && character <= "9" && character.length === 1;
}

/** A byte as Go shows it: taken for a code point, in single quotes. */
function quoteCharacter(character: string): string {
  if (character === "'") return "'\\''";
  if (character === '"') return "'\"'";
  return `'${quote(character).slice(1, -1)}'`;
}
