// Reads an object that a user wrote as JSON or YAML, as kubectl does: YAML 1.1 without times and base 60, exact integers.
import {
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
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
    const line = lineOf(error.message, Buffer.from(input).toString());
    const where = line === undefined ? what : `${what}, line ${line}`;
    throw new CliError(ExitCode.badArgs, `${where}: ${oneSafeLine(error.message)}`, { cause: error });
  }
}

/** Throws ObjectError. */
export function parseObject(input: Uint8Array): TreeObject {
  const tree = tryParseJson(input) ?? parseYaml(Buffer.from(input).toString());
  if (!isObject(tree)) throw new ObjectError("not an object in YAML or JSON");
  return tree;
}

const yamlOptions = {
  version: "1.1",
  customTags: (tags: Tags) => tags.filter(isKubectls),
  intAsBigInt: true,
  uniqueKeys: true,
  merge: true,
} as const;

function parseYaml(text: string): Tree {
  const documents = parseAllDocuments(text, yamlOptions);
  const [document, ...more] = Array.from(documents).filter(({ contents }) => contents !== null);
  if (document === undefined) throw new ObjectError("no object");
  if (more.length > 0) throw new ObjectError("more than one document; a key has one object");
  const [error] = document.errors;
  if (error !== undefined) throw new ObjectError((error.message.split("\n")[0] ?? "").replace(/:$/, ""));
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

/** The line of the field whose path begins the message, as in `spec.containers[0].imagee: Container has no such field`. */
function lineOf(message: string, text: string): number | undefined {
  const lineCounter = new LineCounter();
  const [document] = Array.from(parseAllDocuments(text, { ...yamlOptions, lineCounter }));
  let offset: number | undefined;
  /** `path` is the part of the message that leads to the node. */
  const visit = (node: Node, path: string): void => {
    const children = isMap(node)
      ? node.items.flatMap(({ key, value }) => {
          const name = isScalar(key) ? String(key.value) : "";
          const paths = [path === "" ? name : `${path}.${name}`, `${path}[${JSON.stringify(name)}]`];
          return paths.map((it) => ({ path: it, at: key, value }));
        })
      : isSeq(node)
        ? node.items.map((item, at) => ({ path: `${path}[${at}]`, at: item, value: item }))
        : [];
    const next = children.find((it) => it.path !== "" && /^[.[:]/.test(followsIn(message, it.path)));
    if (next === undefined) return;
    if (isNode(next.at)) offset = next.at.range?.[0];
    visit(next.value, next.path);
  };
  visit(document?.contents, "");
  return offset === undefined ? undefined : lineCounter.linePos(offset).line;
}

/** What follows `start`; empty if the message does not begin with it. */
function followsIn(message: string, start: string): string {
  return message.startsWith(start) ? message.slice(start.length) : "";
}
