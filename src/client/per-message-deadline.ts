// A stream whose every message must come within the time of one call. A deadline for the whole stream would also count
// the time that the reader of our output takes (`| less`), and Go's single answer is complete by then.
import { longestTimerMs, type Clock } from "../clock";
import { EtcdError, StatusCode } from "../errors";
import type { CallOptions } from "../transport/transport";

export interface PerMessageDeadlineOptions {
  readonly callOptions: () => CallOptions;
  readonly streamOptions: () => CallOptions;
  readonly clock: Clock;
}

const silence = new EtcdError(StatusCode.DeadlineExceeded, "context deadline exceeded", true);

export async function* perMessageDeadline<T>(
  open: (options: CallOptions) => AsyncIterable<T>,
  { callOptions: call, streamOptions: stream, clock }: PerMessageDeadlineOptions,
): AsyncGenerator<T> {
  const options = stream();
  const late = new AbortController();
  const signals = options.signal ? [options.signal, late.signal] : [late.signal];
  const wait = () => {
    const { deadlineAt } = call();
    const delayMs = deadlineAt === undefined ? Infinity : deadlineAt - clock.now();
    return delayMs > longestTimerMs ? undefined : clock.setTimeout(() => late.abort(silence), delayMs);
  };
  let timer = wait();
  try {
    for await (const message of open({ ...options, signal: AbortSignal.any(signals) })) {
      timer?.cancel();
      yield message;
      timer = wait();
    }
  } catch (error) {
    if (!late.signal.aborted) throw error;
    const hints = error instanceof EtcdError ? error.hints : [];
    throw new EtcdError(StatusCode.DeadlineExceeded, "context deadline exceeded", true, {
      cause: error,
      hints,
    });
  } finally {
    timer?.cancel();
  }
}
