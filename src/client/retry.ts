// Failures that pass: the member is gone for a moment, or the cluster has no leader yet; another try may succeed.
// Answers to isHaltErr of clientv3's client.go.
import type { Clock } from "../clock";
import { sleep } from "../clock";
import { EtcdError, StatusCode } from "../errors";
import type { CallOptions } from "../transport/transport";

const transientCodes: readonly StatusCode[] = [StatusCode.Unavailable, StatusCode.Internal];
const firstTryMs = 1000;
const retryMs = 100;

export function isTransient(error: unknown): error is EtcdError {
  if (!(error instanceof EtcdError)) return false;
  // A cancellation that is not our own is a server that shuts down.
  return transientCodes.includes(error.code) || (error.code === StatusCode.Canceled && !error.known);
}

export interface RetryOptions {
  readonly clock: Clock;
  /** The longest time of one try. */
  readonly callOptions: () => CallOptions;
  /** Ends the tries. */
  readonly signal?: AbortSignal | undefined;
  /** Asked after each failure that passes; by default yes. */
  readonly shouldRetry?: (error: EtcdError) => boolean;
}

/**
 * For calls that do no harm when they are made twice: until one is answered. The first tries are short, since a request
 * that was on its way through a leader who died is answered by nobody.
 */
export async function retryTransient<T>(
  call: (options: CallOptions) => Promise<T>,
  { clock, callOptions: longest, signal, shouldRetry: mayGoOn = () => true }: RetryOptions,
): Promise<T> {
  for (let tryMs = firstTryMs; ; tryMs *= 2) {
    const deadlineAt = Math.min(clock.now() + tryMs, longest().deadlineAt ?? Infinity);
    try {
      return await call({ deadlineAt, signal });
    } catch (error) {
      const isLate = error instanceof EtcdError && error.code === StatusCode.DeadlineExceeded;
      if (signal?.aborted || !(isTransient(error) || isLate) || !mayGoOn(error)) throw error;
      await sleep(clock, retryMs, signal);
      if (signal?.aborted) throw error;
    }
  }
}
