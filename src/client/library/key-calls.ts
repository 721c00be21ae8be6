// put, get, getAll, delete and compact: the calls of most programs, with keys and values in place of messages.
import type { Clock } from "../../clock";
import {
  CompactionRequest,
  DeleteRangeRequest,
  KVService,
  PutRequest,
  RangeRequest,
  RangeRequest_SortOrder,
  RangeRequest_SortTarget,
} from "../../proto/gen/etcdserverpb";
import type { KeyValue } from "../../proto/gen/mvccpb";
import type { CallOptions, Transport } from "../../transport/transport";
import { bytes, integer, kindOf } from "./input";
import { didYouMean } from "./nearest";
import { callTable, checkOptions, refuseMore, type OptionTable } from "./options";
import {
  isRangeTarget,
  keyOf,
  keyOrRange,
  rangeOf,
  rangeTable,
  type Bytes,
  type RangeTarget,
} from "./targets";
import { Entries, Value } from "./values";

/** A lease of `client.lease`, or its id. */
export type LeaseReference = { readonly id: bigint } | bigint | number;

/** Options of `put`. */
export interface PutOptions extends CallOptions {
  /** The key is deleted when this lease ends. Default: no lease. */
  readonly lease?: LeaseReference | undefined;
  /** Whether the result has the value before. Default: false. */
  readonly previous?: boolean | undefined;
}

export interface PutResult {
  /** The revision of the change. */
  readonly revision: bigint;
  /** The value before, if `previous` asks for it and the key existed. */
  readonly previous: Value | undefined;
}

/** Options of every read. */
export interface ReadOptions extends CallOptions {
  /** Reads the state at an earlier revision. Default: the present state. */
  readonly revision?: bigint | number | undefined;
  /** Reads from any member without asking the others, so the state may be older. Default: false. */
  readonly serializable?: boolean | undefined;
}

/** By what `getAll` sorts. */
export type SortTarget = "key" | "version" | "create" | "modify" | "value";

/** Options of `getAll`. */
export interface GetAllOptions extends ReadOptions, RangeTarget {
  /** At most this number of keys. Default: no limit. */
  readonly limit?: number | bigint | undefined;
  /** Leaves out the values. Default: false. */
  readonly keysOnly?: boolean | undefined;
  /** Default: by key. */
  readonly sortBy?: SortTarget | undefined;
  /** Default: `ascend`. */
  readonly order?: "ascend" | "descend" | undefined;
}

/** Options of `delete`. */
export interface DeleteOptions extends CallOptions {
  /** Whether the result has the deleted keys with their values. Default: false. */
  readonly previous?: boolean | undefined;
}

export interface DeleteResult {
  /** How many keys were deleted. */
  readonly deleted: number;
  readonly revision: bigint;
  /** The deleted keys with their values, if `previous` asks for them. */
  readonly previous: readonly Value[];
}

/** Options of `compact`. */
export interface CompactOptions extends CallOptions {
  /** Waits until the server has removed the data from its disk. Default: false. */
  readonly physical?: boolean | undefined;
}

const putTable = {
  ...callTable,
  lease: "any",
  previous: "boolean",
} as const satisfies OptionTable<PutOptions>;
const readTable = {
  ...callTable,
  revision: "any",
  serializable: "boolean",
} as const satisfies OptionTable<ReadOptions>;
const getAllTable = {
  ...readTable,
  ...rangeTable,
  limit: "any",
  keysOnly: "boolean",
  sortBy: "string",
  order: "string",
} as const satisfies OptionTable<GetAllOptions>;
const deleteTable = { ...callTable, previous: "boolean" } as const satisfies OptionTable<DeleteOptions>;
const compactTable = { ...callTable, physical: "boolean" } as const satisfies OptionTable<CompactOptions>;

/** What the calls need of their client. */
export interface CallContext {
  readonly transport: Transport;
  readonly clock: Clock;
  /** The time limit of each call that has none. Infinity means no limit. */
  readonly timeoutMs: number;
}

/** The options of the transport, with the client's time limit where the caller gives none. */
export function callOptionsOf({ timeoutMs: defaultMs }: CallContext, options: CallOptions): CallOptions {
  const { signal, deadlineAt, timeoutMs, connectTimeoutMs, requireLeader } = options;
  const limit = timeoutMs ?? (deadlineAt === undefined ? defaultMs : undefined);
  return { signal, deadlineAt, timeoutMs: limit, connectTimeoutMs, requireLeader };
}

export function leaseIdOf(owner: string, lease: LeaseReference | undefined): bigint {
  if (lease === undefined) return 0n;
  const name = `option lease of ${owner}`;
  if (typeof lease !== "object" || lease === null) return integer(lease, name);
  if ((lease.id as unknown) === undefined)
    throw new TypeError(`${name} must be a Lease, an integer or a bigint, not ${kindOf(lease)}`);
  return integer(lease.id, name);
}

export function putRequest(owner: string, key: Bytes, value: Bytes, options: PutOptions): PutRequest {
  checkOptions(owner, options, putTable);
  return PutRequest.create({
    key: keyOf(owner, key),
    value: bytes(value, `the value of ${owner}`),
    lease: leaseIdOf(owner, options.lease),
    prevKv: options.previous === true,
  });
}

export function getRequest(owner: string, key: Bytes, options: ReadOptions): RangeRequest {
  checkOptions(owner, options, readTable);
  if (isRangeTarget(key)) throw new TypeError(`${owner} reads one key; getAll reads a range`);
  return readRequest(owner, { key: keyOf(owner, key) }, options);
}

export function getAllRequest(owner: string, options: GetAllOptions): RangeRequest {
  checkOptions(owner, options, getAllTable);
  const { limit = 0, keysOnly = false, sortBy = "key", order = "ascend" } = options;
  const sorts = sortBy !== "key" || order !== "ascend";
  const range = {
    ...rangeOf(owner, options),
    limit: integer(limit, `option limit of ${owner}`),
    keysOnly,
    sortTarget: oneOf(owner, "sortBy", sortTargets, sortBy),
    sortOrder: sorts ? oneOf(owner, "order", sortOrders, order) : RangeRequest_SortOrder.NONE,
  };
  return readRequest(owner, range, options);
}

export function deleteRequest(
  owner: string,
  target: Bytes | RangeTarget,
  options: DeleteOptions,
): DeleteRangeRequest {
  checkOptions(owner, options, deleteTable);
  return DeleteRangeRequest.create({ ...keyOrRange(owner, target), prevKv: options.previous === true });
}

const sortTargets = {
  key: RangeRequest_SortTarget.KEY,
  version: RangeRequest_SortTarget.VERSION,
  create: RangeRequest_SortTarget.CREATE,
  modify: RangeRequest_SortTarget.MOD,
  value: RangeRequest_SortTarget.VALUE,
} as const;
const sortOrders = {
  ascend: RangeRequest_SortOrder.ASCEND,
  descend: RangeRequest_SortOrder.DESCEND,
} as const;

export function oneOf<T>(
  owner: string,
  option: string,
  values: Readonly<Record<string, T>>,
  name: string,
): T {
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  if (value !== undefined) return value;
  const advice = didYouMean(name, Object.keys(values), "the values are");
  throw new TypeError(`unknown value ${name} of option ${option} of ${owner}; ${advice}`);
}

function readRequest(
  owner: string,
  range: Partial<RangeRequest>,
  { revision, serializable }: ReadOptions,
): RangeRequest {
  return RangeRequest.create({
    ...range,
    revision: revision === undefined ? 0n : integer(revision, `option revision of ${owner}`),
    serializable: serializable === true,
  });
}

export function valueOf(kv: KeyValue | undefined): Value | undefined {
  return kv && new Value(kv);
}

/** The functions of the client for keys. Strings are UTF-8; numbers and bigints both stand for 64-bit integers. */
export interface KeyCalls {
  /** Puts a value. Resolves to the revision, and to the value before if `previous` asks for it. */
  put(key: Bytes, value: Bytes, options?: PutOptions): Promise<PutResult>;
  /** The value of a key. Undefined if the key does not exist. */
  get(key: Bytes, options?: ReadOptions): Promise<Value | undefined>;
  /**
   * The keys of a range with their values, all from one revision. Without `prefix`, `from` and `to`: every key. A large range
   * is read in several calls.
   */
  getAll(options?: GetAllOptions): Promise<Entries>;
  /** Deletes a key, or the keys of a range. */
  delete(target: Bytes | RangeTarget, options?: DeleteOptions): Promise<DeleteResult>;
  /** Removes the history before a revision: older revisions can no longer be read or watched. */
  compact(revision: bigint | number, options?: CompactOptions): Promise<void>;
}

export function keyCalls(context: CallContext): KeyCalls {
  const { transport } = context;
  const callOptions = (options: CallOptions) => callOptionsOf(context, options);
  return {
    async put(key, value, options = {}) {
      const request = putRequest("put", key, value, options);
      const { header, prevKv } = await transport.unary(KVService.put, request, callOptions(options));
      return { revision: header?.revision ?? 0n, previous: valueOf(prevKv) };
    },

    async get(key, options = {}) {
      const request = getRequest("get", key, options);
      const { kvs } = await transport.unary(KVService.range, request, callOptions(options));
      return valueOf(kvs[0]);
    },

    async getAll(options = {}, ...more: readonly unknown[]) {
      refuseMore("getAll", more, "into the object with its range");
      const request = getAllRequest("getAll", options);
      const { readRange } = await import("../range");
      const { timeoutMs = Infinity, deadlineAt = Infinity, ...rest } = callOptions(options);
      // A large range takes several calls. They share a limit of this call; each has the client's whole limit.
      const { clock } = context;
      const startedAt = clock.now();
      const each = () => {
        const from = options.timeoutMs === undefined ? clock.now() : startedAt;
        const endAt = Math.min(from + timeoutMs, deadlineAt);
        return { ...rest, deadlineAt: endAt === Infinity ? undefined : endAt };
      };
      const list: Value[] = [];
      let last = { revision: 0n, more: false, count: 0 };
      const parts = readRange(request, {
        ...{ transport, clock, requireStream: false },
        ...{ callOptions: each, streamOptions: each },
      });
      for await (const { header, kvs, more, count } of parts) {
        for (const kv of kvs) list.push(new Value(kv));
        last = { revision: header?.revision ?? 0n, more, count: Number(count) };
      }
      return new Entries(list, last.revision, last.more, last.count);
    },

    async delete(target, options = {}) {
      const request = deleteRequest("delete", target, options);
      const { header, deleted, prevKvs } = await transport.unary(
        KVService.deleteRange,
        request,
        callOptions(options),
      );
      return {
        deleted: Number(deleted),
        revision: header?.revision ?? 0n,
        previous: prevKvs.map((kv) => new Value(kv)),
      };
    },

    async compact(revision, options = {}) {
      checkOptions("compact", options, compactTable);
      const request = CompactionRequest.create({
        revision: integer(revision, "the revision of compact"),
        physical: options.physical === true,
      });
      await transport.unary(KVService.compact, request, callOptions(options));
    },
  };
}
