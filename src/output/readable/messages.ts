// Responses as the yaml and jsonl formats show them, for people and for programs that know nothing of etcd.
// Bytes are text in the field of their name, or base64 in NAME_base64, never both. IDs are text in hexadecimal, as every
// command takes them: many readers would round the number. All other integers are exact numbers, revisions among them.
// Names are in snake_case, enums are words, and only IDs that mean none and messages that are not there are left out.
import { isUtf8 } from "node:buffer";
import { Event, Event_EventType, KeyValue } from "../../proto/gen/mvccpb";
import type { AnyMessageType, FieldInfo } from "../../proto/message";
import { enumName, fieldValue } from "../../proto/message";
import type { JsonObject, JsonValue } from "../json-value";
import { hexId, hexLeaseId } from "../text";

/** An object that is being made: adding fields one by one, a range has no garbage but its texts. */
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

/** A deleted key has nothing but its name and the revision of its end. */
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

/** Bytes in a list are objects of one field, the name of the list in the singular. */
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

/** IDs of leases are signed, those of clusters and members are not. */
function idText({ kind }: FieldInfo, id: bigint): string {
  return kind === "int64" ? hexLeaseId(id) : hexId(id);
}

/** `peerURLs` → `peer_urls`, `ID` → `id` */
export function snakeCase(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();
}

// What counts as text in the yaml and jsonl formats: UTF-8 without control characters other than tab and line ends.
// Everything else is shown in base64, so that both formats, and whatever reads them, give back the same bytes.

/** Undefined for bytes that are no text. */
export function readableText(bytes: Uint8Array): string | undefined {
  if (!isUtf8(bytes)) return undefined;
  const text = base(bytes).toString();
  return unreadable.test(text) ? undefined : text;
}

export function base64(bytes: Uint8Array): string {
  return base(bytes).toString("base64");
}

function base(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Control characters, and the two that YAML forbids. */
const unreadable = /[^\P{Cc}\t\n\r]|[\ufffe\uffff]/u;

/** Characters of a line that some reader takes for its end, for a byte order mark or for nothing. */
export const needsEscape = /[\p{Cc}\u2028\u2029\ufeff\ufffe\uffff]/u;

/** In double quotes, on one line: the same in JSON and in both versions of YAML. */
export function quotedText(text: string): string {
  return JSON.stringify(text).replace(everyEscape, escape);
}

/** Of those that need it, what JSON leaves as it is. */
const everyEscape = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g;

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
