// The messages of Kubernetes' API: which field has which number, type and JSON name. The facts are the lines of
// schema-table.ts; a package's lines are read when one of its messages is first needed.
//   # apps/v1 apps v1                                    a package, its group and its version
//   Scale+ metadata:1meta/v1.ObjectMeta replicas:2int32! a message and its fields; + marks a kind
//   ExtraValue[] items:1[]string                         a message that is a list in JSON
// A field is NAME:NUMBER, then `*` (pointer in Go), `[]` (list) or `{}` (map from strings), its type, and flags: `!` is in
// JSON although it is zero, `0` is not in JSON if it is a zero time, `~` only older releases have it. A field without a name
// is inlined: its fields stand beside the others in JSON.
import { schemaTable } from "./schema-table";

export type Shape = "" | "*" | "[]" | "{}";

export interface Field {
  readonly number: number;
  /** Name in JSON. Empty for an inlined message. */
  readonly name: string;
  readonly shape: Shape;
  /** `string`, `int64`, …, or undefined for a message. */
  readonly scalar: Scalar | undefined;
  readonly message: () => Message;
  /** Without `omitempty` in Go. */
  readonly isShown: boolean;
  readonly isZeroHidden: boolean;
  readonly isAdded: boolean;
  readonly isRemoved: boolean;
}

export type Scalar = "string" | "bool" | "int32" | "int64" | "double" | "bytes";

export interface Message {
  /** `core/v1.Pod` */
  readonly name: string;
  readonly isKind: boolean;
  /** In JSON it is its only field, a list. */
  readonly isList: boolean;
  /** Sorted by number. */
  readonly fields: readonly Field[];
  readonly byNumber: ReadonlyMap<number, Field>;
  readonly byName: ReadonlyMap<string, Field>;
}

/** A kind that several packages share: Status, DeleteOptions and the like. */
const sharedPackage = "meta/v1";

interface Package {
  readonly lines: readonly string[];
  messages?: ReadonlyMap<string, Message>;
}

let packages: ReadonlyMap<string, Package> | undefined;
let packageNames: ReadonlyMap<string, string> | undefined;

/** The message of a kind; undefined if it is none of Kubernetes' own. `apiVersion` is `v1` or `apps/v1`. */
export function findKind(apiVersion: string, kind: string): Message | undefined {
  load();
  const name = packageNames?.get(apiVersion);
  if (name === undefined) return undefined;
  const message = messagesOf(name)?.get(kind) ?? messagesOf(sharedPackage)?.get(kind);
  return message?.isKind === true ? message : undefined;
}

/** Whether the group is one of Kubernetes' own, of any version: `apps/v1`, also `apps/v7`. */
export function hasKnownGroup(apiVersion: string): boolean {
  load();
  const group = groupOf(apiVersion);
  return Array.from(packageNames?.keys() ?? []).some((known) => groupOf(known) === group);
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
}

/** `core/v1.Pod`. Throws if there is none: the table has every message that it names. */
export function messageNamed(fullName: string): Message {
  const dot = fullName.lastIndexOf(".");
  const message = messagesOf(fullName.slice(0, dot))?.get(fullName.slice(dot + 1));
  if (message === undefined) throw new Error(`no message ${fullName}`);
  return message;
}

/** Whether the object that stands for the message in JSON may have a field of this name. */
export function mayHold(type: Message, name: string): boolean {
  if (name !== "" && type.byName.has(name)) return true;
  return type.fields.some((field) => field.name === "" && mayHold(field.message(), name));
}

/**
 * Whether a field without a value is not stored. Otherwise its zero value is. JSON always has a message that is no pointer, so
 * without an added one it is JSON of a release that does not store it.
 */
export function canBeAbsent({ shape, scalar, message, isAdded, isRemoved }: Field): boolean {
  return (
    shape !== "" || scalar === "bytes" || isAdded || isRemoved || (scalar === undefined && message().isList)
  );
}

function load(): ReadonlyMap<string, Package> {
  if (packages !== undefined) return packages;
  const found = new Map<string, Package>();
  const names = new Map<string, string>();
  for (const text of schemaTable.trim().slice(2).split("\n# ")) {
    const [head = "", ...lines] = text.split("\n");
    const [name = "", group = "", version = ""] = head.split(" ");
    found.set(name, { lines });
    if (version !== "") names.set(group === "" ? version : `${group}/${version}`, name);
  }
  [packages, packageNames] = [found, names];
  return found;
}

function messagesOf(packageName: string): ReadonlyMap<string, Message> | undefined {
  const found = load().get(packageName);
  if (found === undefined) return undefined;
  return (found.messages ??= new Map(
    found.lines.map((line) => {
      const message = parseMessage(line, packageName);
      return [message.name.slice(packageName.length + 1), message];
    }),
  ));
}

function parseMessage(line: string, packageName: string): Message {
  const [head = "", ...texts] = line.split(" ");
  const isKind = head.endsWith("+");
  const isList = head.endsWith("[]");
  const fields = texts.map((text) => parseField(text, packageName));
  const current = fields.filter((field) => !field.isRemoved);
  return {
    name: `${packageName}.${head.replace(/\+$|\[\]$/, "")}`,
    isKind,
    isList,
    fields,
    byNumber: new Map(fields.map((field) => [field.number, field])),
    // A name that a removed field had may have come back with another number.
    byName: new Map([...fields, ...current].map((field) => [field.name, field])),
  };
}

const fieldPattern = /^(.*):(\d+)(\*|\[\]|\{\}|)([^!0^~]+?)(!?)(0?)(\^?)(~?)$/;

function parseField(text: string, packageName: string): Field {
  const match = fieldPattern.exec(text);
  if (match === null) throw new Error(`schema table: ${text}`);
  const [, name = "", number = "", shape = "", type = "", shown, zeroHidden, added, removed] = match;
  const scalar = isScalar(type) ? type : undefined;
  let message: Message | undefined;
  return {
    number: Number(number),
    name,
    shape: shape as Shape,
    scalar,
    message: () => (message ??= messageNamed(type.includes(".") ? type : `${packageName}.${type}`)),
    isShown: shown !== "",
    isZeroHidden: zeroHidden !== "",
    isAdded: added !== "",
    isRemoved: removed !== "",
  };
}

const scalars: ReadonlySet<string> = new Set(["string", "bool", "int32", "int64", "double", "bytes"]);

function isScalar(type: string): type is Scalar {
  return scalars.has(type);
}
