// A Transport to the handlers in this process, without a socket. As over the network, messages are encoded and decoded,
// deadlines and cancels end calls, and streams wait for their readers.
import { backgroundClock, longestTimerMs, type Clock } from "../../clock";
import { CliError, EtcdError, ServerStopped, StatusCode } from "../../errors";
import { errorFromStatus } from "../../etcd/error-table";
import { apiVersion } from "../../etcd/versions";
import type { AnyMethod, Method } from "../../proto/message";
import { decode, encode } from "../../proto/message";
import { withDeadline } from "../../transport/lifetime";
import type { CallOptions, Transport } from "../../transport/transport";
import { isEndless } from "../streams/drain";
import { statusOf } from "../member/errors";
import { decodeRequest, findRoute, type Routes, type ServerCall } from "./routes";

/** The calls of all in-process transports of a server, which its stop waits for. */
export class RunningCalls {
  private readonly calls = new Set<Promise<unknown>>();
  private refusal: EtcdError | undefined;

  /** Throws the reason once drain() was called. */
  assertOpen(): void {
    if (this.refusal === undefined) return;
    const { code, desc, known } = this.refusal;
    throw new ServerStopped(code, desc, known);
  }

  add(path: string, call: Promise<unknown>): void {
    if (isEndless(path)) return;
    this.calls.add(call);
    const forget = () => void this.calls.delete(call);
    call.then(forget, forget);
  }

  /** Refuses new calls, and resolves when the others are answered. */
  async drain(reason: EtcdError): Promise<void> {
    this.refusal ??= reason;
    await Promise.allSettled(this.calls);
  }
}

export interface InProcessOptions {
  /** Refuses calls that begin while the server stops, and lets it wait for the others. */
  readonly running?: RunningCalls | undefined;
  /** Ends the calls that are left. */
  readonly stopping?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
  /** Caller of all calls. Default: no token and no certificate. */
  readonly caller?: Pick<ServerCall, "metadata" | "commonName"> | undefined;
}

/** close() ends the running calls. An abort of `stopping` ends them too, with its reason. */
export function inProcessTransport(
  routes: Routes,
  { running, stopping, clock = backgroundClock, caller }: InProcessOptions = {},
): Transport {
  const calls = new Set<InProcessCall>();
  let closed: { readonly reason: unknown } | undefined;
  const end = (reason: unknown) => {
    closed ??= { reason };
    for (const call of calls) call.end(reason);
  };
  const stop = () => end(stopping?.reason);
  if (stopping?.aborted === true) stop();
  stopping?.addEventListener("abort", stop, { once: true });

  function start(options: CallOptions): InProcessCall {
    running?.assertOpen();
    const call = new InProcessCall(options, clock, caller, () => calls.delete(call));
    calls.add(call);
    if (closed !== undefined) call.end(closed.reason);
    return call;
  }

  return {
    async unary<I, O>(method: Method<I, O, "unary">, request: I, options: CallOptions): Promise<O> {
      const call = start(withDeadline(options, clock));
      try {
        const response = call.handle(routes, method, request) as O | Promise<O>;
        if (response instanceof Promise) running?.add(method.path, response);
        return received(method, await call.unlessEnded(response));
      } catch (error) {
        throw call.failure(error);
      } finally {
        call.finish();
      }
    },

    serverStream<I, O>(method: Method<I, O, "serverStream">, request: I, options: CallOptions) {
      const run = (call: InProcessCall) => call.handle(routes, method, request) as AsyncIterable<O>;
      return responses(method, () => start(options), run);
    },

    duplex<I, O>(method: Method<I, O, "duplex">, requests: AsyncIterable<I>, options: CallOptions) {
      const run = (call: InProcessCall) =>
        findRoute(routes, method.path).handler(
          sentRequests(method, requests, call),
          call,
        ) as AsyncIterable<O>;
      return responses(method, () => start(options), run);
    },

    close() {
      stopping?.removeEventListener("abort", stop);
      end(errorFromStatus(StatusCode.Canceled, "grpc: the client connection is closing"));
      return Promise.resolve();
    },
  };
}

/** One call. It ends by the first of the caller's signal, the deadline, the transport's close and the server's stop. */
class InProcessCall implements ServerCall {
  requestSizeBytes = 0;
  readonly clientVersion = apiVersion;
  readonly metadata: ReadonlyMap<string, string>;
  private readonly ending = new AbortController();
  private readonly cleanups: (() => void)[] = [];

  readonly commonName: string | undefined;
  readonly requiresLeader: boolean;

  constructor(
    { signal, deadlineAt, requireLeader }: CallOptions,
    clock: Clock,
    caller: InProcessOptions["caller"],
    forget: () => void,
  ) {
    this.metadata = new Map([
      ...(caller?.metadata ?? []),
      ...(requireLeader === true ? [["hasleader", "true"] as const] : []),
    ]);
    this.requiresLeader = requireLeader === true;
    this.commonName = caller?.commonName;
    this.cleanups.push(forget);
    if (signal !== undefined) {
      const cancel = () =>
        this.end(new EtcdError(StatusCode.Canceled, "context canceled", true, { cause: signal.reason }));
      if (signal.aborted) cancel();
      signal.addEventListener("abort", cancel, { once: true });
      this.cleanups.push(() => signal.removeEventListener("abort", cancel));
    }
    if (deadlineAt !== undefined) {
      const expire = () =>
        this.end(new EtcdError(StatusCode.DeadlineExceeded, "context deadline exceeded", true));
      const leftMs = deadlineAt - clock.now();
      if (leftMs <= 0) expire();
      const timer = clock.setTimeout(expire, Math.max(0, Math.min(leftMs, longestTimerMs)));
      this.cleanups.push(() => timer.cancel());
    }
  }

  /** Only the first call has an effect. */
  end(reason: unknown): void {
    this.ending.abort(reason);
  }

  get signal(): AbortSignal {
    return this.ending.signal;
  }

  /** Runs the handler on an encoded and decoded copy of the request. */
  handle(routes: Routes, method: AnyMethod, request: unknown): unknown {
    this.signal.throwIfAborted();
    const { handler } = findRoute(routes, method.path);
    const bytes = encode(method.request, request);
    this.requestSizeBytes = bytes.length;
    return handler(decodeRequest(method, bytes), this);
  }

  unlessEnded<T>(value: T | PromiseLike<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const ended = () => reject(this.signal.reason as Error);
      if (this.signal.aborted) return ended();
      this.signal.addEventListener("abort", ended, { once: true });
      Promise.resolve(value)
        .then(resolve, reject)
        .finally(() => this.signal.removeEventListener("abort", ended));
    });
  }

  /** The error that a client makes from a gRPC status. */
  failure(error: unknown): unknown {
    if (this.signal.aborted && error === this.signal.reason) return error;
    // A CliError of offline mode goes to the user unchanged, with its hints.
    if (error instanceof CliError) return error;
    const { code, desc } = statusOf(error);
    return errorFromStatus(code, desc, error instanceof EtcdError ? error : { cause: error });
  }

  /** Called after the response, or when the caller has left: aborts the handler's signal. */
  finish(): void {
    for (const each of this.cleanups) each();
    this.end(undefined);
  }
}

/** The handler starts when the reader requests the first response, and continues when it requests the next one. */
async function* responses<O>(
  method: AnyMethod,
  start: () => InProcessCall,
  run: (call: InProcessCall) => AsyncIterable<O>,
): AsyncGenerator<O> {
  const call = start();
  let iterator: AsyncIterator<O> | undefined;
  try {
    call.signal.throwIfAborted();
    iterator = run(call)[Symbol.asyncIterator]();
    for (;;) {
      const next = await call.unlessEnded(iterator.next());
      if (next.done === true) return;
      yield received(method, next.value);
    }
  } catch (error) {
    throw call.failure(error);
  } finally {
    call.finish();
    // The handler ends by its signal. Its end is not awaited.
    void iterator?.return?.().catch(() => undefined);
  }
}

async function* sentRequests(
  method: AnyMethod,
  requests: AsyncIterable<unknown>,
  call: InProcessCall,
): AsyncGenerator<unknown> {
  const iterator = requests[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await call.unlessEnded(iterator.next()).catch((error: unknown) => {
        if (call.signal.aborted) return { done: true, value: undefined } as const;
        throw error;
      });
      if (next.done === true) return;
      yield decodeRequest(method, encode(method.request, next.value));
    }
  } finally {
    void iterator.return?.().catch(() => undefined);
  }
}

function received<O>(method: AnyMethod, message: O): O {
  return decode(method.response, encode(method.response, message)) as O;
}
