// The deadline of a call through the gateway: the header `Grpc-Timeout`.
// Go: grpc-gateway's runtime/context.go (annotateContext, timeoutDecode)
import { longestTimerMs, type Clock } from "../../clock";
import { EtcdError, StatusCode } from "../../errors";
import { parseInt64 } from "../../go/strconv";

export interface Deadline {
  /** Aborted when the client disconnects or the time is over. */
  readonly signal: AbortSignal;
  /** Throws DeadlineExceeded if the time is over before the work. */
  within<T>(work: T | Promise<T>): Promise<T>;
  /** Throws DeadlineExceeded for a time that was over at the beginning. */
  check(): void;
  clear(): void;
}

/** Throws EtcdError for a header that is no time. */
export function deadlineOf(header: unknown, disconnected: AbortSignal, clock: Clock): Deadline {
  const timeoutMs = typeof header === "string" && header !== "" ? parseTimeout(header) : 0;
  const check = () => {
    if (timeoutMs < 0) throw exceeded();
  };
  if (timeoutMs <= 0 || timeoutMs > longestTimerMs)
    return { signal: disconnected, within: async (work) => await work, check, clear: () => undefined };
  const over = new AbortController();
  const timer = clock.setTimeout(() => over.abort(), timeoutMs);
  const expired = new Promise<never>((_resolve, reject) =>
    over.signal.addEventListener("abort", () => reject(exceeded())),
  );
  expired.catch(() => undefined);
  return {
    signal: AbortSignal.any([disconnected, over.signal]),
    within: (work) => Promise.race([expired, work]),
    check,
    clear: () => timer.cancel(),
  };
}

export async function* eachWithin<T>(deadline: Deadline, messages: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = messages[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { done, value } = await deadline.within(iterator.next());
      if (done === true) return;
      yield value;
    }
  } finally {
    // Not awaited: a handler that still waits ends by the signal.
    iterator.return?.().catch(() => undefined);
  }
}

function exceeded(): EtcdError {
  return new EtcdError(StatusCode.DeadlineExceeded, "context deadline exceeded", false);
}

const nanosecondsOf: Readonly<Record<string, bigint>> = {
  H: 3_600_000_000_000n,
  M: 60_000_000_000n,
  S: 1_000_000_000n,
  m: 1_000_000n,
  u: 1000n,
  n: 1n,
};

/** In milliseconds. A product that does not fit 64 bits wraps around, as in Go. */
function parseTimeout(text: string): number {
  try {
    const unit = nanosecondsOf[text.slice(-1)];
    if (unit !== undefined) return Number(BigInt.asIntN(64, unit * parseInt64(text.slice(0, -1)))) / 1e6;
  } catch {
    // The error below says it.
  }
  throw new EtcdError(StatusCode.InvalidArgument, `invalid grpc-timeout: ${text}`, false);
}
