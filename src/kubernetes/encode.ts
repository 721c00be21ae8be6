// Encodes JSON of Kubernetes' API as its servers store it: fields in the order of their numbers, keys of maps sorted, and every
// field that is no pointer written even when it is zero. Throws ObjectError for what does not fit the schema.
import { Writer, type Codec } from "../proto/wire";
import { canBeAbsent, mayHold, type Field, type Message, type Scalar } from "./schema";
import { compareText, isList, isObject, ObjectError, type Tree, type TreeObject } from "./tree";
import { bytesOf, encodeUnknownMessage, unknownNumber, writeUnknown } from "./unknown-fields";
import { wellKnown } from "./well-known";

const wireTypes: Readonly<Record<Scalar, number>> = {
  bool: 0,
  int32: 0,
  int64: 0,
  double: 1,
  string: 2,
  bytes: 2,
};

export function encodeMessage(type: Message, object: TreeObject): Buffer {
  const writer = new Writer(1024);
  checkNames(type, object, "");
  writeFields(writer, type, object, "");
  return writer.finish();
}

/** A field without a place is an error: it would be lost. */
function checkNames(type: Message, object: TreeObject, path: string): void {
  for (const name of Object.keys(object)) {
    const isType = type.isKind && (name === "apiVersion" || name === "kind");
    if (isType || mayHold(type, name) || unknownNumber(name) !== undefined) continue;
    throw new ObjectError(`${path}${name}: ${type.name.replace(/^.*\./, "")} has no such field`);
  }
}

function writeFields(writer: Writer, type: Message, object: TreeObject, path: string): void {
  const unknown = Object.keys(object)
    .flatMap((name) => ({ name, number: unknownNumber(name) ?? 0 }))
    .filter(({ number }) => number > 0)
    .sort((a, b) => a.number - b.number);
  const numbers = new Set(unknown.map(({ number }) => number));
  for (const field of type.fields) {
    writeUnknownBelow(field.number);
    // A field that was stored with another type is there as a number.
    if (numbers.has(field.number) && !Object.hasOwn(object, field.name)) continue;
    // A removed field does not take the value of a newer one with its name.
    if (field.name === "" || type.byName.get(field.name) === field) writeField(writer, field, object, path);
  }
  writeUnknownBelow(Infinity);

  function writeUnknownBelow(limit: number): void {
    for (let next = unknown[0]; next !== undefined && next.number < limit; next = unknown[0]) {
      writeUnknown(writer, next.number, object[next.name] ?? null, path + next.name);
      unknown.shift();
    }
  }
}

function writeField(writer: Writer, field: Field, object: TreeObject, outer: string): void {
  if (field.name === "") return writeInlined(writer, field, object, outer);
  const path = outer + field.name;
  const isThere = Object.hasOwn(object, field.name);
  const value = isThere ? (object[field.name] ?? null) : null;
  if (field.shape === "[]") {
    if (value === null) return;
    if (!isList(value)) throw new ObjectError(`${path}: not a list`);
    value.forEach((item, at) => writeItem(writer, field, item, `${path}[${at}]`));
  } else if (field.shape === "{}") {
    if (value === null) return;
    if (!isObject(value)) throw new ObjectError(`${path}: not a map`);
    for (const key of Object.keys(value).sort(compareText))
      writeEntry(writer, field, key, value[key] ?? null, path);
  } else if (value !== null || !canBeAbsent(field) || (field.isAdded && isThere)) {
    writeItem(writer, field, value, path);
  }
}

/** The fields of the inlined message are those of `object`. A pointer to it is set if one of them is there. */
function writeInlined(writer: Writer, field: Field, object: TreeObject, path: string): void {
  const message = field.message();
  if (field.shape === "*" && !Object.keys(object).some((name) => mayHold(message, name))) return;
  const write = (inner: Writer) => writeFields(inner, message, knownPart(message, object), path);
  writer.message(field.number * 8 + 2, codecOf(write), undefined);
}

function knownPart(message: Message, object: TreeObject): TreeObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => mayHold(message, name)));
}

function writeEntry(writer: Writer, field: Field, key: string, value: Tree, path: string): void {
  const entry = { ...field, number: 2, shape: "" as const };
  const write = (inner: Writer) => {
    inner.string((1 << 3) + 2, key);
    if (value !== null || field.scalar !== "bytes")
      writeItem(inner, entry, value, `${path}[${JSON.stringify(key)}]`);
  };
  writer.message(field.number * 8 + 2, codecOf(write), undefined);
}

function codecOf(write: (writer: Writer) => void): Codec<undefined> {
  return { write, read: () => undefined };
}

/** null is the zero value. */
function writeItem(writer: Writer, field: Field, value: Tree, path: string): void {
  if (field.scalar !== undefined) return writeScalar(writer, field.number * 8, field.scalar, value, path);
  writer.message(
    field.number * 8 + 2,
    codecOf((inner) => writeContents(inner, field.message(), value, path)),
    undefined,
  );
}

function writeContents(writer: Writer, type: Message, value: Tree, path: string): void {
  const special = wellKnown.get(type.name);
  if (special !== undefined)
    return writer.raw(value === null ? special.encodedZero : specialBytes(value, path, special));
  if (type.isList) {
    const [items] = type.fields as [Field];
    return writeField(writer, items, { [items.name]: value }, path);
  }
  const object = fromUnion(type, value) ?? {};
  if (!isObject(object)) throw new ObjectError(`${path}: not an object`);
  checkNames(type, object, `${path}.`);
  writeFields(writer, type, object, `${path}.`);
}

/** Contents that the JSON form cannot express are unknown fields. */
function specialBytes(
  value: Tree,
  path: string,
  special: { encode(value: Tree, path: string): Uint8Array },
): Uint8Array {
  const bytes = bytesOf(value);
  if (bytes !== undefined) return bytes;
  const names = isObject(value) ? Object.keys(value) : [];
  const isUnknown = names.length > 0 && names.every((name) => unknownNumber(name) !== undefined);
  return isUnknown ? encodeUnknownMessage(value as TreeObject, `${path}.`) : special.encode(value, path);
}

function fromUnion(type: Message, value: Tree): Tree {
  switch (type.name.replace(/^apiextensions\/v1(?:beta1)?\./, "")) {
    case "JSONSchemaPropsOrBool":
      return typeof value === "boolean" ? { allows: value } : value && { allows: true, schema: value };
    case "JSONSchemaPropsOrArray":
      return isList(value) ? { jSONSchemas: value } : value && { schema: value };
    case "JSONSchemaPropsOrStringArray":
      return isList(value) ? { property: value } : value && { schema: value };
    default:
      return value;
  }
}

function writeScalar(writer: Writer, tag: number, scalar: Scalar, value: Tree, path: string): void {
  const refuse = (what: string): never => {
    throw new ObjectError(`${path}: not ${what}`);
  };
  const field = tag + wireTypes[scalar];
  switch (scalar) {
    case "bool":
      return writer.bool(
        field,
        typeof value === "boolean" ? value : value === null ? false : refuse("true or false"),
      );
    case "string": {
      const bytes = value === null ? undefined : bytesOf(value);
      if (bytes !== undefined) return writer.bytes(field, bytes);
      return writer.string(field, typeof value === "string" ? value : value === null ? "" : refuse("text"));
    }
    case "bytes":
      return writer.bytes(
        field,
        typeof value === "string" ? fromBase64(value, refuse) : refuse("text in base64"),
      );
    case "double": {
      if (isObject(value)) return writeUnknown(writer, tag >>> 3, value, path);
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleLE(isNumber(value) ? Number(value) : value === null ? 0 : refuse("a number"));
      return writer.fixed(field, bytes);
    }
    default: {
      const bits = scalar === "int32" ? 32 : 64;
      const number = value === null ? 0n : isInteger(value) ? BigInt(value) : refuse("an integer");
      return writer.int64(
        field,
        BigInt.asIntN(bits, number) === number ? number : refuse(`an integer of ${bits} bits`),
      );
    }
  }
}

function isNumber(value: Tree): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

function isInteger(value: Tree): value is number | bigint {
  return typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value));
}

function fromBase64(text: string, refuse: (what: string) => never): Buffer {
  const bare = text.replace(/[\r\n]/g, "");
  const bytes = Buffer.from(bare, "base64");
  return bytes.toString("base64") === bare ? bytes : refuse("text in base64");
}
