// A stream in which each message has the deadline of one call. A deadline for the whole stream would also count the time
// that the reader of the output takes (`| less`); Go's single response is complete by then.
import { firstAborted, longestTimerMs, type Clock } from "../clock";
import { EtcdError, StatusCode } from "../errors";
import type { CallOptions } from "../transport/transport";

export interface PerMessageDeadlineOptions {
  /** Called before each message: their deadline is that of the next message. */
  readonly callOptions: () => CallOptions;
  readonly streamOptions: () => CallOptions;
  readonly clock: Clock;
}

/** Passed as the abort reason, it makes the transport use another member for the next call. */
const timeout = new EtcdError(StatusCode.DeadlineExceeded, "context deadline exceeded", true);

/** Throws DeadlineExceeded when a message is late. */
export async function* perMessageDeadline<T>(
  open: (options: CallOptions) => AsyncIterable<T>,
  { callOptions, streamOptions, clock }: PerMessageDeadlineOptions,
): AsyncGenerator<T> {
  const options = streamOptions();
  const late = new AbortController();
  const { signal, release } = firstAborted(options.signal, late.signal);
  const startTimer = () => {
    const { deadlineAt } = callOptions();
    const delayMs = deadlineAt === undefined ? Infinity : deadlineAt - clock.now();
    return delayMs > longestTimerMs ? undefined : clock.setTimeout(() => late.abort(timeout), delayMs);
  };
  let timer = startTimer();
  try {
    for await (const message of open({ ...options, signal })) {
      timer?.cancel();
      yield message;
      timer = startTimer();
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
    release();
  }
}
