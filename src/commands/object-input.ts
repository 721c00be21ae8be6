// Reads an object that a user wrote as JSON or YAML, as kubectl does: YAML 1.1 without times and base 60, exact integers.
import {
  isMap,
  isScalar,
  isSeq,
  parseAllDocuments,
  type CollectionTag,
  type ScalarTag,
  type Tags,
} from "yaml";
import { CliError, ExitCode } from "../errors";
import { oneSafeLine } from "../go/raw-text";
import { ObjectError, encodeStored, type Tree, type TreeObject } from "../kubernetes/stored";
import { integer, isObject, objectOf, tryParseJson } from "../kubernetes/tree";

/** `what` begins the error, such as `the value of --encode`. Throws CliError. */
export function encodeInput(input: Uint8Array, what: string, encoding?: "protobuf" | "json"): Buffer {
  try {
    return encodeStored(parseObject(input), encoding);
  } catch (error) {
    if (!(error instanceof ObjectError)) throw error;
    throw new CliError(ExitCode.badArgs, `${what}: ${oneSafeLine(error.message)}`, { cause: error });
  }
}

/** Throws ObjectError. */
export function parseObject(input: Uint8Array): TreeObject {
  const tree = tryParseJson(input) ?? parseYaml(Buffer.from(input).toString());
  if (!isObject(tree)) throw new ObjectError("not an object in YAML or JSON");
  return tree;
}

function parseYaml(text: string): Tree {
  const documents = parseAllDocuments(text, {
    version: "1.1",
    customTags: (tags) => tags.filter(isKubectls),
    intAsBigInt: true,
    uniqueKeys: true,
    merge: true,
  });
  const [document, ...more] = Array.from(documents).filter(({ contents }) => contents !== null);
  if (document === undefined) throw new ObjectError("no object");
  if (more.length > 0) throw new ObjectError("more than one document; a key has one object");
  const [error] = document.errors;
  if (error !== undefined) throw new ObjectError(error.message.split("\n")[0] ?? "");
  return toTree(document.contents, document);
}

function isKubectls(tag: CollectionTag | ScalarTag | string): tag is Tags[number] {
  if (typeof tag === "string") return true;
  const name = tag.tag.replace("tag:yaml.org,2002:", "");
  return tag.format !== "TIME" && !["timestamp", "omap", "pairs", "set"].includes(name);
}

type Node = unknown;
interface Aliases {
  readonly contents: Node;
}

/** The nodes themselves, because plain objects would lose keys such as `__proto__` and the text of numbers used as keys. */
function toTree(node: Node, document: Aliases, depth = 0): Tree {
  if (depth > 500) throw new ObjectError("nested too deep");
  if (isMap(node)) {
    return objectOf(
      node.items.map(({ key, value }) => [keyText(key), toTree(value, document, depth + 1)] as const),
    );
  }
  if (isSeq(node)) return node.items.map((item) => toTree(item, document, depth + 1));
  if (isScalar(node)) return scalarTree(node.value);
  if (node === null || node === undefined) return null;
  throw new ObjectError("aliases are not supported");
}

function keyText(key: Node): string {
  if (isScalar(key)) return typeof key.value === "string" ? key.value : (key.source ?? String(key.value));
  throw new ObjectError("a key that is no text");
}

function scalarTree(value: unknown): Tree {
  if (typeof value === "bigint") return integer(value);
  if (value === null || value === undefined) return null;
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new ObjectError(`${value} is no number of JSON`);
    return value;
  }
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  throw new ObjectError("a value that JSON does not have");
}
