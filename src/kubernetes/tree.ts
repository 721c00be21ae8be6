// Objects as JSON trees. Integers that a float cannot hold are bigints. Objects are made with `objectOf`, because a key
// such as `__proto__` must be a key like any other.
import { JsonError, parseJson, type JsonNode } from "../go/parse-json";

export type Tree = null | boolean | number | bigint | string | readonly Tree[] | TreeObject;

export interface TreeObject {
  readonly [name: string]: Tree;
}

/** An object that a user gave cannot be stored. The message says where and why. */
export class ObjectError extends Error {
  override name = "ObjectError";
}

export function objectOf(entries: Iterable<readonly [string, Tree]>): TreeObject {
  return Object.fromEntries(entries);
}

export function isObject(tree: Tree | undefined): tree is TreeObject {
  return typeof tree === "object" && tree !== null && !Array.isArray(tree);
}

/** The type of Array.isArray does not accept readonly arrays. */
export function isList(tree: Tree | undefined): tree is readonly Tree[] {
  return Array.isArray(tree);
}

export function get(tree: Tree | undefined, name: string): Tree | undefined {
  return isObject(tree) && Object.hasOwn(tree, name) ? tree[name] : undefined;
}

/** A field that should be text; empty if it is not. */
export function textOf(tree: Tree | undefined, name: string): string {
  const value = get(tree, name);
  return typeof value === "string" ? value : "";
}

/** A number where a number is exact, else a bigint. */
export function integer(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

/** Undefined for bytes that are not JSON. */
export function tryParseJson(bytes: Uint8Array): Tree | undefined {
  try {
    return treeOf(parseJson(bytes));
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}

export function treeOf(node: JsonNode): Tree {
  if (node.kind === "null") return null;
  if (node.kind === "number") return /[.eE]/.test(node.text) ? Number(node.text) : integer(BigInt(node.text));
  if (node.kind === "array") return node.items.map(treeOf);
  if (node.kind === "object") return objectOf(node.fields.map(({ name, value }) => [name, treeOf(value)]));
  return node.value;
}

/** JSON without blanks, as a part of a stored object: keys in the order of the tree, nothing escaped for HTML. */
export function compactJson(tree: Tree): string {
  if (typeof tree === "bigint") return tree.toString();
  if (isList(tree)) return `[${tree.map(compactJson).join(",")}]`;
  if (!isObject(tree)) return JSON.stringify(tree);
  const members = Object.entries(tree).map(
    ([name, value]) => `${JSON.stringify(name)}:${compactJson(value)}`,
  );
  return `{${members.join(",")}}`;
}

/** The same tree with the keys of each object in the order of their UTF-8 bytes, as Go sorts them. */
export function sorted(tree: Tree): Tree {
  if (isList(tree)) return tree.map(sorted);
  if (!isObject(tree)) return tree;
  return objectOf(
    Object.entries(tree)
      .sort(([a], [b]) => compareText(a, b))
      .map(([name, value]) => [name, sorted(value)]),
  );
}

export function compareText(a: string, b: string): number {
  return isAscii(a) && isAscii(b)
    ? a < b
      ? -1
      : a > b
        ? 1
        : 0
    : Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function isAscii(text: string): boolean {
  // eslint-disable-next-line no-control-regex -- ASCII has control characters
  return /^[\u0000-\u007f]*$/.test(text);
}
