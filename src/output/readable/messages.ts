// Responses as objects for the yaml and jsonl formats, for people and for programs that do not know etcd. Bytes are
// text in the field of their name, or base64 in NAME_base64, never both. IDs are hexadecimal text, as all commands take
// them, since many readers round large numbers; other integers are exact numbers. Names are snake_case and enums are
// words. IDs of 0 and absent messages are left out.
import { isUtf8 } from "node:buffer";
import { Event, Event_EventType, KeyValue } from "../../proto/gen/mvccpb";
import type { AnyMessageType, FieldInfo } from "../../proto/message";
import { enumName, fieldValue } from "../../proto/message";
import type { JsonObject, JsonValue } from "../json-value";
import { hexId, hexLeaseId } from "../text";

/** An object under construction. Adding fields one by one makes no garbage in a range. */
type Fields = Record<string, JsonValue>;

export function readableMessage(type: AnyMessageType, message: object): JsonObject {
  if (type === KeyValue) return readableKeyValue(message as KeyValue);
  if (type === Event) return readableEvent(message as Event);
  const fields: Fields = {};
  for (const field of type.fields) addField(fields, field, fieldValue(field, message));
  return fields;
}

export function readableKeyValue(kv: KeyValue, keyOnly = false): JsonObject {
  return addKeyValue({}, kv, keyOnly);
}

function addKeyValue(fields: Fields, kv: KeyValue, keyOnly = false): Fields {
  addBytes(fields, "key", kv.key);
  if (!keyOnly) addBytes(fields, "value", kv.value);
  fields["create_revision"] = kv.createRevision;
  fields["mod_revision"] = kv.modRevision;
  fields["version"] = kv.version;
  if (kv.lease !== 0n) fields["lease"] = hexLeaseId(kv.lease);
  return fields;
}

/** A deleted key has only its name and the revision of the deletion. */
function readableEvent({ type, kv = KeyValue.create(), prevKv }: Event): JsonObject {
  const fields: Fields = { type: enumName(Event_EventType, type) };
  if (type === Event_EventType.DELETE) {
    addBytes(fields, "key", kv.key);
    fields["mod_revision"] = kv.modRevision;
  } else addKeyValue(fields, kv);
  if (prevKv !== undefined) fields["prev_kv"] = readableKeyValue(prevKv);
  return fields;
}

function addBytes(fields: Fields, name: string, bytes: Uint8Array): Fields {
  const text = readableText(bytes);
  if (text === undefined) fields[`${name}_base64`] = base64(bytes);
  else fields[name] = text;
  return fields;
}

function addField(fields: Fields, field: FieldInfo, value: unknown): void {
  const name = snakeCase(field.name);
  if (value === undefined || (value === 0n && isId(field, name))) return;
  if (Array.isArray(value)) fields[name] = value.map((item) => readableItem(field, name, item));
  else if (value instanceof Uint8Array) addBytes(fields, name, value);
  else fields[name] = isId(field, name) ? idText(field, value as bigint) : readableValue(field, value);
}

/** Bytes in a list become objects with one field, named like the list in the singular. */
function readableItem(field: FieldInfo, name: string, item: unknown): JsonValue {
  return item instanceof Uint8Array ? addBytes({}, name.replace(/s$/, ""), item) : readableValue(field, item);
}

function readableValue({ type, names }: FieldInfo, value: unknown): JsonValue {
  if (type !== undefined) return readableMessage(type(), value as object);
  return names === undefined ? (value as JsonValue) : enumName(names(), value as number);
}

function isId({ kind }: FieldInfo, name: string): boolean {
  return (kind === "int64" || kind === "uint64") && /(^|_)(id|lease|leader)$/.test(name);
}

/** Lease IDs are signed; cluster and member IDs are not. */
function idText({ kind }: FieldInfo, id: bigint): string {
  return kind === "int64" ? hexLeaseId(id) : hexId(id);
}

/** `peerURLs` → `peer_urls`, `ID` → `id` */
export function snakeCase(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();
}

/**
 * The bytes as text: UTF-8 without control characters other than tab and line ends. Undefined for other bytes, which
 * are printed in base64, so that every reader of both formats gets the same bytes.
 */
export function readableText(bytes: Uint8Array): string | undefined {
  if (!isUtf8(bytes)) return undefined;
  const text = asBuffer(bytes).toString();
  return unreadable.test(text) ? undefined : text;
}

export function base64(bytes: Uint8Array): string {
  return asBuffer(bytes).toString("base64");
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Control characters, and the two that YAML forbids. */
const unreadable = /[^\P{Cc}\t\n\r]|[\ufffe\uffff]/u;

/** Characters that some reader takes for a line end or a byte order mark, or drops. */
export const needsEscape = /[\p{Cc}\u2028\u2029\ufeff\ufffe\uffff]/u;

/** The text in double quotes on one line, valid in JSON and in both versions of YAML. */
export function quotedText(text: string): string {
  return JSON.stringify(text).replace(everyEscape, escape);
}

/** Characters that need an escape and get none from JSON.stringify. */
const everyEscape = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g;

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
