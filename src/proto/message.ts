// What the generated code consists of: message types with their codecs, and service descriptions.
// Knows nobody; everything that speaks protobuf imports from here and from gen/.
import type { Codec } from "./wire";
import { Reader, Writer } from "./wire";

export type FieldKind =
  "int64" | "uint64" | "int32" | "uint32" | "bool" | "string" | "bytes" | "enum" | "message";

/** One field of a message, for code that is generic over messages (JSON output, tests). */
export interface FieldInfo {
  readonly no: number;
  /** As in the .proto file; also the key in etcd's JSON. */
  readonly name: string;
  /** Property of the TypeScript object; for a member of a oneof its case. */
  readonly prop: string;
  readonly kind: FieldKind;
  readonly repeated?: boolean;
  /** Property that holds `{case, value}`. */
  readonly oneof?: string;
  /** Name of the oneof's Go field, which is its key in etcd's JSON. */
  readonly oneofGoName?: string;
  readonly type?: () => AnyMessageType;
  /** Of an enum: its numbers by name. */
  readonly names?: () => EnumNames;
}

export type EnumNames = Readonly<Record<string, number>>;

/** As Go prints an enum: a number without a name stays a number. */
export function enumName(names: EnumNames, value: number): string {
  return Object.keys(names).find((name) => names[name] === value) ?? String(value);
}

/** The value of a field of any message; undefined for a member of a oneof that is not the chosen one. */
export function fieldValue({ prop, oneof }: FieldInfo, message: object): unknown {
  const values = message as Readonly<Record<string, unknown>>;
  if (oneof === undefined) return values[prop];
  const chosen = values[oneof] as { readonly case: string; readonly value: unknown } | undefined;
  return chosen?.case === prop ? chosen.value : undefined;
}

/** Whether proto3 leaves the value out. A message that is present is not zero, even when it is empty. */
export function isZero(value: unknown): boolean {
  return !value || ((Array.isArray(value) || value instanceof Uint8Array) && value.length === 0);
}

export interface MessageType<T> extends Codec<T> {
  readonly typeName: string;
  /** In order of field numbers. */
  readonly fields: readonly FieldInfo[];
  /** A message with zero values, overlaid with `init`. */
  create(init?: Partial<T>): T;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- for code that is generic over messages
export type AnyMessageType = MessageType<any>;

export type MethodKind = "unary" | "serverStream" | "duplex";

export interface Method<I, O, K extends MethodKind = MethodKind> {
  /** `/etcdserverpb.KV/Range` */
  readonly path: string;
  readonly kind: K;
  readonly request: MessageType<I>;
  readonly response: MessageType<O>;
}

/* eslint-disable @typescript-eslint/no-explicit-any -- methods of a service differ in their messages */
export type AnyMethod =
  Method<any, any, "unary"> | Method<any, any, "serverStream"> | Method<any, any, "duplex">;
/* eslint-enable @typescript-eslint/no-explicit-any */

export type ServiceDescription = Readonly<Record<string, AnyMethod>>;

// Messages to bytes and back.

export function encode<T>(type: MessageType<T>, message: T): Buffer {
  const writer = new Writer();
  type.write(writer, message);
  return writer.finish();
}

/** Byte fields of the result are views of `bytes`. Throws WireError. */
export function decode<T>(type: MessageType<T>, bytes: Uint8Array): T {
  const buf = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return type.read(new Reader(buf), buf.length);
}
