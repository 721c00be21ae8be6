// Parses JSON with Go's error texts. Numbers stay text, and every value has its position, so that the caller can report the
// place of an error. Any input gives a value or a JsonError. Nesting is limited to 1000 levels (Go: 10,000), because callers
// read values recursively.
// Go: encoding/json/scanner.go
import { quote } from "./quote";

/** `at` and `end` are offsets in bytes. A number stays text, because a 64-bit number does not fit in a float. */
export type JsonNode = { readonly at: number; readonly end: number } & JsonValue;
type JsonValue =
  | { readonly kind: "null" }
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "number"; readonly text: string }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "array"; readonly items: readonly JsonNode[] }
  | { readonly kind: "object"; readonly fields: readonly JsonField[] };

/** A field of an object. A name may occur twice in one object; the caller decides what that means. */
export interface JsonField {
  readonly name: string;
  readonly at: number;
  readonly value: JsonNode;
}

/** Its message is Go's, for example `invalid character 'p' after top-level value`. */
export class JsonError extends Error {
  override name = "JsonError";
  constructor(
    message: string,
    /** Offset of the error in bytes. */
    readonly at: number,
    /** The input ends too early. More bytes may make it valid. */
    readonly isCut = false,
  ) {
    super(message);
  }
}

/** Parses the whole input as one value. Throws JsonError. */
export function parseJson(bytes: Uint8Array): JsonNode {
  return new Parser(bytes).whole();
}

/** Parses the first of several values. Returns undefined when there is none. Throws JsonError. */
export function firstJson(bytes: Uint8Array): JsonNode | undefined {
  return new Parser(bytes).first();
}

/** Line and column of a byte offset, as in `3:14`. Both count from 1; the column counts characters. */
export function lineAndColumn(bytes: Uint8Array, at: number): string {
  const before = Buffer.from(bytes.subarray(0, at)).toString().split("\n");
  return `${before.length}:${[...(before.at(-1) ?? "")].length + 1}`;
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
  private readonly bytes: Buffer;
  private at = 0;
  private depth = 0;

  constructor({ buffer, byteOffset, byteLength }: Uint8Array) {
    this.bytes = Buffer.from(buffer, byteOffset, byteLength);
  }

  whole(): JsonNode {
    const node = this.value();
    if (this.peek() !== "") this.fail("after top-level value");
    return node;
  }

  first(): JsonNode | undefined {
    return this.peek() === "" ? undefined : this.value();
  }

  private value(): JsonNode {
    const first = this.peek();
    const at = this.at;
    const value = this.valueAt(first);
    return { at, end: this.at, ...value };
  }

  private valueAt(first: string): JsonValue {
    if (first === "{") return { kind: "object", fields: this.nested(() => this.fields()) };
    if (first === "[") return { kind: "array", items: this.nested(() => this.items()) };
    if (first === '"') return { kind: "string", value: this.string() };
    if (first === "-" || isDigit(first)) return { kind: "number", text: this.number() };
    if (first === "t") return this.literal("true", { kind: "bool", value: true });
    if (first === "f") return this.literal("false", { kind: "bool", value: false });
    if (first === "n") return this.literal("null", { kind: "null" });
    return this.fail("looking for beginning of value");
  }

  private nested<T>(read: () => T): T {
    if (++this.depth > maxDepth) throw new JsonError("exceeded max depth", this.at);
    this.at++;
    const value = read();
    this.depth--;
    return value;
  }

  private fields(): JsonField[] {
    const fields: JsonField[] = [];
    if (this.peek() === "}") return this.end(fields);
    for (;;) {
      if (this.peek() !== '"') this.fail("looking for beginning of object key string");
      const at = this.at;
      const name = this.string();
      if (this.peek() !== ":") this.fail("after object key");
      this.at++;
      fields.push({ name, at, value: this.value() });
      const next = this.peek();
      if (next === "}") return this.end(fields);
      if (next !== ",") this.fail("after object key:value pair");
      this.at++;
    }
  }

  private items(): JsonNode[] {
    const items: JsonNode[] = [];
    if (this.peek() === "]") return this.end(items);
    for (;;) {
      items.push(this.value());
      const next = this.peek();
      if (next === "]") return this.end(items);
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

  /** Keeps half of a surrogate pair. Go replaces it by U+FFFD; here the encoding as UTF-8 does that later. */
  private escape(): string {
    const letter = this.here();
    if (letter === "u") {
      this.at++;
      return String.fromCharCode(this.hex4());
    }
    const character = escapes[letter];
    if (character === undefined) return this.fail("in string escape code");
    this.at++;
    return character;
  }

  private hex4(): number {
    const start = this.at;
    for (; this.at < start + 4; this.at++) {
      if (!/^[\da-fA-F]$/.test(this.here())) this.fail("in \\u hexadecimal character escape");
    }
    return parseInt(this.bytes.toString("latin1", start, this.at), 16);
  }

  private number(): string {
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
    return this.bytes.toString("latin1", start, this.at);
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

  /** The next character that is not a blank; empty at the end. */
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
    if (character === "") throw new JsonError("unexpected end of JSON input", this.at, true);
    throw new JsonError(`invalid character ${quoteCharacter(character)} ${place}`, this.at);
  }
}

/** JSON's white space. */
export function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function isDigit(character: string): boolean {
  return character >= "0" && character <= "9" && character.length === 1;
}

/** A byte as Go prints it: as a code point, in single quotes. */
function quoteCharacter(character: string): string {
  if (character === "'") return "'\\''";
  if (character === '"') return "'\"'";
  return `'${quote(character).slice(1, -1)}'`;
}
