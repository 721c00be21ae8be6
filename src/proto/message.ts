// The types of the generated code: message types with their codecs, and service descriptions. Also helpers that work with
// any message.
import { Reader, Writer, type Codec } from "./wire";

export type FieldKind =
  "int64" | "uint64" | "int32" | "uint32" | "bool" | "string" | "bytes" | "enum" | "message";

/** Describes one field of a message, for code that works with any message (JSON output, tests). */
export interface FieldInfo {
  readonly no: number;
  /** Name in the .proto file and key in etcd's JSON. */
  readonly name: string;
  /** Property of the TypeScript object. For a member of a oneof: its case. */
  readonly prop: string;
  readonly kind: FieldKind;
  readonly repeated?: boolean;
  /** Property that holds `{case, value}`. */
  readonly oneof?: string;
  /** Name of the oneof's field in Go, which is the key in etcd's JSON. */
  readonly oneofGoName?: string;
  readonly type?: () => AnyMessageType;
  /** The numbers of an enum by name. */
  readonly names?: () => EnumNames;
}

export type EnumNames = Readonly<Record<string, number>>;

/** The name of an enum value as Go prints it. A number without a name stays a number. */
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
  /** Sorted by field number. */
  readonly fields: readonly FieldInfo[];
  /** Makes a message from `init`. All other fields have their zero values. */
  create(init?: Partial<T>): T;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- for code that works with any message
export type AnyMessageType = MessageType<any>;

export type MethodKind = "unary" | "serverStream" | "duplex";

export interface Method<I, O, K extends MethodKind = MethodKind> {
  /** Path of the method, for example `/etcdserverpb.KV/Range`. */
  readonly path: string;
  readonly kind: K;
  readonly request: MessageType<I>;
  readonly response: MessageType<O>;
}

/** A .proto file for server reflection. */
export interface ProtoFile {
  readonly name: string;
  /** Names of the files that it needs. */
  readonly imports: readonly string[];
  /** Full names of its messages, enums, services and methods. */
  readonly symbols: readonly string[];
  /** The encoded google.protobuf.FileDescriptorProto in base64. */
  readonly descriptor: string;
}

/* eslint-disable @typescript-eslint/no-explicit-any -- the methods of a service have different messages */
export type AnyMethod =
  Method<any, any, "unary"> | Method<any, any, "serverStream"> | Method<any, any, "duplex">;
/* eslint-enable @typescript-eslint/no-explicit-any */

export type ServiceDescription = Readonly<Record<string, AnyMethod>>;

/** Encodes a message. */
export function encode<T>(type: MessageType<T>, message: T): Buffer {
  const writer = new Writer();
  type.write(writer, message);
  return writer.finish();
}

/**
 * Decodes a message. Its byte fields are views of `bytes`, not copies. Throws WireError for malformed bytes, and with
 * `checksTexts` for texts that are not UTF-8.
 */
export function decode<T>(type: MessageType<T>, bytes: Uint8Array, checksTexts = false): T {
  const buf = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return type.read(new Reader(buf, checksTexts), buf.length);
}
