// The client that the library exports. It accepts partial messages, checks names, and gives every call a time limit. The
// programs use ../client.ts, which does none of this.
import { systemClock } from "../../clock";
import type { AnyMethod, Method, ServiceDescription } from "../../proto/message";
import type { CallOptions, Transport, TransportOptions } from "../../transport/transport";
import { services } from "../client";
import { fromInput, kindOf, type Input } from "./input";
import { callTable, checkOptions, transportTable, type OptionTable } from "./options";

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

/**
 * A client for all services of etcd's v3 API: `kv`, `watch`, `lease`, `cluster`, `maintenance`, `auth`, `lock` and
 * `election`. A request is a plain object with any fields of the message (see Input). A response has all fields, with 64-bit
 * integers as bigint and bytes as Uint8Array.
 *
 * A failed call is an EtcdError; its `hints` say why, for example what is wrong with each endpoint. A unary call rejects, a
 * stream throws in its loop. Leaving the loop over a stream cancels the call. An unknown field or option, or a value of the
 * wrong kind, is a TypeError or RangeError, and nothing is sent.
 */
export type LibraryClient = {
  readonly [Name in keyof typeof services]: LibraryService<(typeof services)[Name]>;
} & {
  /** The transport under this client, for calls with other message types. It takes complete messages and checks nothing. */
  readonly transport: Transport;
  /** Ends every running call with Canceled and closes all connections. A second call does nothing. */
  close(): Promise<void>;
};

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
  return createClient(await open(rest, timeoutMs), { timeoutMs });
}

/**
 * Opens a gRPC transport and starts to connect to all endpoints. Resolves without waiting for a connection, unless
 * `credentials` has a user and password: then it logs in first, within `dialTimeoutMs`.
 *
 * Rejects as `connect` does. Pass the transport to `createClient`. Calls on the transport itself have no time limit by default.
 */
export async function openTransport(options: LibraryTransportOptions): Promise<Transport> {
  checkOptions("openTransport", options, transportTable);
  return open(options, defaultTimeoutMs);
}

async function open(options: LibraryTransportOptions, timeoutMs: number): Promise<Transport> {
  const transport = await import("../../transport/open");
  return transport.openTransport({
    ...options,
    clock: options.clock ?? systemClock,
    dialTimeoutMs: options.dialTimeoutMs ?? (timeoutMs === Infinity ? 0 : timeoutMs),
  });
}

/**
 * Makes a client on a transport that is already open. It sends nothing. The client's `close()` closes the transport.
 * Throws a TypeError or RangeError for an unknown or wrong option.
 */
export function createClient(transport: Transport, options: ClientOptions = {}): LibraryClient {
  checkOptions("createClient", options, clientTable);
  const { timeoutMs = defaultTimeoutMs } = options;
  const entries = Object.entries(services).map(([name, service]) => {
    const methods = Object.entries<AnyMethod>(service).map(([rpc, method]) => [
      rpc,
      call(transport, method, `${name}.${rpc}`, timeoutMs),
    ]);
    return [name, Object.fromEntries(methods)];
  });
  return { ...Object.fromEntries(entries), transport, close: () => transport.close() } as LibraryClient;
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
