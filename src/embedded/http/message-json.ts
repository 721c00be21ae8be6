// Messages as protobuf's own JSON: names as in the .proto files, 64-bit integers as strings, enums by name, bytes as
// base64, zero values left out; read back, both spellings of a name and numbers are taken and what is not known is passed
// over. Generic over MessageType.fields. Answers to protojson as etcd's gateway sets it up (server/embed/serve.go).
import { lineAndColumn, type JsonNode } from "../../proto/json-text";
import type { AnyMessageType, FieldInfo } from "../../proto/message";

export function messageToJson(type: AnyMessageType, message: object): Record<string, unknown> {
  const values = message as Readonly<Record<string, unknown>>;
  const json: Record<string, unknown> = {};
  for (const field of type.fields) {
    if (field.oneof !== undefined) {
      const chosen = values[field.oneof] as { case: string; value: unknown } | undefined;
      if (chosen?.case === field.prop) json[field.name] = valueToJson(field, chosen.value);
    } else if (!isZero(values[field.prop])) json[field.name] = valueToJson(field, values[field.prop]);
  }
  return json;
}

function isZero(value: unknown): boolean {
  return !value || ((Array.isArray(value) || value instanceof Uint8Array) && value.length === 0);
}

function valueToJson(field: FieldInfo, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => valueToJson(field, item));
  if (field.type !== undefined) return messageToJson(field.type(), value as object);
  if (typeof value === "bigint") return String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (field.names === undefined) return value;
  return Object.entries(field.names()).find(([, number]) => number === value)?.[0] ?? value;
}

/** What a field cannot be, in protojson's words. */
export class MessageJsonError extends Error {
  override name = "MessageJsonError";
}

/** `text` is what `node` was read from, for the places of mistakes. */
export function messageFromJson(type: AnyMessageType, node: JsonNode, text: string): unknown {
  if (node.kind !== "object") {
    throw new MessageJsonError(
      `proto:\u00a0syntax error (line ${lineAndColumn(text, node.at)}): unexpected token ${raw(node)}`,
    );
  }
  const message = type.create() as Record<string, unknown>;
  for (const [name, value] of node.fields) {
    const field = type.fields.find((each) => each.name === name || camelCase(each.name) === name);
    if (field === undefined || value.kind === "null") continue;
    const read = field.repeated === true ? listFrom(field, value, text) : valueFrom(field, value, text);
    if (read === undefined) continue;
    if (field.oneof === undefined) message[field.prop] = read;
    else message[field.oneof] = { case: field.prop, value: read };
  }
  return message;
}

function listFrom(field: FieldInfo, node: JsonNode, text: string): unknown[] {
  if (node.kind !== "array") throw invalid(field, node, text);
  return node.items.map((item) => valueFrom(field, item, text)).filter((item) => item !== undefined);
}

/** Undefined: the name of an enum that is not known, which counts as not given. */
function valueFrom(field: FieldInfo, node: JsonNode, text: string): unknown {
  if (field.type !== undefined) return messageFromJson(field.type(), node, text);
  const value = readers[field.kind]?.(node, field);
  if (value === wrong) throw invalid(field, node, text);
  return value;
}

const wrong = Symbol("a value of the wrong kind");

const integer = (minimum: bigint, maximum: bigint, make: (value: bigint) => unknown) => (node: JsonNode) => {
  const digits = node.kind === "number" ? node.text : node.kind === "string" ? node.value : "";
  if (!/^-?\d+$/.test(digits)) return wrong;
  const value = BigInt(digits);
  return value < minimum || value > maximum ? wrong : make(value);
};

const readers: Readonly<Record<string, (node: JsonNode, field: FieldInfo) => unknown>> = {
  int64: integer(-(2n ** 63n), 2n ** 63n - 1n, (value) => value),
  uint64: integer(0n, 2n ** 64n - 1n, (value) => value),
  int32: integer(-(2n ** 31n), 2n ** 31n - 1n, Number),
  uint32: integer(0n, 2n ** 32n - 1n, Number),
  bool: (node) => (node.kind === "boolean" ? node.value : wrong),
  string: (node) => (node.kind === "string" ? node.value : wrong),
  bytes(node) {
    if (node.kind !== "string" || !/^[\w+/-]*={0,2}$/.test(node.value)) return wrong;
    return Buffer.from(node.value, "base64");
  },
  enum(node, field) {
    if (node.kind === "string") return field.names?.()[node.value];
    return node.kind === "number" ? Number(node.text) : wrong;
  },
};

function invalid(field: FieldInfo, node: JsonNode, text: string): MessageJsonError {
  const what = `invalid value for ${field.kind} field ${camelCase(field.name)}: ${raw(node)}`;
  return new MessageJsonError(`proto:\u00a0(line ${lineAndColumn(text, node.at)}): ${what}`);
}

function raw(node: JsonNode): string {
  switch (node.kind) {
    case "string":
      return JSON.stringify(node.value);
    case "number":
      return node.text;
    case "boolean":
      return String(node.value);
    default:
      return { null: "null", array: "[", object: "{" }[node.kind];
  }
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}
