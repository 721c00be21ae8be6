// Messages in protobuf's JSON form: names as in the .proto files, 64-bit integers as strings, enums by name, bytes as
// base64, zero values left out. The reader also accepts camelCase names and plain numbers, and ignores unknown fields.
// Go: the protojson options in server/embed/serve.go
import { isUtf8 } from "node:buffer";
import { lineAndColumn, type JsonField, type JsonNode } from "../../go/parse-json";
import { quote } from "../../go/quote";
import { fieldValue, isZero, type AnyMessageType, type FieldInfo } from "../../proto/message";
import { wrongBase64 } from "../grpc/call-headers";

export function messageToJson(type: AnyMessageType, message: object): Record<string, unknown> {
  const json: Record<string, unknown> = {};
  for (const field of type.fields) {
    const value = fieldValue(field, message);
    if (!isAbsent(field, value)) json[field.name] = valueToJson(field, value);
  }
  return json;
}

/** Whether JSON leaves the field out. */
export function isAbsent(field: FieldInfo, value: unknown): boolean {
  return field.oneof === undefined ? isZero(value) : value === undefined;
}

export function valueToJson(field: FieldInfo, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => valueToJson(field, item));
  if (field.type !== undefined) return messageToJson(field.type(), value as object);
  if (typeof value === "bigint") return String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (field.names === undefined) return value;
  return Object.entries(field.names()).find(([, number]) => number === value)?.[0] ?? value;
}

/** Invalid JSON for a message, with protojson's text. */
export class MessageJsonError extends Error {
  override name = "MessageJsonError";
}

/** `bytes` is the text of `node`, for line and column of an error. Throws MessageJsonError. */
export function messageFromJson(type: AnyMessageType, node: JsonNode, bytes: Uint8Array): unknown {
  return new MessageReader(bytes).message(type, node);
}

class MessageReader {
  constructor(private readonly bytes: Uint8Array) {}

  message(type: AnyMessageType, node: JsonNode): unknown {
    if (node.kind !== "object") throw this.unexpected(node);
    const message = type.create() as Record<string, unknown>;
    const seen = new Set<string>();
    for (const named of node.fields) {
      const { name, value } = named;
      this.checkText(named.at);
      const field = type.fields.find((each) => each.name === name || camelCase(each.name) === name);
      if (field === undefined) {
        this.checkTexts(value);
        continue;
      }
      if (seen.has(field.name)) throw this.failureAt(named, `duplicate field ${JSON.stringify(name)}`);
      seen.add(field.name);
      if (value.kind === "null") continue;
      if (field.oneof !== undefined) {
        this.checkIsFirst(`${type.typeName}.${snakeCase(field.oneof)}`, named, seen);
      }
      const read = field.repeated === true ? this.list(field, value) : this.value(field, value);
      if (read === undefined) continue;
      if (field.oneof === undefined) message[field.prop] = read;
      else message[field.oneof] = { case: field.prop, value: read };
    }
    return message;
  }

  private checkIsFirst(oneof: string, named: JsonField, seen: Set<string>): void {
    if (seen.has(oneof)) {
      throw this.failureAt(
        named,
        `error parsing ${JSON.stringify(named.name)}, oneof ${oneof} is already set`,
      );
    }
    seen.add(oneof);
  }

  private list(field: FieldInfo, node: JsonNode): unknown[] {
    if (node.kind !== "array") throw this.unexpected(node);
    return node.items.map((item) => this.value(field, item)).filter((item) => item !== undefined);
  }

  /** Undefined for an unknown enum name, which is ignored. */
  private value(field: FieldInfo, node: JsonNode): unknown {
    if (field.type !== undefined) return this.message(field.type(), node);
    if (node.kind === "string") this.checkText(node.at);
    const value = readers[field.kind]?.(node, field);
    if (value === wrong) throw this.invalid(field, node);
    return value;
  }

  /** Of an unknown field: protojson reads it too. */
  private checkTexts(node: JsonNode): void {
    if (node.kind === "string") this.checkText(node.at);
    else if (node.kind === "array") for (const item of node.items) this.checkTexts(item);
    else if (node.kind === "object") {
      for (const field of node.fields) {
        this.checkText(field.at);
        this.checkTexts(field.value);
      }
    }
  }

  /** Checks the string that begins at `at`. A replacement character would make one name of two. */
  private checkText(at: number): void {
    const text = stringAt(this.bytes, at);
    if (!isUtf8(text)) throw this.failure("syntax error ", at, "invalid UTF-8 in string");
    if (!text.includes("\\u")) return;
    const escapes = text.toString("latin1").matchAll(/\\(?:u([\da-fA-F]{4})(?=(?:\\u([\da-fA-F]{4}))?)|.)/g);
    let pairEnd = 0;
    for (const { 1: first, 2: second, index } of escapes) {
      if (first === undefined || !/^d[89a-f]/i.test(first) || index < pairEnd) continue;
      if (/^d[89ab]/i.test(first) && second !== undefined && /^d[c-f]/i.test(second)) {
        pairEnd = index + 12;
        continue;
      }
      const next = Buffer.from(this.bytes.subarray(at + index + 6, at + index + 12));
      if (next.length < 6) throw new MessageJsonError("proto:\u00a0unexpected EOF");
      throw this.failure("syntax error ", at, `invalid escape code ${quote(next)} in string`);
    }
  }

  private unexpected(node: JsonNode): MessageJsonError {
    return this.failure("syntax error ", node.at, `unexpected token ${this.token(node)}`);
  }

  private invalid(field: FieldInfo, node: JsonNode): MessageJsonError {
    const { kind, name } = field;
    return this.failureAt(node, `invalid value for ${kind} field ${camelCase(name)}: ${this.token(node)}`);
  }

  private failureAt({ at }: { readonly at: number }, what: string): MessageJsonError {
    return this.failure("", at, what);
  }

  private failure(kind: string, at: number, what: string): MessageJsonError {
    return new MessageJsonError(`proto:\u00a0${kind}(line ${lineAndColumn(this.bytes, at)}): ${what}`);
  }

  /** The text of a value; of an object or array only the bracket. */
  private token({ kind, at, end }: JsonNode): string {
    const isNested = kind === "object" || kind === "array";
    return Buffer.from(this.bytes.subarray(at, isNested ? at + 1 : end)).toString();
  }
}

/** The string with its quotes. */
function stringAt(bytes: Uint8Array, at: number): Buffer {
  let end = at + 1;
  while (end < bytes.length && bytes[end] !== 0x22) end += bytes[end] === 0x5c ? 2 : 1;
  return Buffer.from(bytes.buffer, bytes.byteOffset + at, end + 1 - at);
}

const wrong = Symbol("a value of the wrong kind");

const integer = (minimum: bigint, maximum: bigint, make: (value: bigint) => unknown) => (node: JsonNode) => {
  const value =
    node.kind === "number" ? whole(node.text) : node.kind === "string" ? whole(node.value) : wrong;
  return value === wrong || value < minimum || value > maximum ? wrong : make(value);
};

/** A number with more digits fits no 64-bit integer. */
const maxIntegerDigits = 20;

/** Accepts every spelling of an integer, such as `1.50e1`. */
function whole(text: string): bigint | typeof wrong {
  const [, units, fraction = "", exponent = "0"] =
    /^(-?(?:0|[1-9]\d*))(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  if (units === undefined) return wrong;
  const sign = units.startsWith("-") ? "-" : "";
  const digits = (units.slice(sign.length) + fraction).replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return 0n;
  // The value is significant × 10^scale.
  const scale = Number(exponent) - fraction.length + digits.length - significant.length;
  if (scale < 0 || significant.length + scale > maxIntegerDigits) return wrong;
  return BigInt(sign + significant + "0".repeat(scale));
}

const swapPlus = (digit: string) => (digit === "-" ? "+" : "-");
const swapSlash = (digit: string) => (digit === "_" ? "/" : "_");

const int32 = integer(-(2n ** 31n), 2n ** 31n - 1n, Number);

const readers: Readonly<Record<string, (node: JsonNode, field: FieldInfo) => unknown>> = {
  int64: integer(-(2n ** 63n), 2n ** 63n - 1n, (value) => value),
  uint64: integer(0n, 2n ** 64n - 1n, (value) => value),
  int32,
  uint32: integer(0n, 2n ** 32n - 1n, Number),
  bool: (node) => (node.kind === "bool" ? node.value : wrong),
  string: (node) => (node.kind === "string" ? node.value : wrong),
  bytes(node) {
    if (node.kind !== "string") return wrong;
    // Either alphabet, but not both.
    const isForUrls = /[-_]/.test(node.value);
    const digits = isForUrls ? node.value.replace(/[-+]/g, swapPlus).replace(/[_/]/g, swapSlash) : node.value;
    return wrongBase64(digits) === undefined ? Buffer.from(digits, "base64") : wrong;
  },
  enum: (node, field) => (node.kind === "string" ? field.names?.()[node.value] : int32(node)),
};

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
