// The values in which a Kubernetes API server stores its objects, as objects and back. This is what other folders use:
//   decodeStored(value)            never throws; what it cannot read has the encoding "unknown"
//   encodeStored(object)           the value that the server would store; throws ObjectError
// A value is one of these:
//   k8s\0, then a message Unknown (type, bytes of the object)   Kubernetes' own kinds
//   {"apiVersion":…,"kind":…,…}                                 custom resources, and all kinds of old servers
//   k8s:enc:PROVIDER:…                                          encrypted at rest; only the server's configuration opens it
import { Reader, WireError } from "../proto/wire";
import { decodeMessage } from "./decode";
import { encodeMessage } from "./encode";
import { findKind, hasKnownGroup, messageNamed, type Message } from "./schema";
import { get, isObject, ObjectError, objectOf, textOf, tryParseJson, type TreeObject } from "./tree";
import { storedJson } from "./stored-json";
import { bytesTree, encodeUnknownMessage, unknownMessage, unknownNumber } from "./unknown-fields";

export { ObjectError, type Tree, type TreeObject } from "./tree";

export type StoredEncoding = "protobuf" | "json" | "encrypted" | "unknown";

export interface StoredObject {
  readonly encoding: StoredEncoding;
  /** `v1`, `apps/v1`; empty without an object. */
  readonly apiVersion: string;
  readonly kind: string;
  /** As `kubectl get -o json` has it, with apiVersion and kind. Undefined for the encodings "encrypted" and "unknown". */
  readonly object: TreeObject | undefined;
  /** Whether the schema has the kind. Fields of other kinds are shown with their numbers (`#1`). */
  readonly isKnownKind: boolean;
}

const magic = Buffer.from("k8s\0");
const encryptedPrefix = Buffer.from("k8s:enc:");

function without(encoding: StoredEncoding): StoredObject {
  return { encoding, apiVersion: "", kind: "", object: undefined, isKnownKind: false };
}

export function decodeStored(value: Uint8Array): StoredObject {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
  if (startsWith(bytes, magic)) return decodeProtobuf(bytes.subarray(magic.length)) ?? without("unknown");
  if (startsWith(bytes, encryptedPrefix)) return without("encrypted");
  return decodeJson(bytes) ?? without("unknown");
}

function startsWith(bytes: Buffer, prefix: Buffer): boolean {
  return bytes.subarray(0, prefix.length).equals(prefix);
}

function decodeJson(bytes: Buffer): StoredObject | undefined {
  if (!/^\s*\{/.test(bytes.subarray(0, 64).toString("latin1"))) return undefined;
  const object = tryParseJson(bytes);
  const [apiVersion, kind] = [textOf(object, "apiVersion"), textOf(object, "kind")];
  if (!isObject(object) || apiVersion === "" || kind === "") return undefined;
  return {
    encoding: "json",
    apiVersion,
    kind,
    object,
    isKnownKind: findKind(apiVersion, kind) !== undefined,
  };
}

function decodeProtobuf(bytes: Buffer): StoredObject | undefined {
  const envelope = decoded(messageNamed("runtime.Unknown"), bytes);
  if (envelope === undefined) return undefined;
  const [apiVersion, kind] = [textOf(envelope, "apiVersion"), textOf(envelope, "kind")];
  const raw = Buffer.from(textOf(envelope, "raw"), "base64");
  const type = findKind(apiVersion, kind);
  if (apiVersion === "" && kind === "") return decodeWatchEvent(raw);
  const fields = (type && decoded(type, raw)) ?? unknownKind(raw);
  const object = objectOf([["apiVersion", apiVersion], ["kind", kind], ...Object.entries(fields)]);
  return { encoding: "protobuf", apiVersion, kind, object, isKnownKind: type !== undefined };
}

/** The only kind without a type, in its envelope as in JSON. It is what a server sends, and is not stored. */
function decodeWatchEvent(raw: Buffer): StoredObject {
  const object = decoded(messageNamed("meta/v1.WatchEvent"), raw);
  const isEvent = object !== undefined && isWatchEvent(object);
  return {
    ...{ encoding: "protobuf", apiVersion: "", kind: "" },
    object: isEvent ? object : (unknownMessage(raw) ?? bytesTree(raw)),
    isKnownKind: isEvent,
  };
}

/** Undefined if the bytes are no message. */
function decoded(type: Message, bytes: Buffer): TreeObject | undefined {
  try {
    return decodeMessage(type, bytes);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

/** The first field of every kind is its metadata. */
function unknownKind(raw: Buffer): TreeObject {
  const fields = unknownMessage(raw);
  if (fields === undefined) return bytesTree(raw);
  const metadata = firstField(raw);
  const type = messageNamed("meta/v1.ObjectMeta");
  const object = metadata && decoded(type, metadata);
  const isMetadata =
    object !== undefined &&
    get(object, "name") !== undefined &&
    encodeMessage(type, object).equals(metadata ?? raw);
  if (!isMetadata) return fields;
  return objectOf([["metadata", object], ...Object.entries(fields).filter(([name]) => name !== "#1")]);
}

/** The bytes of field 1 if it is a message and occurs once. */
function firstField(raw: Buffer): Buffer | undefined {
  const found: Buffer[] = [];
  const reader = new Reader(raw);
  while (reader.pos < raw.length) {
    const tag = reader.tag();
    if (tag === (1 << 3) + 2) found.push(reader.bytes());
    else if (tag >>> 3 === 1) return undefined;
    else reader.skip(tag);
  }
  return found.length === 1 ? found[0] : undefined;
}

/**
 * Kubernetes' own kinds become protobuf, others JSON, as a server stores them, unless `encoding` says something else. Throws
 * ObjectError if the object has no apiVersion and kind, or does not fit its kind.
 */
export function encodeStored(object: TreeObject, encoding?: "protobuf" | "json"): Buffer {
  const [apiVersion, kind] = [textOf(object, "apiVersion"), textOf(object, "kind")];
  const type = isWatchEvent(object) ? messageNamed("meta/v1.WatchEvent") : findKind(apiVersion, kind);
  const isNumbered = Object.keys(object).some((name) => isNumber(name) || name === "#bytes");
  const hasType = apiVersion !== "" && kind !== "";
  if (!hasType && !isNumbered && !isWatchEvent(object)) {
    throw new ObjectError("the object has no apiVersion and kind");
  }
  // A custom resource is in a group that is not Kubernetes'. In one of Kubernetes' groups the kind is mistyped.
  if (type === undefined && !isNumbered && encoding === undefined && hasKnownGroup(apiVersion)) {
    throw new ObjectError(
      `kind: ${apiVersion} has no ${kind} that is known here; --encode=json stores it anyway`,
    );
  }
  const isJson = (type === undefined && !isNumbered) || jsonGroups.test(apiVersion);
  if (encoding === "json" || (encoding === undefined && isJson)) return storedJson(object, type);
  const raw =
    bytesOnly(object) ?? (type === undefined ? encodeUnknownKind(object) : encodeMessage(type, object));
  const envelope = { apiVersion, kind, raw: raw.toString("base64") };
  return Buffer.concat([magic, encodeMessage(messageNamed("runtime.Unknown"), envelope)]);
}

/** Of CustomResourceDefinitions and APIServices, which are stored as JSON although they have protobuf. */
const jsonGroups = /^api(?:extensions|registration)\.k8s\.io\//;

function isWatchEvent(object: TreeObject): boolean {
  return Object.keys(object).sort().join() === "object,type";
}

/** Of an object whose other fields are numbers. */
const commonNames: ReadonlySet<string> = new Set(["apiVersion", "kind", "metadata"]);

function isNumber(name: string): boolean {
  return unknownNumber(name) !== undefined;
}

function encodeUnknownKind(object: TreeObject): Buffer {
  const fields = objectOf(Object.entries(object).filter(([name]) => !commonNames.has(name)));
  const { metadata } = object;
  if (metadata === undefined) return encodeUnknownMessage(fields);
  if (!isObject(metadata)) throw new ObjectError("metadata: not an object");
  const encoded = encodeMessage(messageNamed("meta/v1.ObjectMeta"), metadata);
  return encodeUnknownMessage({ "#1": bytesTree(encoded), ...fields });
}

function bytesOnly(fields: TreeObject): Buffer | undefined {
  const bytes = fields["#bytes"];
  return typeof bytes === "string" ? Buffer.from(bytes, "base64") : undefined;
}
