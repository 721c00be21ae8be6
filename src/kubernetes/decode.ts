// Decodes the protobuf messages of Kubernetes' API to the JSON that `kubectl get -o json` prints. A field that the schema does
// not know, or that has another wire type, is shown with its number (unknown-fields.ts).
import { Reader, WireError } from "../proto/wire";
import type { Field, Message, Scalar } from "./schema";
import { integer, isList, isObject, objectOf, type Tree, type TreeObject } from "./tree";
import { addTo, bytesTree, readUnknown, treeOfBytes, unknownObject } from "./unknown-fields";
import { wellKnown } from "./well-known";

/** No object is that deep; a hostile one must not overflow the stack. */
const maxDepth = 200;

/** Throws WireError for bytes that are no message. */
export function decodeMessage(type: Message, bytes: Buffer, depth = 0): TreeObject {
  if (depth > maxDepth) throw new WireError(`protobuf: messages nested more than ${maxDepth} deep`);
  const values = new Map<Field, Tree[]>();
  const unknown = new Map<number, Tree[]>();
  const reader = new Reader(bytes);
  while (reader.pos < bytes.length) {
    const tag = reader.tag();
    const field = type.byNumber.get(tag >>> 3);
    if (field === undefined || !isExpected(field, tag & 7)) {
      addTo(unknown, tag >>> 3, readUnknown(reader, tag));
    } else if ((tag & 7) === 2 && field.shape === "[]" && isVarint(field.scalar)) {
      for (const value of unpack(field, reader.bytes())) addTo(values, field, value);
    } else {
      addTo(values, field, readValue(field, reader, depth));
    }
  }
  const entries = type.fields.flatMap((field) => jsonEntries(field, values.get(field)));
  return objectOf([...entries, ...Object.entries(unknownObject(unknown))]);
}

function isVarint(scalar: Scalar | undefined): boolean {
  return scalar === "bool" || scalar === "int32" || scalar === "int64";
}

function isExpected({ shape, scalar }: Field, wireType: number): boolean {
  if (shape === "{}" || scalar === undefined || scalar === "string" || scalar === "bytes")
    return wireType === 2;
  if (scalar === "double") return wireType === 1;
  return wireType === 0 || (wireType === 2 && shape === "[]");
}

function* unpack(field: Field, bytes: Buffer): Generator<Tree> {
  const reader = new Reader(bytes);
  while (reader.pos < bytes.length) yield readScalar(field.scalar as Scalar, reader);
}

function readValue(field: Field, reader: Reader, depth: number): Tree {
  if (field.shape === "{}") return readMapEntry(field, reader.bytes(), depth);
  return readItem(field, reader, depth);
}

function readItem({ scalar, message }: Field, reader: Reader, depth: number): Tree {
  return scalar === undefined ? decodeItem(message(), reader.bytes(), depth + 1) : readScalar(scalar, reader);
}

/** `[key, value]` */
function readMapEntry(field: Field, bytes: Buffer, depth: number): Tree {
  let [key, value]: [string, Tree | undefined] = ["", undefined];
  const reader = new Reader(bytes);
  while (reader.pos < bytes.length) {
    const tag = reader.tag();
    if (tag === (1 << 3) + 2) key = reader.string();
    else if (tag >>> 3 === 2 && isExpected({ ...field, shape: "" }, tag & 7))
      value = readItem(field, reader, depth);
    else reader.skip(tag);
  }
  return [key, value ?? zeroOf(field, depth)];
}

function readScalar(scalar: Scalar, reader: Reader): Tree {
  switch (scalar) {
    case "bool":
      return reader.bool();
    case "int32":
      return reader.int32();
    case "int64":
      return integer(reader.int64());
    case "double": {
      const bytes = reader.fixed(8);
      const value = bytes.readDoubleLE();
      return Number.isFinite(value) ? value : { "#fixed64": bytes.readBigUInt64LE() };
    }
    case "bytes":
      return reader.bytes().toString("base64");
    case "string": {
      const bytes = reader.bytes();
      const text = bytes.toString();
      return text.includes("\ufffd") && !Buffer.from(text).equals(bytes) ? bytesTree(bytes) : text;
    }
  }
}

/** A message as JSON shows it, which may be a list, text or a number. */
export function decodeItem(message: Message, bytes: Buffer, depth: number): Tree {
  const special = wellKnown.get(message.name);
  if (special !== undefined) {
    const tree = special.decode(bytes);
    return tree === undefined ? treeOfBytes(bytes) : tree;
  }
  const object = decodeMessage(message, bytes, depth);
  if (message.isList) return object[message.fields[0]?.name ?? ""] ?? [];
  return unionOf(message, object);
}

/** The messages of CustomResourceDefinitions that are one of several types in JSON. */
function unionOf(message: Message, object: TreeObject): Tree {
  const { schema = null, jSONSchemas, property, allows } = object;
  switch (message.name.replace(/^apiextensions\/v1(?:beta1)?\./, "")) {
    case "JSONSchemaPropsOrBool":
      return schema ?? allows ?? false;
    case "JSONSchemaPropsOrArray":
      return jSONSchemas ?? schema;
    case "JSONSchemaPropsOrStringArray":
      return property ?? schema;
    default:
      return object;
  }
}

const nothing = Buffer.alloc(0);

/** Of a map entry without a value. */
function zeroOf({ scalar, message }: Field, depth: number): Tree {
  if (scalar === undefined) {
    const type = message();
    const special = wellKnown.get(type.name);
    return special === undefined ? decodeItem(type, nothing, depth + 1) : special.zero;
  }
  return scalar === "bool" ? false : scalar === "string" || scalar === "bytes" ? "" : 0;
}

/** What the field adds to the object: nothing, itself, or the fields of an inlined message. */
function jsonEntries(field: Field, stored: readonly Tree[] | undefined): (readonly [string, Tree])[] {
  const value = jsonValue(field, stored);
  if (value === undefined) return [];
  if (field.name === "") return isObject(value) ? Object.entries(value) : [];
  return [[field.name, value]];
}

/**
 * Undefined if JSON does not have the field. A server writes every field that is no pointer, list or map; if such a field is
 * missing, the object is from a server that did not know it yet.
 */
function jsonValue(field: Field, stored: readonly Tree[] | undefined): Tree | undefined {
  const { shape, scalar, isRemoved } = field;
  const missing = field.isShown && !isRemoved && (shape !== "" || isListOrBytes(field)) ? null : undefined;
  if (stored === undefined) return missing;
  if (shape === "[]") return stored;
  if (shape === "{}") return objectOf(stored as [string, Tree][]);
  const value = stored.at(-1) as Tree;
  if (shape === "*" || field.isShown) return value;
  if (scalar === undefined) {
    const isEmptyList = field.message().isList && isList(value) && value.length === 0;
    const isHidden = isEmptyList || (value === null && field.isZeroHidden);
    return isHidden ? undefined : value;
  }
  return value === "" || value === 0 || value === false ? undefined : value;
}

function isListOrBytes({ scalar, message }: Field): boolean {
  return scalar === "bytes" || (scalar === undefined && message().isList);
}
