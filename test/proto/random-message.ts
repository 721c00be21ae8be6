// Makes random messages of any type from the field tables of the generated code, and converts them to proto-loader's form.
import type { AnyMessageType, FieldInfo } from "../../src/proto/message";

export type Random = () => number;
type Fields = Record<string, unknown>;

/** Mulberry32: the same seed gives the same messages. */
export function seededRandom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const int64s = [
  0n,
  1n,
  -1n,
  127n,
  128n,
  2n ** 31n,
  -(2n ** 31n),
  2n ** 53n + 1n,
  2n ** 63n - 1n,
  -(2n ** 63n),
];
const uint64s = [0n, 1n, 127n, 128n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n];
const int32s = [0, 1, -1, 127, 128, 2 ** 31 - 1, -(2 ** 31)];
const uint32s = [0, 1, 127, 128, 2 ** 31, 2 ** 32 - 1];
const strings = ["", "a", "größe", "日本語", "😀", "\0", "x".repeat(127), "y".repeat(20_000)];

const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;

export function randomMessage(type: AnyMessageType, random: Random, depth = 0): Fields {
  const message = type.create() as Fields;
  for (const field of type.fields) {
    // Txn contains itself: the deeper, the barer.
    const absent = field.kind === "message" && random() < depth / 4;
    if (absent || random() < 0.2) continue;
    if (field.oneof !== undefined) {
      message[field.oneof] = { case: field.prop, value: randomValue(field, random, depth) };
    } else if (field.repeated) {
      const count = Math.floor(random() * 4);
      message[field.prop] = Array.from({ length: count }, () => randomValue(field, random, depth));
    } else message[field.prop] = randomValue(field, random, depth);
  }
  return message;
}

function randomValue(field: FieldInfo, random: Random, depth: number): unknown {
  switch (field.kind) {
    case "int64":
      return pick(random, int64s);
    case "uint64":
      return pick(random, uint64s);
    case "int32":
    case "enum": // open: any number may come
      return pick(random, int32s);
    case "uint32":
      return pick(random, uint32s);
    case "bool":
      return random() < 0.5;
    case "string":
      return pick(random, strings);
    case "bytes":
      return Buffer.from(
        Array.from({ length: Math.floor(random() * 300) }, () => Math.floor(random() * 256)),
      );
    case "message":
      return randomMessage(messageType(field), random, depth + 1);
  }
}

/**
 * The same message as proto-loader takes it: 64-bit values as text, the member of a oneof as a plain field. A field that
 * is not set, as proto2 has them, is undefined.
 */
export function inLoaderForm(type: AnyMessageType, message: Fields): Fields {
  const plain: Fields = {};
  for (const field of type.fields) {
    const chosen = field.oneof === undefined ? undefined : (message[field.oneof] as Chosen | undefined);
    if (field.oneof === undefined) plain[field.name] = valueInLoaderForm(field, message[field.prop]);
    else if (chosen?.case === field.prop) plain[field.name] = valueInLoaderForm(field, chosen.value);
  }
  return plain;
}

/** What proto-loader gives for fields that were not set. */
export function withDefaults(type: AnyMessageType, form: Fields): Fields {
  const filled = { ...form };
  for (const field of type.fields) {
    const value = form[field.name];
    if (value === undefined && field.oneof === undefined) filled[field.name] = defaults[field.kind];
    else if (field.kind === "message" && value !== null && value !== undefined) {
      const fill = (each: unknown) => withDefaults(messageType(field), each as Fields);
      filled[field.name] = Array.isArray(value) ? value.map(fill) : fill(value);
    }
  }
  return filled;
}

const defaults: Readonly<Record<FieldInfo["kind"], unknown>> = {
  int64: "0",
  uint64: "0",
  int32: 0,
  uint32: 0,
  enum: 0,
  bool: false,
  string: "",
  bytes: Buffer.alloc(0),
  message: null,
};

interface Chosen {
  readonly case: string;
  readonly value: unknown;
}

function valueInLoaderForm(field: FieldInfo, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => valueInLoaderForm(field, item));
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (field.kind === "message")
    return value === undefined ? null : inLoaderForm(messageType(field), value as Fields);
  return value;
}

function messageType(field: FieldInfo): AnyMessageType {
  if (!field.type) throw new Error(`${field.name} has no message type`);
  return field.type();
}
