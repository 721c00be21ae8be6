// Messages as the JSON that etcd's Go structs give: keys as in the .proto files, zero values left out, enums as
// numbers. Generic over MessageType.fields.
// Answers to the json tags of etcd's generated code, and to etcdctl's own struct for transactions.
import type { AnyMessageType, FieldInfo, MessageType } from "../proto/message";
import type { JsonObject, JsonValue } from "./json-value";

export function messageJson<T extends object>(type: MessageType<T>, message: T): JsonObject {
  return objectOf(type, message);
}

function objectOf(type: AnyMessageType, message: object): JsonObject {
  const values = message as Readonly<Record<string, unknown>>;
  const object: Record<string, JsonValue> = {};
  for (const field of type.fields) {
    if (field.oneof !== undefined && field.oneofGoName !== undefined) {
      object[field.oneofGoName] ??= {};
      const chosen = values[field.oneof] as { case: string; value: unknown } | undefined;
      if (chosen?.case === field.prop)
        object[field.oneofGoName] = { [field.name]: valueOf(field, chosen.value) };
    } else if (!isZero(values[field.prop])) {
      object[field.name] = valueOf(field, values[field.prop]);
    }
  }
  return object;
}

/** A message that is there is no zero value, even when it is empty. */
function isZero(value: unknown): boolean {
  return !value || ((Array.isArray(value) || value instanceof Uint8Array) && value.length === 0);
}

function valueOf(field: FieldInfo, value: unknown): JsonValue {
  if (Array.isArray(value)) return value.map((item) => valueOf(field, item));
  return field.type === undefined ? (value as JsonValue) : objectOf(field.type(), value as object);
}
