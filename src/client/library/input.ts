// What the library accepts in place of a complete message, and how it becomes one. Only the library's clients and `create`
// functions do this; the programs make complete messages and do not pay for it.
import type { AnyMessageType, FieldInfo, FieldKind, MessageType } from "../../proto/message";
import { didYouMean } from "./nearest";

/**
 * What the library accepts for a message `T`: a plain object with any of its fields. A missing field has its zero value.
 * A string stands for its UTF-8 bytes, and an integer for a 64-bit integer. Nested messages, lists and oneofs likewise.
 */
export type Input<T> = T extends bigint
  ? number | bigint
  : T extends Uint8Array
    ? string | ArrayBufferView | ArrayBuffer
    : T extends readonly (infer Item)[]
      ? readonly Input<Item>[]
      : T extends { readonly case: infer Case; readonly value: infer Value }
        ? { readonly case: Case; readonly value: Input<Value> }
        : [keyof T] extends [never]
          ? Readonly<Record<string, never>>
          : T extends object
            ? { readonly [Name in keyof T]?: Input<T[Name]> | undefined }
            : T;

/** A message type as the library exports it. */
export interface LibraryMessage<T> extends Omit<MessageType<T>, "create"> {
  /**
   * Makes a complete message. Fields that are missing or undefined have their zero value. Strings become UTF-8 in bytes
   * fields, and integers become bigints in 64-bit fields.
   *
   * Throws a TypeError for an unknown field or a value of the wrong kind, and a RangeError for a number that the field
   * cannot hold.
   */
  create(init?: Input<T>): T;
}

export function libraryMessage<T>(type: MessageType<T>): LibraryMessage<T> {
  return { ...type, create: (init?: Input<T>) => fromInput(type, init) };
}

/** Makes a complete message. Throws as LibraryMessage.create does. */
export function fromInput<T>(type: MessageType<T>, input: Input<T> | undefined): T {
  return message(type, input ?? {}, type.typeName) as T;
}

interface Shape {
  readonly fields: ReadonlyMap<string, FieldInfo>;
  /** For each oneof its cases. */
  readonly oneofs: ReadonlyMap<string, ReadonlyMap<string, FieldInfo>>;
}

const shapes = new WeakMap<AnyMessageType, Shape>();

function shapeOf(type: AnyMessageType): Shape {
  const known = shapes.get(type);
  if (known !== undefined) return known;
  const fields = new Map<string, FieldInfo>();
  const oneofs = new Map<string, Map<string, FieldInfo>>();
  for (const field of type.fields) {
    if (field.oneof === undefined) fields.set(field.prop, field);
    else oneofs.set(field.oneof, (oneofs.get(field.oneof) ?? new Map()).set(field.prop, field));
  }
  const shape = { fields, oneofs };
  shapes.set(type, shape);
  return shape;
}

/** `path` names the value in errors, for example `etcdserverpb.TxnRequest.compare[0]`. */
function message(type: AnyMessageType, input: unknown, path: string): unknown {
  if (!isPlainObject(input)) throw wrongKind(path, "a plain object", input);
  const shape = shapeOf(type);
  const known: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(input)) {
    const field = shape.fields.get(name);
    const cases = shape.oneofs.get(name);
    if (field === undefined && cases === undefined) throw unknownField(type, shape, name);
    if (value === undefined) continue;
    const at = `${path}.${name}`;
    known[name] =
      field === undefined
        ? oneof(cases, value, at)
        : field.repeated
          ? list(field, value, at)
          : single(field, value, at);
  }
  return type.create(known) as unknown;
}

function list(field: FieldInfo, input: unknown, path: string): unknown[] {
  if (!Array.isArray(input)) throw wrongKind(path, "an array", input);
  return Array.from(input, (item, index) => single(field, item, `${path}[${index}]`));
}

function oneof(cases: Shape["fields"] = new Map(), input: unknown, path: string): unknown {
  const names = [...cases.keys()];
  const wanted = `{ case, value } with the case ${names.map((name) => `"${name}"`).join(" or ")}`;
  if (!isPlainObject(input)) throw wrongKind(path, wanted, input);
  const { case: chosen, value, ...others } = input;
  const [other] = Object.keys(others);
  if (other !== undefined) throw new TypeError(`unknown property ${other} of ${path}: it must be ${wanted}`);
  const field = typeof chosen === "string" ? cases.get(chosen) : undefined;
  if (field === undefined) throw wrongKind(`${path}.case`, `one of ${names.join(", ")}`, chosen);
  return { case: chosen, value: single(field, value ?? zeroOf[field.kind], `${path}.value`) };
}

/** What a oneof has that names its case and has no value. */
const zeroOf: Readonly<Record<FieldKind, unknown>> = {
  int64: 0n,
  uint64: 0n,
  int32: 0,
  uint32: 0,
  bool: false,
  string: "",
  bytes: "",
  enum: 0,
  message: {},
};

function single(field: FieldInfo, input: unknown, path: string): unknown {
  switch (field.kind) {
    case "message":
      return field.type === undefined ? input : message(field.type(), input, path);
    case "bytes":
      return bytes(input, path);
    case "string":
      if (typeof input !== "string") throw wrongKind(path, "a string", input);
      return wellFormed(input, path);
    case "bool":
      if (typeof input !== "boolean") throw wrongKind(path, "a boolean", input);
      return input;
    case "int64":
      return integer(input, path);
    case "uint64":
      return integer64(input, path, 0n, 2n ** 64n - 1n);
    case "uint32":
      return integer32(input, path, 0, 2 ** 32 - 1);
    case "int32":
    case "enum":
      return integer32(input, path, -(2 ** 31), 2 ** 31 - 1);
  }
}

/** Test runners load modules in a realm of their own, where `instanceof Uint8Array` does not hold. */
export function bytes(input: unknown, path: string): Uint8Array {
  if (typeof input === "string") return Buffer.from(wellFormed(input, path));
  if (Buffer.isBuffer(input)) return input;
  if (ArrayBuffer.isView(input)) return Buffer.from(input.buffer, input.byteOffset, input.byteLength);
  if (Object.prototype.toString.call(input) === "[object ArrayBuffer]")
    return Buffer.from(input as ArrayBuffer);
  throw wrongKind(path, "a string or bytes (a Uint8Array or Buffer)", input);
}

/** Otherwise two different strings could become the same key: UTF-8 has no bytes for half a pair. */
function wellFormed(text: string, path: string): string {
  if (!/\p{Surrogate}/u.test(text)) return text;
  throw new TypeError(`${path} must be a string that UTF-8 can hold: it contains half of a surrogate pair`);
}

/** A 64-bit integer. Throws a TypeError or a RangeError. */
export function integer(input: unknown, path: string): bigint {
  return integer64(input, path, -(2n ** 63n), 2n ** 63n - 1n);
}

function integer64(input: unknown, path: string, least: bigint, most: bigint): bigint {
  if (typeof input === "number" && !Number.isSafeInteger(input)) {
    throw new RangeError(`${path} must be an integer up to 2^53, or a bigint: ${input}`);
  }
  if (typeof input !== "number" && typeof input !== "bigint")
    throw wrongKind(path, "an integer or a bigint", input);
  const value = BigInt(input);
  if (value < least || value > most)
    throw new RangeError(`${path} must be from ${least} to ${most}: ${value}`);
  return value;
}

function integer32(input: unknown, path: string, least: number, most: number): number {
  if (typeof input !== "number") throw wrongKind(path, "an integer", input);
  if (Number.isInteger(input) && input >= least && input <= most) return input;
  throw new RangeError(`${path} must be an integer from ${least} to ${most}: ${input}`);
}

/** An object literal of any realm, not an instance of a class such as Map. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function wrongKind(path: string, wanted: string, value: unknown): TypeError {
  return new TypeError(`${path} must be ${wanted}, not ${kindOf(value)}`);
}

/** `a string`, `null`, `an array`. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "an array";
  if (typeof value !== "object") return `a ${typeof value}`;
  const name = Object.prototype.toString.call(value).slice("[object ".length, -1);
  return name === "Object" ? "an object" : `an object (${name})`;
}

function unknownField(type: AnyMessageType, { fields, oneofs }: Shape, name: string): TypeError {
  const owner = [...oneofs].find(([, cases]) => cases.has(name))?.[0];
  const advice =
    owner === undefined
      ? didYouMean(name, [...fields.keys(), ...oneofs.keys()], "its fields are")
      : `did you mean ${owner}: { case: "${name}", value: … }?`;
  return new TypeError(`unknown field ${name} of ${type.typeName}; ${advice}`);
}
