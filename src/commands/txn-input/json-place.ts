// One place in a JSON document, by its path (`success[0].requestPut.key`), read as what is wanted there. What is something
// else is a JsonError that names the path. Names of fields may be in camelCase or snake_case, as in etcd's gateway.
import { ParseError } from "../../goformat/parse-error";
import { parseInt64 } from "../../goformat/parse-int";
import { JsonError, type JsonNode } from "../../goformat/parse-json";

export class Place {
  constructor(
    readonly node: JsonNode,
    readonly path: string,
  ) {}

  fail(message: string): never {
    throw new JsonError(this.path === "" ? message : `${this.path}: ${message}`, this.node.at);
  }

  /** The fields that are there, by their camelCase names; null counts as not there. Others than `names` are refused. */
  fields<N extends string>(names: readonly N[]): Partial<Record<N, Place>> {
    const { node } = this;
    if (node.kind !== "object") return this.fail(`an object was expected, not ${nounOf(node)}`);
    const found: Partial<Record<N, Place>> = {};
    for (const { name: typed, value } of node.fields) {
      const field = new Place(value, this.path === "" ? typed : `${this.path}.${typed}`);
      const camel = typed.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
      const name = names.find((each) => each === camel);
      if (name === undefined) return field.fail(`no such field; there are ${names.join(", ")}`);
      if (found[name]) return field.fail(`${name} is there twice`);
      if (value.kind !== "null") found[name] = field;
    }
    return found;
  }

  items(): Place[] {
    const { node, path } = this;
    if (node.kind !== "array") return this.fail(`an array was expected, not ${nounOf(node)}`);
    return node.items.map((item, at) => new Place(item, `${path}[${at}]`));
  }

  boolean(): boolean {
    const { node } = this;
    return node.kind === "bool" ? node.value : this.fail(`true or false was expected, not ${nounOf(node)}`);
  }

  /** 64 bits; also as a string, as most writers of JSON must spell large ones, then 0x… too. */
  int64(): bigint {
    const { node } = this;
    const text = node.kind === "number" ? node.text : node.kind === "string" ? node.value : "";
    if (text === "") return this.fail(`a number was expected, not ${nounOf(node)}`);
    try {
      return parseInt64(text, node.kind === "string" ? 0 : 10);
    } catch (error) {
      if (error instanceof ParseError) return this.fail(`${JSON.stringify(text)} is no 64-bit integer`);
      throw error;
    }
  }

  /** A name of `values`, or its number. */
  oneOf(values: Readonly<Record<string, number>>): number {
    const { node } = this;
    const names = Object.keys(values);
    if (node.kind === "string" && Object.hasOwn(values, node.value)) return values[node.value] as number;
    const numbered =
      node.kind === "number" && Object.values(values).find((value) => `${value}` === node.text);
    return typeof numbered === "number" ? numbered : this.fail(`one of ${names.join(", ")} was expected`);
  }

  text(): string {
    const { node } = this;
    if (node.kind !== "string") return this.fail(`a string was expected, not ${nounOf(node)}`);
    if (/[\ud800-\udfff]/u.test(node.value))
      return this.fail("half a character (a lone surrogate) in the string");
    return node.value;
  }

  base64(): Uint8Array {
    const text = this.text();
    const bytes = Buffer.from(text, "base64");
    if (bytes.toString("base64").replace(/=+$/, "") === text.replace(/={1,2}$/, "")) return bytes;
    return this.fail(`${JSON.stringify(text)} is no base64`);
  }
}

function nounOf({ kind }: JsonNode): string {
  return (
    { null: "null", bool: "a boolean", array: "an array", object: "an object" }[kind as string] ?? `a ${kind}`
  );
}
