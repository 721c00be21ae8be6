// The client that the library exports. It accepts partial messages, checks names, and gives every call a time limit. The
// programs use ../client.ts, which does none of this.
import { systemClock, type Clock } from "../../clock";
import type { AnyMethod, Method, ServiceDescription } from "../../proto/message";
import type { CallOptions, Transport, TransportOptions } from "../../transport/transport";
import { createClient as createPlainClient, services } from "../client";
import { diagnosed as withCause, withDiagnosis } from "./errors";
import { fromInput, kindOf, type Input } from "./input";
import { callOptionsOf, keyCalls, type KeyCalls } from "./key-calls";
import { openLease, type Lease } from "./lease-handle";
import { acquireLock, Election, type Lock, type LockOptions } from "./lock-handle";
import { SnapshotStream } from "./snapshot-stream";
import type { Bytes } from "./targets";
import { newTxn, type Txn } from "./txn-builder";
import { Watcher, type WatchOptions } from "./watcher";
import { callTable, checkOptions, refuseMore, transportTable, type OptionTable } from "./options";

/** Options of `openTransport`. Only `endpoints` is required. */
export interface LibraryTransportOptions extends Omit<TransportOptions, "clock" | "dialTimeoutMs"> {
  /** The source of time for deadlines, retries and pings. Default: the system clock. */
  readonly clock?: TransportOptions["clock"] | undefined;
  /**
   * The longest time in milliseconds for the login that a user and password in `credentials` need. 0 means no limit.
   * Default: `timeoutMs` for `connect`, 5000 for `openTransport`.
   */
  readonly dialTimeoutMs?: number | undefined;
}

/** Options of `createClient`. */
export interface ClientOptions {
  /**
   * The longest time for each call in milliseconds, more than 0; Infinity means no limit. It counts for every call that has
   * no `timeoutMs` and no `deadlineAt`. A stream, `lock.lock` and `election.campaign` may last longer: for them
   * only the wait for a connection has this limit. Default: 5000, as in etcdctl.
   */
  readonly timeoutMs?: number | undefined;
}

/** Options of `connect`. Only `endpoints` is required. */
export interface ConnectOptions extends LibraryTransportOptions, ClientOptions {}

/**
 * One RPC on a client. A unary call takes a request and CallOptions and returns a promise of its response. A server stream
 * returns an AsyncIterable of responses. A duplex stream takes an AsyncIterable of requests as well.
 */
export type LibraryMethod<M extends AnyMethod> =
  M extends Method<infer I, infer O, infer K>
    ? K extends "unary"
      ? (request?: Input<I>, options?: CallOptions) => Promise<O>
      : K extends "serverStream"
        ? (request?: Input<I>, options?: CallOptions) => AsyncIterable<O>
        : (requests: AsyncIterable<Input<I>> | Iterable<Input<I>>, options?: CallOptions) => AsyncIterable<O>
    : never;

/** The calls of one gRPC service. */
export type LibraryService<S extends ServiceDescription> = {
  readonly [Name in keyof S]: LibraryMethod<S[Name]>;
};

/** The services of gRPC by name. */
export type LibraryServices = {
  readonly [Name in keyof typeof services]: LibraryService<(typeof services)[Name]>;
};

/**
 * A client of an etcd cluster. `put`, `get`, `getAll`, `delete`, `txn`, `watch`, `lease`, `lock`, `election`, `compact` and
 * `snapshot` are what most programs need. Below them are all services of etcd's v3 API, `kv`, `watch`, `lease`, `cluster`,
 * `maintenance`, `auth`, `lock` and `election`, such as `client.kv.range(request)`: there a request is a plain object with
 * any fields of the message (see Input), and a response has all fields, with 64-bit integers as bigint and bytes as
 * Uint8Array.
 *
 * A failed call is an EtcdError with a `code` of StatusCode. If no server was reached, its `cause` is a ConnectionDiagnosis.
 * Promises reject, loops over streams throw. Leaving the loop over a stream cancels the call. An unknown field or option, or
 * a value of the wrong kind, is a TypeError or RangeError, and nothing is sent.
 */
export interface LibraryClient extends KeyCalls, LibraryServices {
  /** Begins a transaction. `await` sends it. */
  txn(options?: CallOptions): Txn;
  /** Watches keys: an async iterable of events that survives lost connections. Its methods are the Watch service. */
  readonly watch: LibraryServices["watch"] & ((options?: WatchOptions) => Watcher);
  /** Grants a lease and keeps it alive. Its methods are the Lease service. */
  readonly lease: LibraryServices["lease"] &
    ((ttlSeconds: number | bigint, options?: CallOptions) => Promise<Lease>);
  /** Waits for a lock, with a new lease that is kept alive. Its methods are the Lock service. */
  readonly lock: LibraryServices["lock"] & ((name: Bytes, options?: LockOptions) => Promise<Lock>);
  /** An election, to campaign in or to observe. Its methods are the Election service. */
  readonly election: LibraryServices["election"] & ((name: Bytes) => Election);
  /** A snapshot of the database of one member, as a stream, in memory or in a file. */
  snapshot(options?: CallOptions): SnapshotStream;
  /** The transport under this client, for calls with other message types. It takes complete messages and checks nothing. */
  readonly transport: Transport;
  /** Ends every running call with Canceled and closes all connections. A second call does nothing. */
  close(): Promise<void>;
}

const defaultTimeoutMs = 5000;

const clientTable = { timeoutMs: "limit" } as const satisfies OptionTable<ClientOptions>;
const connectTable = { ...transportTable, ...clientTable } as const satisfies OptionTable<ConnectOptions>;

/** These calls wait until another client gives way. */
const waitingMethods: ReadonlySet<AnyMethod> = new Set([services.lock.lock, services.election.campaign]);

/**
 * Opens a client for an etcd cluster. The promise resolves without waiting for a connection: each call waits for one, at
 * most for `timeoutMs`. With a user and password in `credentials`, it first logs in, within `dialTimeoutMs`.
 *
 * Rejects with a TypeError or RangeError for an unknown or wrong option, with a CliError when the options are unusable (no
 * endpoint, unreadable or mismatched TLS files, a send limit above the receive limit), and with an EtcdError when the login
 * fails. Call `close()` to release the connections.
 */
export async function connect(options: ConnectOptions): Promise<LibraryClient> {
  checkOptions("connect", options, connectTable);
  const { timeoutMs = defaultTimeoutMs, ...rest } = options;
  return clientOn(await open("connect", rest, timeoutMs), timeoutMs, options.clock ?? systemClock);
}

/**
 * Opens a gRPC transport and starts to connect to all endpoints. Resolves without waiting for a connection, unless
 * `credentials` has a user and password: then it logs in first, within `dialTimeoutMs`.
 *
 * Rejects as `connect` does. Pass the transport to `createClient`. Calls on the transport itself have no time limit by default.
 */
export async function openTransport(options: LibraryTransportOptions): Promise<Transport> {
  checkOptions("openTransport", options, transportTable);
  return open("openTransport", options, defaultTimeoutMs);
}

async function open(owner: string, options: LibraryTransportOptions, timeoutMs: number): Promise<Transport> {
  if ((options.endpoints as unknown) === undefined)
    throw new TypeError(`option endpoints of ${owner} is missing`);
  const transport = await import("../../transport/open");
  return withCause(() =>
    transport.openTransport({
      ...options,
      clock: options.clock ?? systemClock,
      dialTimeoutMs: options.dialTimeoutMs ?? (timeoutMs === Infinity ? 0 : timeoutMs),
    }),
  );
}

/**
 * Makes a client on a transport that is already open. It sends nothing. The client's `close()` closes the transport.
 * Throws a TypeError or RangeError for an unknown or wrong option.
 */
export function createClient(transport: Transport, options: ClientOptions = {}): LibraryClient {
  checkOptions("createClient", options, clientTable);
  return clientOn(transport, options.timeoutMs ?? defaultTimeoutMs, systemClock);
}

function clientOn(transport: Transport, timeoutMs: number, clock: Clock): LibraryClient {
  const diagnosed = diagnosing(transport);
  const entries = Object.entries(services).map(([name, service]) => {
    const methods = Object.entries<AnyMethod>(service).map(([rpc, method]) => [
      rpc,
      call(diagnosed, method, `${name}.${rpc}`, timeoutMs),
    ]);
    return [name, Object.fromEntries(methods)];
  });
  const rpc = Object.fromEntries(entries) as LibraryServices;
  const closing = new AbortController();
  const context = {
    ...{ transport: diagnosed, clock, timeoutMs },
    ...{ client: createPlainClient(transport), closed: closing.signal },
  };
  return {
    ...rpc,
    ...keyCalls(context),
    txn: (options) => newTxn(context, options),
    watch: Object.assign((options: WatchOptions = {}, ...rest: readonly unknown[]) => {
      refuseMore("watch", rest, "into the object with its range");
      return new Watcher({ ...context, service: context.client.watch }, options);
    }, rpc.watch),
    lease: Object.assign(
      (ttlSeconds: number | bigint, options?: CallOptions) => openLease(context, ttlSeconds, options),
      rpc.lease,
    ),
    lock: Object.assign(
      (name: Bytes, options?: LockOptions) => acquireLock(context, name, options),
      rpc.lock,
    ),
    election: Object.assign((name: Bytes) => new Election(context, name), rpc.election),
    snapshot(options = {}) {
      checkOptions("snapshot", options, callTable);
      return new SnapshotStream(context.client.transport, callOptionsOf(context, options));
    },
    transport,
    close() {
      closing.abort();
      return transport.close();
    },
  };
}

/** The same transport, with the diagnosis of a connection as the cause of an error. */
function diagnosing(transport: Transport): Transport {
  return {
    unary: (method, request, options) => withCause(() => transport.unary(method, request, options)),
    serverStream: (method, request, options) =>
      diagnosedStream(transport.serverStream(method, request, options)),
    duplex: (method, requests, options) => diagnosedStream(transport.duplex(method, requests, options)),
    close: () => transport.close(),
  };
}

async function* diagnosedStream<T>(responses: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* responses;
  } catch (error) {
    throw withDiagnosis(error);
  }
}

function call(transport: Transport, method: AnyMethod, name: string, defaultMs: number) {
  const limited = (options: CallOptions = {}): CallOptions => {
    checkOptions(name, options, callTable);
    const { timeoutMs, deadlineAt, connectTimeoutMs } = options;
    if (timeoutMs !== undefined || deadlineAt !== undefined) return options;
    return waitingMethods.has(method)
      ? { ...options, connectTimeoutMs: connectTimeoutMs ?? defaultMs }
      : { ...options, timeoutMs: defaultMs };
  };
  switch (method.kind) {
    case "unary":
      return async (request?: unknown, options?: CallOptions) =>
        transport.unary(method, fromInput(method.request, request), limited(options));
    case "serverStream":
      return (request?: unknown, options?: CallOptions) =>
        transport.serverStream(method, fromInput(method.request, request), limited(options));
    case "duplex":
      return (requests: AsyncIterable<unknown> | Iterable<unknown>, options?: CallOptions) =>
        duplex(transport, method, iteratorOf(requests, name), limited(options));
  }
}

type RequestIterator = AsyncIterator<unknown> | Iterator<unknown>;

function iteratorOf(
  requests: AsyncIterable<unknown> | Iterable<unknown>,
  name: string,
): () => RequestIterator {
  type Open = (this: unknown) => RequestIterator;
  const given = requests as { [Symbol.asyncIterator]?: Open; [Symbol.iterator]?: Open } | null | undefined;
  const open = given?.[Symbol.asyncIterator] ?? given?.[Symbol.iterator];
  if (open !== undefined && typeof requests !== "string") return () => open.call(requests);
  throw new TypeError(
    `the requests of ${name} must be an AsyncIterable or an array, not ${kindOf(requests)}`,
  );
}

/** Completes each request when the transport takes it. An error of the caller's requests ends the call unchanged. */
async function* duplex(
  transport: Transport,
  method: Extract<AnyMethod, { kind: "duplex" }>,
  open: () => RequestIterator,
  options: CallOptions,
): AsyncGenerator<unknown> {
  let failed: { readonly error: unknown } | undefined;
  // No generator: its return() would wait for the caller's next request.
  const complete = (source: RequestIterator): AsyncIterator<unknown> => ({
    async next() {
      try {
        const next = await source.next();
        return next.done === true ? next : { done: false, value: fromInput(method.request, next.value) };
      } catch (error) {
        failed = { error };
        throw error;
      }
    },
    async return() {
      await source.return?.();
      return { done: true, value: undefined };
    },
  });
  const requests: AsyncIterable<unknown> = { [Symbol.asyncIterator]: () => complete(open()) };
  try {
    yield* transport.duplex(method, requests, options) as AsyncIterable<unknown>;
  } catch (error) {
    throw failed === undefined ? error : failed.error;
  }
}
