// Texts that several formats share: IDs, lines, and a message as protobuf text.
import { utf8Size } from "../go/raw-text";
import type { AnyMessageType, FieldInfo } from "../proto/message";
import { enumName, fieldValue, isZero } from "../proto/message";

export function line(text: string): Uint8Array {
  return Buffer.from(`${text}\n`);
}

export function lines<T>(items: readonly T[], text: (item: T) => string): Uint8Array {
  return Buffer.from(items.map((item) => `${text(item)}\n`).join(""));
}

/** `%x`: cluster and member IDs. */
export function hexId(id: bigint): string {
  return id.toString(16);
}

/** `%016x`: lease IDs. The sign is one of the 16 characters. */
export function hexLeaseId(id: bigint): string {
  return id < 0n ? `-${(-id).toString(16).padStart(15, "0")}` : id.toString(16).padStart(16, "0");
}

/** `%16x`: member and cluster IDs in the responses to member changes. */
export function paddedHexId(id: bigint): string {
  return hexId(id).padStart(16, " ");
}

/**
 * A message as protobuf's one-line text: `memberID:123 alarm:NOSPACE`. protobuf-go puts one or two spaces between
 * fields, depending on the build; here it is one. Go: the String method of generated messages, which etcdctl prints
 * where it has no other format
 */
export function messageText(type: AnyMessageType, message: object): string {
  return type.fields.flatMap((field) => fieldTexts(field, fieldValue(field, message))).join(" ");
}

function fieldTexts(field: FieldInfo, value: unknown): string[] {
  if (Array.isArray(value)) return value.map((item) => fieldText(field, item));
  if (value === undefined || (field.oneof === undefined && isZero(value))) return [];
  return [fieldText(field, value)];
}

function fieldText({ name, type, names }: FieldInfo, value: unknown): string {
  if (type !== undefined) return `${name}:{${messageText(type(), value as object)}}`;
  if (names !== undefined) return `${name}:${enumName(names(), value as number)}`;
  if (value instanceof Uint8Array) return `${name}:${quoted(value)}`;
  return `${name}:${typeof value === "string" ? quoted(Buffer.from(value)) : String(value)}`;
}

const shortEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

function quoted(bytes: Uint8Array): string {
  let text = "";
  for (let pos = 0, sizeBytes; pos < bytes.length; pos += sizeBytes || 1) {
    sizeBytes = utf8Size(bytes, pos);
    const rune = Buffer.from(bytes.subarray(pos, pos + sizeBytes)).toString();
    text +=
      sizeBytes === 0 ? `\\x${(bytes[pos] as number).toString(16)}` : (shortEscapes[rune] ?? plain(rune));
  }
  return `"${text}"`;
}

function plain(rune: string): string {
  const code = rune.charCodeAt(0);
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, "0")}`;
  return code >= 0x80 && code <= 0x9f ? `\\u00${code.toString(16)}` : rune;
}
