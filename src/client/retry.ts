// Retries of calls that do no harm when the server runs them twice.
import { sleep, type Clock } from "../clock";
import { EtcdError, StatusCode } from "../errors";
import type { CallOptions } from "../transport/transport";

const transientCodes: readonly StatusCode[] = [StatusCode.Unavailable, StatusCode.Internal];

/**
 * Whether another attempt may succeed: the member is down for a moment, or the cluster elects a leader.
 * Go: client/v3/client.go (isHaltErr)
 */
export function isTransient(error: unknown): error is EtcdError {
  if (!(error instanceof EtcdError)) return false;
  // An unknown cancellation does not come from this client: the server shuts down.
  return transientCodes.includes(error.code) || (error.code === StatusCode.Canceled && !error.known);
}

export interface RetryOptions {
  readonly clock: Clock;
  /** Options of one attempt. Their deadline is the longest time that an attempt may take. */
  readonly callOptions: () => CallOptions;
  /** Ends the attempts. */
  readonly signal?: AbortSignal | undefined;
  /** Decides after each transient failure. Default: always retry. */
  readonly shouldRetry?: (error: EtcdError) => boolean;
}

const firstAttemptMs = 1000;
const retryDelayMs = 100;

/**
 * Calls until an attempt succeeds or fails for good. The first attempt may take one second, each next one twice as long:
 * a request that was on its way through a leader that died never gets a response.
 */
export async function retryTransient<T>(
  call: (options: CallOptions) => Promise<T>,
  { clock, callOptions, signal, shouldRetry = () => true }: RetryOptions,
): Promise<T> {
  for (let attemptMs = firstAttemptMs; ; attemptMs *= 2) {
    const deadlineAt = Math.min(clock.now() + attemptMs, callOptions().deadlineAt ?? Infinity);
    try {
      return await call({ deadlineAt, signal });
    } catch (error) {
      const isLate = error instanceof EtcdError && error.code === StatusCode.DeadlineExceeded;
      if (signal?.aborted || !(isTransient(error) || isLate) || !shouldRetry(error)) throw error;
      await sleep(clock, retryDelayMs, signal);
      if (signal?.aborted) throw error;
    }
  }
}
