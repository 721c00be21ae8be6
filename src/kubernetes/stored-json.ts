// JSON as an API server stores it: without blanks, escaped for HTML, with a line end. Custom resources have their keys sorted.
// Kubernetes' own kinds have the fields in the order of Go's types, which is that of their numbers, after kind and apiVersion.
import type { Field, Message } from "./schema";
import { compactJson, isList, isObject, objectOf, sorted, type Tree, type TreeObject } from "./tree";
import { wellKnown } from "./well-known";

export function storedJson(object: TreeObject, type: Message | undefined): Buffer {
  const tree = type === undefined ? sorted(object) : typed(object, type);
  return Buffer.from(`${htmlSafe(compactJson(tree))}\n`);
}

/** As Go writes JSON. */
function htmlSafe(json: string): string {
  return json.replace(/[<>&\u2028\u2029]/g, (it) => `\\u${it.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function typed(object: TreeObject, type: Message): TreeObject {
  const head = type.isKind ? ["kind", "apiVersion"] : [];
  const names = [...new Set([...head, ...fieldsOf(type).map(({ name }) => name), ...Object.keys(object)])];
  const fields = new Map(fieldsOf(type).map((field) => [field.name, field]));
  const entries = names
    .filter((name) => Object.hasOwn(object, name))
    .map((name) => [name, valueOf(object[name] ?? null, fields.get(name))] as const);
  return objectOf(entries);
}

/** With those of inlined messages in their places. */
function fieldsOf(type: Message): Field[] {
  return type.fields.flatMap((field) => (field.name === "" ? fieldsOf(field.message()) : [field]));
}

function valueOf(value: Tree, field: Field | undefined): Tree {
  if (field === undefined) return value;
  if (field.shape === "[]") return isList(value) ? value.map((item) => itemOf(item, field)) : value;
  if (field.shape !== "{}" || !isObject(value)) return itemOf(value, field);
  const entries = Object.entries(sorted(value) as TreeObject);
  return objectOf(entries.map(([name, item]) => [name, itemOf(item, field)]));
}

function itemOf(value: Tree, { scalar, message }: Field): Tree {
  if (scalar !== undefined) return value;
  const type = message();
  // What is raw in the message stays in its order.
  if (wellKnown.has(type.name)) return value;
  if (isList(value)) return value.map((item) => messageOf(item, type));
  return messageOf(value, type);
}

/** One of several types in JSON: the message of a schema is that of the field `schema`. */
function messageOf(value: Tree, type: Message): Tree {
  if (!isObject(value)) return value;
  const schema = type.byName.get("schema");
  return /JSONSchemaPropsOr\w+$/.test(type.name) && schema !== undefined
    ? itemOf(value, schema)
    : typed(value, type);
}
