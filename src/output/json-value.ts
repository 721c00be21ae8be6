// JSON values written as Go's encoding/json writes them: exact integers, bytes in base64, strings escaped for HTML.
// Members keep the order in which they were set.
import { jsonString } from "../go/quote";
import type { ByteBuilder } from "./byte-builder";

export type JsonValue =
  null | boolean | number | bigint | string | Uint8Array | readonly JsonValue[] | JsonObject;

export interface JsonObject {
  readonly [name: string]: JsonValue;
}

/** `quoted` returns a string as a JSON string. */
export function writeJson(out: ByteBuilder, value: JsonValue, quoted = jsonString): ByteBuilder {
  if (typeof value === "bigint") return out.int(value);
  if (typeof value === "number" || typeof value === "boolean") return out.ascii(String(value));
  if (typeof value === "string") return out.text(quoted(value));
  if (value === null) return out.ascii("null");
  if (value instanceof Uint8Array) return out.ascii('"').base64(value).ascii('"');
  return isArray(value) ? writeArray(out, value, quoted) : writeObject(out, value, quoted);
}

type Quoted = (text: string) => string;

function writeArray(out: ByteBuilder, items: readonly JsonValue[], quoted: Quoted): ByteBuilder {
  items.forEach((item, i) => writeJson(out.ascii(i === 0 ? "[" : ","), item, quoted));
  return out.ascii(items.length === 0 ? "[]" : "]");
}

function writeObject(out: ByteBuilder, object: JsonObject, quoted: Quoted): ByteBuilder {
  const members = Object.entries(object);
  members.forEach(([name, value], i) => {
    out
      .ascii(i === 0 ? "{" : ",")
      .text(jsonString(name))
      .ascii(":");
    writeJson(out, value, quoted);
  });
  return out.ascii(members.length === 0 ? "{}" : "}");
}

/** The type of Array.isArray does not accept readonly arrays. */
function isArray(value: readonly JsonValue[] | JsonObject): value is readonly JsonValue[] {
  return Array.isArray(value);
}
