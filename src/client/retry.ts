// Retries of calls that do no harm when the server runs them twice.
import { firstAborted, sleep, type Clock } from "../clock";
import { EtcdError, ServerStopped, StatusCode } from "../errors";
import type { CallOptions } from "../transport/transport";

const transientCodes: readonly StatusCode[] = [StatusCode.Unavailable, StatusCode.Internal];

/**
 * Whether another attempt may succeed: the member is down for a moment, or the cluster elects a leader. A server or a proxy
 * that cancels a call means it.
 * Go: client/v3/client.go (isHaltErr)
 */
export function isTransient(error: unknown): error is EtcdError {
  if (!(error instanceof EtcdError) || error instanceof ServerStopped) return false;
  return transientCodes.includes(error.code);
}

export interface RetryOptions {
  readonly clock: Clock;
  /** Options of one attempt. Each attempt has the time until their deadline. */
  readonly callOptions: () => CallOptions;
  /** Ends the attempts. */
  readonly signal?: AbortSignal | undefined;
  /** Decides after each transient failure. Default: always retry. */
  readonly shouldRetry?: (error: EtcdError) => boolean;
}

/** With one attempt running, the client waits this long for a response before it starts another. With two, twice as long. */
const silenceMs = 1000;
const maxAttempts = 3;
const retryDelayMs = 100;

/**
 * Calls until an attempt succeeds or fails for good. After a second without a response, another attempt starts beside the
 * first: a request that was on its way through a leader that died never gets a response. The first attempt continues, because
 * on a slow link its response is only late. At most three attempts run at a time. The first response counts.
 */
export async function retryTransient<T>(
  call: (options: CallOptions) => Promise<T>,
  { clock, callOptions, signal, shouldRetry = () => true }: RetryOptions,
): Promise<T> {
  const attempts = new Attempts<T>(clock, signal);
  try {
    for (;;) {
      attempts.start((attemptSignal) =>
        call({ deadlineAt: callOptions().deadlineAt, signal: attemptSignal }),
      );
      let delayMs = silenceMs * attempts.running;
      let failure: unknown;
      for (;;) {
        const outcome = await attempts.outcome(attempts.running < maxAttempts ? delayMs : Infinity);
        if (outcome === undefined) break;
        if ("response" in outcome) return outcome.response;
        failure = outcome.error;
        if (signal?.aborted || !mayRetry(failure) || !shouldRetry(failure)) throw failure;
        delayMs = retryDelayMs;
      }
      if (signal?.aborted) throw failure;
    }
  } finally {
    attempts.end();
  }
}

function mayRetry(error: unknown): error is EtcdError {
  return isTransient(error) || (error instanceof EtcdError && error.code === StatusCode.DeadlineExceeded);
}

type Outcome<T> = { readonly response: T } | { readonly error: unknown };

class Attempts<T> {
  running = 0;
  private readonly outcomes: Outcome<T>[] = [];
  private readonly over = new AbortController();
  /** Aborted with the caller's signal, too. */
  private readonly ended;
  private wake: () => void = () => undefined;

  constructor(
    private readonly clock: Clock,
    private readonly signal: AbortSignal | undefined,
  ) {
    this.ended = firstAborted(signal, this.over.signal);
  }

  start(call: (signal: AbortSignal) => Promise<T>): void {
    this.running++;
    call(this.ended.signal).then(
      (response) => this.take({ response }),
      (error: unknown) => this.take({ error }),
    );
  }

  /** The next outcome; undefined after the delay. Without a running attempt, the signal ends the wait too. */
  async outcome(delayMs: number): Promise<Outcome<T> | undefined> {
    if (this.outcomes.length === 0) {
      const woken = new AbortController();
      this.wake = () => woken.abort();
      const { signal, release } = firstAborted(this.running === 0 ? this.signal : undefined, woken.signal);
      await sleep(this.clock, delayMs, signal);
      release();
    }
    return this.outcomes.shift();
  }

  /** Cancels the attempts that still run. */
  end(): void {
    this.over.abort();
    this.ended.release();
  }

  private take(outcome: Outcome<T>): void {
    this.running--;
    this.outcomes.push(outcome);
    this.wake();
  }
}
