// A transaction: conditions, and what to do when all of them are true or one is not. Awaiting the builder sends it.
import {
  Compare,
  Compare_CompareResult,
  Compare_CompareTarget,
  KVService,
  RequestOp,
  TxnRequest,
  type ResponseOp,
  type TxnResponse,
} from "../../proto/gen/etcdserverpb";
import type { CallOptions } from "../../transport/transport";
import { bytes, fromInput, integer, isPlainObject, kindOf, type Input } from "./input";
import {
  callOptionsOf,
  deleteRequest,
  getAllRequest,
  getRequest,
  leaseIdOf,
  oneOf,
  putRequest,
  valueOf,
  type CallContext,
  type DeleteResult,
  type GetAllOptions,
  type LeaseReference,
  type PutResult,
} from "./key-calls";
import { didYouMean } from "./nearest";
import { callTable, checkOptions, refuseMore } from "./options";
import { keyOf, rangeOf, type Bytes, type RangeTarget } from "./targets";
import { Entries, Value } from "./values";

/**
 * A condition on one key, or on every key with a prefix. It names the key and one of `value`, `version`, `createRevision`,
 * `modRevision`, `lease` and `exists`.
 */
export interface Condition {
  readonly key?: Bytes | undefined;
  /** The condition must be true for every key that begins with it. */
  readonly prefix?: Bytes | undefined;
  readonly value?: Bytes | undefined;
  readonly version?: bigint | number | undefined;
  readonly createRevision?: bigint | number | undefined;
  readonly modRevision?: bigint | number | undefined;
  readonly lease?: LeaseReference | undefined;
  /** Whether the key exists. */
  readonly exists?: boolean | undefined;
  /** How the stored one must compare to the given one. Default: `=`. */
  readonly is?: "=" | "!=" | ">" | "<" | undefined;
}

/** One step of a transaction: an object with one property. */
export type TxnOp =
  | {
      readonly put: {
        readonly key: Bytes;
        readonly value: Bytes;
        readonly lease?: LeaseReference | undefined;
        readonly previous?: boolean | undefined;
      };
    }
  | { readonly get: Bytes }
  | { readonly getAll: Omit<GetAllOptions, keyof CallOptions> }
  | { readonly delete: Bytes | RangeTarget }
  | { readonly txn: Txn | SendableTxn };

/** The result of one step: of a put, get, getAll, delete or txn. */
export type TxnOpResult = PutResult | Value | undefined | Entries | DeleteResult | TxnResult;

export interface TxnResult {
  /** Whether all conditions were true, so that the steps of `then` were carried out. Otherwise those of `else` were. */
  readonly succeeded: boolean;
  readonly revision: bigint;
  /** The results of the steps that were carried out, in their order. */
  readonly results: readonly TxnOpResult[];
}

const conditionTable = {
  key: "any",
  prefix: "any",
  value: "any",
  version: "any",
  createRevision: "any",
  modRevision: "any",
  lease: "any",
  exists: "boolean",
  is: "string",
} as const;
const putTable = { key: "any", value: "any", lease: "any", previous: "boolean" } as const;

/** A step as an object, or as a message of etcd. */
type Step = TxnOp | Input<RequestOp>;

/**
 * A transaction that is not sent yet. Awaiting it after `then` or `else`, or `commit()`, sends it, once.
 *
 * @example
 * const { succeeded } = await client
 *   .txn()
 *   .if({ key: "owner", exists: false })
 *   .then({ put: { key: "owner", value: "me" } })
 *   .else({ get: "owner" });
 */
export interface Txn {
  /** Adds conditions. A message of etcd (`Compare`) is accepted too. Throws a TypeError for a wrong one. */
  if(...conditions: readonly (Condition | Input<Compare>)[]): Txn;
  /** Adds steps for the case that all conditions are true. A message of etcd (`RequestOp`) is accepted too. */
  then(...steps: readonly Step[]): SendableTxn;
  /** Adds steps for the case that a condition is not true. */
  else(...steps: readonly Step[]): SendableTxn;
  /** Sends the transaction. Further calls return the same promise. Rejects with an EtcdError. */
  commit(): Promise<TxnResult>;
}

/** A transaction that has steps. Awaiting it sends it. */
export interface SendableTxn extends PromiseLike<TxnResult> {
  /** Adds steps for the case that a condition is not true. */
  else(...steps: readonly Step[]): SendableTxn;
  /** Sends the transaction. Further calls return the same promise. Rejects with an EtcdError. */
  commit(): Promise<TxnResult>;
}

export function newTxn(context: CallContext, options: CallOptions = {}): Txn {
  checkOptions("txn", options, callTable);
  // One object is both: its `then` adds steps when it gets steps, and sends when `await` calls it with functions.
  return new TxnBuilder(context, options) as unknown as Txn;
}

class TxnBuilder {
  private readonly compares: Compare[] = [];
  private readonly success: RequestOp[] = [];
  private readonly failure: RequestOp[] = [];
  private committed: Promise<TxnResult> | undefined;

  constructor(
    private readonly context: CallContext,
    private readonly options: CallOptions,
  ) {}

  if(...conditions: readonly (Condition | Input<Compare>)[]): this {
    this.assertOpen();
    this.compares.push(...conditions.map(compareOf));
    return this;
  }

  then(...args: readonly unknown[]): this | Promise<unknown> {
    const [resolve, reject] = args;
    if (typeof resolve === "function" || typeof reject === "function")
      return this.commit().then(resolve as () => unknown, reject as () => unknown);
    this.assertOpen();
    this.success.push(...args.map(opOf));
    return this;
  }

  else(...steps: readonly Step[]): this {
    this.assertOpen();
    this.failure.push(...steps.map(opOf));
    return this;
  }

  commit(...rest: readonly unknown[]): Promise<TxnResult> {
    refuseMore("commit", rest, "into txn(options)");
    return (this.committed ??= this.send());
  }

  get request(): TxnRequest {
    const { compares: compare, success, failure } = this;
    return TxnRequest.create({ compare, success, failure });
  }

  private async send(): Promise<TxnResult> {
    const { context, options, request } = this;
    return resultOf(
      await context.transport.unary(KVService.txn, request, callOptionsOf(context, options)),
      request,
    );
  }

  private assertOpen(): void {
    if (this.committed !== undefined) throw new Error("the transaction has been sent");
  }
}

const results = {
  "=": Compare_CompareResult.EQUAL,
  "!=": Compare_CompareResult.NOT_EQUAL,
  ">": Compare_CompareResult.GREATER,
  "<": Compare_CompareResult.LESS,
} as const;

const owner = "txn.if";
const targets = ["value", "version", "createRevision", "modRevision", "lease", "exists"] as const;

function compareOf(condition: Condition | Input<Compare>): Compare {
  if (isPlainObject(condition) && ("targetUnion" in condition || "target" in condition))
    return fromInput(Compare, condition as Input<Compare>);
  checkOptions(owner, condition, conditionTable);
  const given = condition as Condition;
  const named = targets.filter((name) => given[name] !== undefined);
  const [target] = named;
  if (target === undefined || named.length > 1)
    throw new TypeError(`a condition of ${owner} needs one of ${targets.join(", ")}, not ${named.length}`);
  const { key, prefix, is = "=" } = given;
  if ((key === undefined) === (prefix === undefined))
    throw new TypeError(`a condition of ${owner} needs one of key and prefix`);
  const range = prefix === undefined ? { key: keyOf(owner, key) } : rangeOf(owner, { prefix });
  const result = oneOf(owner, "is", results, is);
  if (target === "exists") {
    if (is !== "=") throw new TypeError(`a condition of ${owner} with exists has no option is`);
    return compare(
      range,
      given.exists === true ? Compare_CompareResult.GREATER : Compare_CompareResult.EQUAL,
      {
        target: Compare_CompareTarget.CREATE,
        targetUnion: { case: "createRevision", value: 0n },
      },
    );
  }
  return compare(range, result, targetOf(given, target));
}

function compare(
  range: { readonly key: Uint8Array; readonly rangeEnd?: Uint8Array },
  result: number,
  target: Pick<Compare, "target" | "targetUnion">,
): Compare {
  return Compare.create({ ...range, result, ...target });
}

function targetOf(
  given: Condition,
  target: Exclude<(typeof targets)[number], "exists">,
): Pick<Compare, "target" | "targetUnion"> {
  const what = `option ${target} of ${owner}`;
  switch (target) {
    case "value":
      return {
        target: Compare_CompareTarget.VALUE,
        targetUnion: { case: "value", value: bytes(given.value, what) },
      };
    case "version":
      return {
        target: Compare_CompareTarget.VERSION,
        targetUnion: { case: "version", value: integer(given.version, what) },
      };
    case "createRevision":
      return {
        target: Compare_CompareTarget.CREATE,
        targetUnion: { case: "createRevision", value: integer(given.createRevision, what) },
      };
    case "modRevision":
      return {
        target: Compare_CompareTarget.MOD,
        targetUnion: { case: "modRevision", value: integer(given.modRevision, what) },
      };
    case "lease":
      return {
        target: Compare_CompareTarget.LEASE,
        targetUnion: { case: "lease", value: leaseIdOf(owner, given.lease) },
      };
  }
}

const kinds = ["put", "get", "getAll", "delete", "txn"];

function opOf(step: unknown): RequestOp {
  if (!isPlainObject(step)) throw new TypeError(`a step of txn must be an object, not ${kindOf(step)}`);
  if ("request" in step) return fromInput(RequestOp, step as Input<RequestOp>);
  const names = Object.keys(step);
  const [name = ""] = names;
  if (names.length !== 1)
    throw new TypeError(`a step of txn has one of ${kinds.join(", ")}, not ${names.length} names`);
  const value = step[name];
  switch (name) {
    case "put": {
      checkOptions("txn", value, putTable, "put.");
      const { key, value: stored, ...options } = value as { key: Bytes; value: Bytes };
      return { request: { case: "requestPut", value: putRequest("txn", key, stored, options) } };
    }
    case "get":
      return { request: { case: "requestRange", value: getRequest("txn", value as Bytes, {}) } };
    case "getAll":
      return { request: { case: "requestRange", value: getAllRequest("txn", value as GetAllOptions) } };
    case "delete":
      return { request: { case: "requestDeleteRange", value: deleteRequest("txn", value as Bytes, {}) } };
    case "txn":
      if (!(value instanceof TxnBuilder))
        throw new TypeError(`option txn of txn must be a transaction, not ${kindOf(value)}`);
      return { request: { case: "requestTxn", value: value.request } };
    default:
      throw new TypeError(`unknown step ${name} of txn; ${didYouMean(name, kinds, "the steps are")}`);
  }
}

function resultOf({ header, succeeded, responses }: TxnResponse, request: TxnRequest): TxnResult {
  const revision = header?.revision ?? 0n;
  const steps = succeeded ? request.success : request.failure;
  const results = responses.map((response, index) => opResult(response, steps[index], revision));
  return { succeeded, revision, results };
}

function opResult({ response }: ResponseOp, step: RequestOp | undefined, revision: bigint): TxnOpResult {
  switch (response?.case) {
    case "responsePut":
      return { revision, previous: valueOf(response.value.prevKv) };
    case "responseDeleteRange": {
      const { deleted, prevKvs } = response.value;
      return { deleted: Number(deleted), revision, previous: prevKvs.map((kv) => new Value(kv)) };
    }
    case "responseRange": {
      const { kvs, more, count } = response.value;
      const isOneKey = step?.request?.case === "requestRange" && step.request.value.rangeEnd.length === 0;
      if (isOneKey) return valueOf(kvs[0]);
      return new Entries(
        kvs.map((kv) => new Value(kv)),
        revision,
        more,
        Number(count),
      );
    }
    case "responseTxn":
      return step?.request?.case === "requestTxn"
        ? resultOf(
            { ...response.value, header: { clusterId: 0n, memberId: 0n, raftTerm: 0n, revision } },
            step.request.value,
          )
        : undefined;
    case undefined:
      return undefined;
  }
}
