// A transaction as JSON, in the shape of etcd's gateway (POST /v3/kv/txn) with readable keys and values:
//   {"compare": [{"key": "a", "target": "VALUE", "result": "EQUAL", "value": "1"}],
//    "success": [{"requestPut": {"key": "a", "value": "2"}}], "failure": [{"requestRange": {"key": "a"}}]}
// A string is the text itself; {"base64": "AP8="} stands for any bytes, and "encoding": "base64" beside "compare" makes every
// string base64, as in the gateway's own bodies. Beyond the gateway: "prefix" and "fromKey", and = != > < as results.
import { isUtf8 } from "node:buffer";
import { CliError, ExitCode } from "../../errors";
import { JsonError, lineAndColumn, parseJson } from "../../goformat/parse-json";
import * as pb from "../../proto/gen/etcdserverpb";
import { keyRange, type KeyRange } from "../key-range";
import { Place } from "./json-place";

/** Throws CliError(3) with the place: `NAME:3:14: success[0].requestPut: …`. */
export function parseJsonTxn(bytes: Uint8Array, name: string): pb.TxnRequest {
  if (!isUtf8(bytes)) throw new CliError(ExitCode.invalidInput, `${name}: this is no UTF-8`);
  try {
    const root = new Place(parseJson(bytes), "");
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

type Fields<N extends string> = Partial<Record<N, Place>>;

class Reader {
  constructor(private readonly isBase64: boolean) {}

  txn({ compare, success, failure }: Fields<(typeof txnFields)[number]>): pb.TxnRequest {
    return pb.TxnRequest.create({
      compare: compare?.items().map((place) => this.compare(place)) ?? [],
      success: success?.items().map((place) => this.operation(place)) ?? [],
      failure: failure?.items().map((place) => this.operation(place)) ?? [],
    });
  }

  private compare(place: Place): pb.Compare {
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

  private operation(place: Place): pb.RequestOp {
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

  private range(place: Place): pb.RangeRequest {
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

  private put(place: Place): pb.PutRequest {
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

  private deleteRange(place: Place): pb.DeleteRangeRequest {
    const fields = place.fields([...rangeFields, "prevKv"]);
    const prevKv = fields.prevKv?.boolean() ?? false;
    return pb.DeleteRangeRequest.create({ ...this.keys(place, fields), prevKv });
  }

  private keys(place: Place, fields: Fields<(typeof rangeFields)[number]>): KeyRange {
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

  private bytes(place: Place): Uint8Array {
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
  as: (place: Place) => T,
): Partial<Record<N, T>> {
  const values: Partial<Record<N, T>> = {};
  for (const name of names) {
    const field = fields[name];
    if (field) values[name] = as(field);
  }
  return values;
}
