// Protobuf fields without a name in the schema, as a tree that can be encoded again byte for byte. The field 7 is `#7`; a
// field that occurs more than once is a list. Its value is a number, text, a message, or an object with one of the keys
// `#bytes` (base64), `#fixed32` and `#fixed64`. Protobuf does not say which bytes are text and which are a message, so both
// are guesses; what they cannot express exactly is `#bytes`.
import { isUtf8 } from "node:buffer";
import { Reader, WireError, Writer } from "../proto/wire";
import type { Tree, TreeObject } from "./tree";
import { integer, isList, isObject, objectOf, ObjectError } from "./tree";

/** Deeper messages are shown as bytes. */
const maxDepth = 100;

export function unknownName(number: number): string {
  return `#${number}`;
}

/** The field's number, or undefined for another name. */
export function unknownNumber(name: string): number | undefined {
  return /^#[1-9]\d{0,8}$/.test(name) ? Number(name.slice(1)) : undefined;
}

/** Reads the value after `tag`. Throws WireError. */
export function readUnknown(reader: Reader, tag: number, depth = 0): Tree {
  switch (tag & 7) {
    case 0:
      return integer(reader.uint64());
    case 1:
      return { "#fixed64": integer(reader.fixed(8).readBigUInt64LE()) };
    case 5:
      return { "#fixed32": reader.fixed(4).readUInt32LE() };
    case 2:
      return treeOfBytes(reader.bytes(), depth);
    default:
      throw new WireError(`protobuf: wire type ${tag & 7}`);
  }
}

/** Bytes of unknown meaning. */
export function treeOfBytes(bytes: Buffer, depth = 0): Tree {
  // A message begins with a tag, and those of the first fields are control characters.
  const first = bytes[0];
  if (first !== undefined && first < 0x20) return unknownMessage(bytes, depth) ?? textOrBytes(bytes);
  const text = readable(bytes);
  return text ?? unknownMessage(bytes, depth) ?? textOrBytes(bytes);
}

function textOrBytes(bytes: Buffer): Tree {
  return readable(bytes) ?? bytesTree(bytes);
}

export function bytesTree(bytes: Uint8Array): TreeObject {
  return { "#bytes": Buffer.from(bytes).toString("base64") };
}

/** Undefined if the bytes are no message, or one that its tree would not give back. */
export function unknownMessage(bytes: Buffer, depth = 0): TreeObject | undefined {
  if (depth >= maxDepth) return undefined;
  const fields = new Map<number, Tree[]>();
  try {
    const reader = new Reader(bytes);
    while (reader.pos < bytes.length) {
      const tag = reader.tag();
      addTo(fields, tag >>> 3, readUnknown(reader, tag, depth + 1));
    }
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
  const tree = unknownObject(fields);
  return Buffer.compare(encodeUnknownMessage(tree), bytes) === 0 ? tree : undefined;
}

export function addTo<K>(lists: Map<K, Tree[]>, key: K, value: Tree): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

export function unknownObject(fields: ReadonlyMap<number, readonly Tree[]>): TreeObject {
  return objectOf(Array.from(fields, ([number, values]) => [unknownName(number), oneOrList(values)]));
}

function oneOrList(values: readonly Tree[]): Tree {
  return values.length === 1 ? (values[0] as Tree) : values;
}

// eslint-disable-next-line no-control-regex -- text has no control characters but tab and line ends
const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/;

function readable(bytes: Buffer): string | undefined {
  if (!isUtf8(bytes)) return undefined;
  const text = bytes.toString();
  return control.test(text) ? undefined : text;
}

export function encodeUnknownMessage(tree: TreeObject, path = ""): Buffer {
  const writer = new Writer();
  for (const [name, value] of Object.entries(tree)) {
    const number = unknownNumber(name);
    if (number === undefined) throw new ObjectError(`${path}${name}: not a field number such as #7`);
    writeUnknown(writer, number, value, `${path}${name}`);
  }
  return writer.finish();
}

export function writeUnknown(writer: Writer, number: number, value: Tree, path: string): void {
  if (isList(value)) for (const item of value) writeOne(writer, number, item, path);
  else writeOne(writer, number, value, path);
}

function writeOne(writer: Writer, number: number, value: Tree, path: string): void {
  const tag = number * 8;
  const fixed32 = special(value, "#fixed32");
  const fixed64 = special(value, "#fixed64");
  if (typeof value === "string") writer.string(tag + 2, value);
  else if (isInteger(value)) writer.uint64(tag, BigInt(value));
  else if (isInteger(fixed32)) writer.fixed(tag + 5, littleEndian(BigInt(fixed32), 4));
  else if (isInteger(fixed64)) writer.fixed(tag + 1, littleEndian(BigInt(fixed64), 8));
  else if (isObject(value)) writer.bytes(tag + 2, bytesOf(value) ?? encodeUnknownMessage(value, `${path}.`));
  else throw new ObjectError(`${path}: not a number, text or an object`);
}

function isInteger(value: Tree | undefined): value is number | bigint {
  return typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value));
}

function littleEndian(value: bigint, sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
  return bytes.subarray(0, sizeBytes);
}

/** The bytes of `{"#bytes": …}`; undefined for another value. */
export function bytesOf(value: Tree): Buffer | undefined {
  const text = special(value, "#bytes");
  return typeof text === "string" ? Buffer.from(text, "base64") : undefined;
}

function special(value: Tree, name: string): Tree | undefined {
  return isObject(value) && Object.keys(value).length === 1 && Object.hasOwn(value, name)
    ? value[name]
    : undefined;
}
