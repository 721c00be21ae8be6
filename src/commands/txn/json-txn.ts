// A transaction in JSON, as etcd's gateway accepts it (POST /v3/kv/txn), but with readable keys and values:
//   {"compare": [{"key": "a", "target": "VALUE", "result": "EQUAL", "value": "1"}],
//    "success": [{"requestPut": {"key": "a", "value": "2"}}], "failure": [{"requestRange": {"key": "a"}}]}
// A string is plain text; {"base64": "AP8="} is for bytes that are not UTF-8. With "encoding": "base64" beside "compare" every string
// is base64, so that the body of a gateway request works. "prefix", "fromKey" and = != > < as results are additions to the gateway.
import { isUtf8 } from "node:buffer";
import { CliError, ExitCode } from "../../errors";
import type { JsonNode } from "../../go/parse-json";
import { JsonError, lineAndColumn, parseJson } from "../../go/parse-json";
import { ParseError, parseInt64 } from "../../go/strconv";
import * as pb from "../../proto/gen/etcdserverpb";
import type { KeyRange } from "../arguments";
import { keyRange } from "../arguments";

/** Throws CliError(3) with the position of the error: `NAME:3:14: success[0].requestPut: …`. */
export function parseJsonTxn(bytes: Uint8Array, name: string): pb.TxnRequest {
  if (!isUtf8(bytes)) throw new CliError(ExitCode.invalidInput, `${name}: this is not UTF-8`);
  try {
    const root = new JsonCursor(parseJson(bytes), "");
    const { encoding, ...parts } = root.fields(["encoding", ...txnFields]);
    return new TxnReader(encoding?.enumValue({ text: 0, base64: 1 }) === 1).txn(parts);
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

class TxnReader {
  constructor(private readonly isBase64: boolean) {}

  txn({ compare, success, failure }: Fields<(typeof txnFields)[number]>): pb.TxnRequest {
    return pb.TxnRequest.create({
      compare: compare?.items().map((cursor) => this.compare(cursor)) ?? [],
      success: success?.items().map((cursor) => this.operation(cursor)) ?? [],
      failure: failure?.items().map((cursor) => this.operation(cursor)) ?? [],
    });
  }

  private compare(cursor: JsonCursor): pb.Compare {
    const fields = cursor.fields([...rangeFields, ...operandFields, "target", "result"]);
    const [operand, second] = operandFields.filter((name) => fields[name]);
    const value = operand && fields[operand];
    if (!value)
      return cursor.fail(`the value to compare with is missing: one of ${operandFields.join(", ")}`);
    if (second !== undefined) return cursor.fail(`${operand} and ${second} cannot be used together`);
    const target = fields.target?.enumValue(pb.Compare_CompareTarget) ?? targetOf[operand];
    if (target !== targetOf[operand]) return cursor.fail(`target and ${operand} do not match`);
    const targetUnion: pb.Compare["targetUnion"] =
      operand === "value"
        ? { case: operand, value: this.bytes(value) }
        : { case: operand, value: value.int64() };
    const result = fields.result?.enumValue({ ...pb.Compare_CompareResult, ...operators }) ?? 0;
    return pb.Compare.create({ ...this.keys(cursor, fields), target, targetUnion, result });
  }

  private operation(cursor: JsonCursor): pb.RequestOp {
    const fields = cursor.fields(requestFields);
    const [name, second] = requestFields.filter((each) => fields[each]);
    const request = name && fields[name];
    if (!request || second) return cursor.fail(`expected exactly one of ${requestFields.join(", ")}`);
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

  private range(cursor: JsonCursor): pb.RangeRequest {
    const numbers = ["limit", "revision"] as const;
    const bounds = ["minModRevision", "maxModRevision", "minCreateRevision", "maxCreateRevision"] as const;
    const flags = ["serializable", "keysOnly", "countOnly"] as const;
    const fields = cursor.fields([
      ...rangeFields,
      ...numbers,
      ...bounds,
      ...flags,
      "sortOrder",
      "sortTarget",
    ]);
    return pb.RangeRequest.create({
      ...this.keys(cursor, fields),
      ...readFields([...numbers, ...bounds], fields, (field) => field.int64()),
      ...readFields(flags, fields, (field) => field.boolean()),
      sortOrder: fields.sortOrder?.enumValue(pb.RangeRequest_SortOrder) ?? 0,
      sortTarget: fields.sortTarget?.enumValue(pb.RangeRequest_SortTarget) ?? 0,
    });
  }

  private put(cursor: JsonCursor): pb.PutRequest {
    const flags = ["prevKv", "ignoreValue", "ignoreLease"] as const;
    const fields = cursor.fields(["key", "value", "lease", ...flags]);
    if (!fields.key) return cursor.fail("key is missing");
    const options = readFields(flags, fields, (field) => field.boolean());
    if (!fields.value && !options.ignoreValue) return cursor.fail("value is missing");
    return pb.PutRequest.create({
      ...options,
      key: this.bytes(fields.key),
      ...readFields(["value"], fields, (field) => this.bytes(field)),
      ...readFields(["lease"], fields, (field) => field.int64()),
    });
  }

  private deleteRange(cursor: JsonCursor): pb.DeleteRangeRequest {
    const fields = cursor.fields([...rangeFields, "prevKv"]);
    const prevKv = fields.prevKv?.boolean() ?? false;
    return pb.DeleteRangeRequest.create({ ...this.keys(cursor, fields), prevKv });
  }

  private keys(cursor: JsonCursor, fields: Fields<(typeof rangeFields)[number]>): KeyRange {
    const { key, rangeEnd } = fields;
    if (!key) return cursor.fail("key is missing");
    const flags = {
      prefix: fields.prefix?.boolean() ?? false,
      "from-key": fields.fromKey?.boolean() ?? false,
    };
    if ([rangeEnd !== undefined, flags.prefix, flags["from-key"]].filter(Boolean).length > 1) {
      return cursor.fail("only one of rangeEnd, prefix and fromKey can be used");
    }
    return keyRange(rangeEnd ? [this.bytes(key), this.bytes(rangeEnd)] : [this.bytes(key)], flags);
  }

  private bytes(cursor: JsonCursor): Uint8Array {
    if (cursor.node.kind === "object") {
      return cursor.fields(["base64"]).base64?.base64() ?? cursor.fail("base64 is missing");
    }
    return this.isBase64 ? cursor.base64() : Buffer.from(cursor.text());
  }
}

/** The fields that are present, converted by `convert`. */
function readFields<N extends string, T>(
  names: readonly N[],
  fields: Fields<N>,
  convert: (cursor: JsonCursor) => T,
): Partial<Record<N, T>> {
  const values: Partial<Record<N, T>> = {};
  for (const name of names) {
    const field = fields[name];
    if (field) values[name] = convert(field);
  }
  return values;
}

/**
 * A value in a JSON document with its path (`success[0].requestPut.key`). A value of another type is a JsonError that names the
 * path. Field names are in camelCase or snake_case, as in etcd's gateway.
 */
class JsonCursor {
  constructor(
    readonly node: JsonNode,
    readonly path: string,
  ) {}

  fail(message: string): never {
    throw new JsonError(this.path === "" ? message : `${this.path}: ${message}`, this.node.at);
  }

  /** The fields of an object by their camelCase names. A null field counts as missing. Rejects a field that is not in `names`. */
  fields<N extends string>(names: readonly N[]): Partial<Record<N, JsonCursor>> {
    const { node } = this;
    if (node.kind !== "object") return this.fail(`expected an object, not ${kindName(node)}`);
    const found: Partial<Record<N, JsonCursor>> = {};
    for (const { name: typed, value } of node.fields) {
      const field = new JsonCursor(value, this.path === "" ? typed : `${this.path}.${typed}`);
      const camel = typed.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
      const name = names.find((each) => each === camel);
      if (name === undefined) return field.fail(`unknown field; the fields are ${names.join(", ")}`);
      if (found[name]) return field.fail(`duplicate field ${name}`);
      if (value.kind !== "null") found[name] = field;
    }
    return found;
  }

  items(): JsonCursor[] {
    const { node, path } = this;
    if (node.kind !== "array") return this.fail(`expected an array, not ${kindName(node)}`);
    return node.items.map((item, at) => new JsonCursor(item, `${path}[${at}]`));
  }

  boolean(): boolean {
    const { node } = this;
    return node.kind === "bool" ? node.value : this.fail(`expected true or false, not ${kindName(node)}`);
  }

  /** 64 bits. May be a string, since most JSON writers cannot write large numbers exactly; a string may also be 0x…. */
  int64(): bigint {
    const { node } = this;
    const text = node.kind === "number" ? node.text : node.kind === "string" ? node.value : "";
    if (text === "") return this.fail(`expected a number, not ${kindName(node)}`);
    try {
      return parseInt64(text, node.kind === "string" ? 0 : 10);
    } catch (error) {
      if (error instanceof ParseError) return this.fail(`${JSON.stringify(text)} is not a 64-bit integer`);
      throw error;
    }
  }

  /** An enum value, given by name or number. */
  enumValue(values: Readonly<Record<string, number>>): number {
    const { node } = this;
    const names = Object.keys(values);
    if (node.kind === "string" && Object.hasOwn(values, node.value)) return values[node.value] as number;
    const numbered =
      node.kind === "number" && Object.values(values).find((value) => `${value}` === node.text);
    return typeof numbered === "number" ? numbered : this.fail(`expected one of ${names.join(", ")}`);
  }

  text(): string {
    const { node } = this;
    if (node.kind !== "string") return this.fail(`expected a string, not ${kindName(node)}`);
    if (/[\ud800-\udfff]/u.test(node.value))
      return this.fail("the string has a lone surrogate (half a character)");
    return node.value;
  }

  base64(): Uint8Array {
    const text = this.text();
    const bytes = Buffer.from(text, "base64");
    if (bytes.toString("base64").replace(/=+$/, "") === text.replace(/={1,2}$/, "")) return bytes;
    return this.fail(`${JSON.stringify(text)} is not base64`);
  }
}

function kindName({ kind }: JsonNode): string {
  return (
    { null: "null", bool: "a boolean", array: "an array", object: "an object" }[kind as string] ?? `a ${kind}`
  );
}
