// A Transport to Routes in this process: no socket, but every message is encoded and decoded, deadlines and cancels
// end calls, and streams wait for their readers, as over the wire. Offline mode and in-process clients of tests use it.
import { CliError, EtcdError, StatusCode } from "../errors";
import type { Clock } from "../io";
import { decode, encode } from "../proto/codec";
import type { AnyMethod, Method } from "../proto/message";
import { errorFromStatus, serverErrors } from "../transport/error-table";
import type { CallOptions, Transport } from "../transport/transport";
import { decodeRequest, findRoute, type Routes, type ServerCall } from "./rpc/routes";
import { systemClock } from "./system-clock";

/** `close` also ends the calls that are under way; so does `stopping`. */
export function inProcessTransport(
  routes: Routes,
  { stopping, clock = systemClock }: { stopping?: AbortSignal; clock?: Clock } = {},
): Transport {
  const closing = new AbortController();
  const ends = stopping === undefined ? [closing.signal] : [closing.signal, stopping];

  return {
    async unary<I, O>(method: Method<I, O, "unary">, request: I, options: CallOptions): Promise<O> {
      const call = new InProcessCall(options, ends, clock);
      try {
        const answer = call.handle(routes, method, request) as O | Promise<O>;
        return received(method, await call.unlessEnded(answer));
      } catch (error) {
        throw call.failure(error);
      } finally {
        call.finish();
      }
    },

    serverStream<I, O>(method: Method<I, O, "serverStream">, request: I, options: CallOptions) {
      const call = new InProcessCall(options, ends, clock);
      return responses<O>(method, call, () => call.handle(routes, method, request) as AsyncIterable<O>);
    },

    duplex<I, O>(method: Method<I, O, "duplex">, requests: AsyncIterable<I>, options: CallOptions) {
      const call = new InProcessCall(options, ends, clock);
      const sent = sentRequests(method, requests, call);
      return responses<O>(
        method,
        call,
        () => findRoute(routes, method.path).handler(sent, call) as AsyncIterable<O>,
      );
    },

    close() {
      closing.abort(errorFromStatus(StatusCode.Canceled, "grpc: the client connection is closing"));
      return Promise.resolve();
    },
  };
}

/** One call: ended by the first of the caller's signal, its deadline, the transport's close and the server's stop. */
class InProcessCall implements ServerCall {
  requestSizeBytes = 0;
  readonly metadata: ReadonlyMap<string, string>;
  private readonly end = new AbortController();
  private readonly undo: (() => void)[] = [];

  constructor(options: CallOptions, ends: readonly AbortSignal[], clock: Clock) {
    this.metadata = new Map(options.requireLeader === true ? [["hasleader", "true"]] : []);
    for (const signal of ends) this.endWith(signal, (reason) => reason);
    if (options.signal !== undefined) {
      this.endWith(options.signal, (cause) =>
        errorFromStatus(StatusCode.Canceled, "context canceled", { cause }),
      );
    }
    if (options.deadlineMs !== undefined) {
      const { code, text } = serverErrors.deadlineExceeded;
      const expire = () => this.end.abort(errorFromStatus(code, text));
      const leftMs = options.deadlineMs - clock.now();
      if (leftMs <= 0) expire();
      const timer = clock.setTimeout(expire, Math.max(0, Math.min(leftMs, longestTimeoutMs)));
      this.undo.push(() => timer.cancel());
    }
  }

  get signal(): AbortSignal {
    return this.end.signal;
  }

  /** Runs the handler on the request as the server would read it. */
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

  /** As a client would see it who got no more than a status. */
  failure(error: unknown): unknown {
    if (error instanceof EtcdError) return errorFromStatus(error.code, error.desc, error);
    // Refusals of offline mode are for the user, with what to do next.
    if (error instanceof CliError) return error;
    return errorFromStatus(StatusCode.Unknown, error instanceof Error ? error.message : String(error), {
      cause: error,
    });
  }

  /** The caller has its answer, or has left: the handler is told. */
  finish(): void {
    for (const each of this.undo) each();
    this.end.abort();
  }

  private endWith(signal: AbortSignal, reasonOf: (reason: unknown) => unknown): void {
    const ended = () => this.end.abort(reasonOf(signal.reason));
    if (signal.aborted) return ended();
    signal.addEventListener("abort", ended, { once: true });
    this.undo.push(() => signal.removeEventListener("abort", ended));
  }
}

const longestTimeoutMs = 2 ** 31 - 1;

/** The next response is asked for when the reader has taken the last one. */
async function* responses<O>(
  method: AnyMethod,
  call: InProcessCall,
  start: () => AsyncIterable<O>,
): AsyncGenerator<O> {
  let iterator: AsyncIterator<O> | undefined;
  try {
    call.signal.throwIfAborted();
    iterator = start()[Symbol.asyncIterator]();
    for (;;) {
      const next = await call.unlessEnded(iterator.next());
      if (next.done === true) return;
      yield received(method, next.value);
    }
  } catch (error) {
    throw call.failure(error);
  } finally {
    call.finish();
    // The handler ends by the signal; nobody waits for it.
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
