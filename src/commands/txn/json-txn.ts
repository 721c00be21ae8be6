// A transaction as JSON, in the shape of etcd's gateway (POST /v3/kv/txn) with readable keys and values:
//   {"compare": [{"key": "a", "target": "VALUE", "result": "EQUAL", "value": "1"}],
//    "success": [{"requestPut": {"key": "a", "value": "2"}}], "failure": [{"requestRange": {"key": "a"}}]}
// A string is the text itself; {"base64": "AP8="} stands for any bytes, and "encoding": "base64" beside "compare" makes every
// string base64, as in the gateway's own bodies. Beyond the gateway: "prefix" and "fromKey", and = != > < as results.
import { isUtf8 } from "node:buffer";
import { CliError, ExitCode } from "../../errors";
import type { JsonNode } from "../../go/parse-json";
import { JsonError, lineAndColumn, parseJson } from "../../go/parse-json";
import { ParseError, parseInt64 } from "../../go/strconv";
import * as pb from "../../proto/gen/etcdserverpb";
import type { KeyRange } from "../arguments";
import { keyRange } from "../arguments";

/** Throws CliError(3) with the place: `NAME:3:14: success[0].requestPut: …`. */
export function parseJsonTxn(bytes: Uint8Array, name: string): pb.TxnRequest {
  if (!isUtf8(bytes)) throw new CliError(ExitCode.invalidInput, `${name}: this is no UTF-8`);
  try {
    const root = new JsonCursor(parseJson(bytes), "");
    const { encoding, ...parts } = root.fields(["encoding", ...txnFields]);
    return new Reader(encoding?.oneOf({ text: 0, base64: 1 }) === 1).txn(parts);
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    const message = `${name}:${lineAndColumn(bytes, cause.at)}: ${cause.message}`;
    throw new CliError(ExitCode.invalidInput, message, { cause });
  }
}

const txnFields = ["compare", "success", "failure"] as const;
const rangeFields = ["key", "rangeEnd", "prefix", "fromKey"] as const;
const operandFields = ["value", "version", "createRevision", "modRevision", "lease"] as const;
const requestFields = ["requestRange", "requestPut", "requestDeleteRange", "requestTxn"] as const;

const operators = { "=": 0, ">": 1, "<": 2, "!=": 3 };
const targetOf = { version: 0, createRevision: 1, modRevision: 2, value: 3, lease: 4 } as const;

type Fields<N extends string> = Partial<Record<N, JsonCursor>>;

class Reader {
  constructor(private readonly isBase64: boolean) {}

  txn({ compare, success, failure }: Fields<(typeof txnFields)[number]>): pb.TxnRequest {
    return pb.TxnRequest.create({
      compare: compare?.items().map((place) => this.compare(place)) ?? [],
      success: success?.items().map((place) => this.operation(place)) ?? [],
      failure: failure?.items().map((place) => this.operation(place)) ?? [],
    });
  }

  private compare(place: JsonCursor): pb.Compare {
    const fields = place.fields([...rangeFields, ...operandFields, "target", "result"]);
    const [operand, second] = operandFields.filter((name) => fields[name]);
    const value = operand && fields[operand];
    if (!value) return place.fail(`what to compare with is missing: one of ${operandFields.join(", ")}`);
    if (second !== undefined) return place.fail(`${operand} and ${second} exclude each other`);
    const target = fields.target?.oneOf(pb.Compare_CompareTarget) ?? targetOf[operand];
    if (target !== targetOf[operand]) return place.fail(`target and ${operand} do not belong together`);
    const targetUnion: pb.Compare["targetUnion"] =
      operand === "value"
        ? { case: operand, value: this.bytes(value) }
        : { case: operand, value: value.int64() };
    const result = fields.result?.oneOf({ ...pb.Compare_CompareResult, ...operators }) ?? 0;
    return pb.Compare.create({ ...this.keys(place, fields), target, targetUnion, result });
  }

  private operation(place: JsonCursor): pb.RequestOp {
    const fields = place.fields(requestFields);
    const [name, second] = requestFields.filter((each) => fields[each]);
    const request = name && fields[name];
    if (!request || second) return place.fail(`exactly one of ${requestFields.join(", ")} was expected`);
    switch (name) {
      case "requestRange":
        return { request: { case: name, value: this.range(request) } };
      case "requestPut":
        return { request: { case: name, value: this.put(request) } };
      case "requestDeleteRange":
        return { request: { case: name, value: this.deleteRange(request) } };
      case "requestTxn":
        return { request: { case: name, value: this.txn(request.fields(txnFields)) } };
    }
  }

  private range(place: JsonCursor): pb.RangeRequest {
    const numbers = ["limit", "revision"] as const;
    const bounds = ["minModRevision", "maxModRevision", "minCreateRevision", "maxCreateRevision"] as const;
    const flags = ["serializable", "keysOnly", "countOnly"] as const;
    const fields = place.fields([...rangeFields, ...numbers, ...bounds, ...flags, "sortOrder", "sortTarget"]);
    return pb.RangeRequest.create({
      ...this.keys(place, fields),
      ...read([...numbers, ...bounds], fields, (field) => field.int64()),
      ...read(flags, fields, (field) => field.boolean()),
      sortOrder: fields.sortOrder?.oneOf(pb.RangeRequest_SortOrder) ?? 0,
      sortTarget: fields.sortTarget?.oneOf(pb.RangeRequest_SortTarget) ?? 0,
    });
  }

  private put(place: JsonCursor): pb.PutRequest {
    const flags = ["prevKv", "ignoreValue", "ignoreLease"] as const;
    const fields = place.fields(["key", "value", "lease", ...flags]);
    if (!fields.key) return place.fail("key is missing");
    const options = read(flags, fields, (field) => field.boolean());
    if (!fields.value && !options.ignoreValue) return place.fail("value is missing");
    return pb.PutRequest.create({
      ...options,
      key: this.bytes(fields.key),
      ...read(["value"], fields, (field) => this.bytes(field)),
      ...read(["lease"], fields, (field) => field.int64()),
    });
  }

  private deleteRange(place: JsonCursor): pb.DeleteRangeRequest {
    const fields = place.fields([...rangeFields, "prevKv"]);
    const prevKv = fields.prevKv?.boolean() ?? false;
    return pb.DeleteRangeRequest.create({ ...this.keys(place, fields), prevKv });
  }

  private keys(place: JsonCursor, fields: Fields<(typeof rangeFields)[number]>): KeyRange {
    const { key, rangeEnd } = fields;
    if (!key) return place.fail("key is missing");
    const flags = {
      prefix: fields.prefix?.boolean() ?? false,
      "from-key": fields.fromKey?.boolean() ?? false,
    };
    if ([rangeEnd !== undefined, flags.prefix, flags["from-key"]].filter(Boolean).length > 1) {
      return place.fail("rangeEnd, prefix and fromKey exclude each other");
    }
    return keyRange(rangeEnd ? [this.bytes(key), this.bytes(rangeEnd)] : [this.bytes(key)], flags);
  }

  private bytes(place: JsonCursor): Uint8Array {
    if (place.node.kind === "object") {
      return place.fields(["base64"]).base64?.base64() ?? place.fail("base64 is missing");
    }
    return this.isBase64 ? place.base64() : Buffer.from(place.text());
  }
}

/** The fields that are there, as what `as` makes of them. */
function read<N extends string, T>(
  names: readonly N[],
  fields: Fields<N>,
  as: (place: JsonCursor) => T,
): Partial<Record<N, T>> {
  const values: Partial<Record<N, T>> = {};
  for (const name of names) {
    const field = fields[name];
    if (field) values[name] = as(field);
  }
  return values;
}

// One place in a JSON document, by its path (`success[0].requestPut.key`), read as what is wanted there. What is something
// else is a JsonError that names the path. Names of fields may be in camelCase or snake_case, as in etcd's gateway.

export class JsonCursor {
  constructor(
    readonly node: JsonNode,
    readonly path: string,
  ) {}

  fail(message: string): never {
    throw new JsonError(this.path === "" ? message : `${this.path}: ${message}`, this.node.at);
  }

  /** The fields that are there, by their camelCase names; null counts as not there. Others than `names` are refused. */
  fields<N extends string>(names: readonly N[]): Partial<Record<N, JsonCursor>> {
    const { node } = this;
    if (node.kind !== "object") return this.fail(`an object was expected, not ${nounOf(node)}`);
    const found: Partial<Record<N, JsonCursor>> = {};
    for (const { name: typed, value } of node.fields) {
      const field = new JsonCursor(value, this.path === "" ? typed : `${this.path}.${typed}`);
      const camel = typed.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
      const name = names.find((each) => each === camel);
      if (name === undefined) return field.fail(`no such field; there are ${names.join(", ")}`);
      if (found[name]) return field.fail(`${name} is there twice`);
      if (value.kind !== "null") found[name] = field;
    }
    return found;
  }

  items(): JsonCursor[] {
    const { node, path } = this;
    if (node.kind !== "array") return this.fail(`an array was expected, not ${nounOf(node)}`);
    return node.items.map((item, at) => new JsonCursor(item, `${path}[${at}]`));
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
