// The lifetime of one call, the counterpart of Go's context. It ends at the call's deadline, when the caller cancels, or when
// the transport closes. Every wait and every attempt of the call ends with it.
import { addAbortListener, longestTimerMs, type Clock } from "../clock";
import { EtcdError, StatusCode, type ErrorDetails } from "../errors";
import type { CallOptions } from "./transport";

/** The options of a unary call, with `timeoutMs` as a point in time. */
export function withDeadline(options: CallOptions, clock: Clock): CallOptions {
  const { timeoutMs = Infinity, deadlineAt = Infinity, ...rest } = options;
  const earlier = Math.min(deadlineAt, clock.now() + timeoutMs);
  return earlier === Infinity ? rest : { ...rest, deadlineAt: earlier };
}

/** The options of a stream, for which `timeoutMs` counts until there is a connection. */
export function forStream({
  timeoutMs = Infinity,
  connectTimeoutMs = Infinity,
  ...rest
}: CallOptions): CallOptions {
  return { ...rest, connectTimeoutMs: Math.min(timeoutMs, connectTimeoutMs) };
}

/** Whether the caller aborted its signal because its time is over. The call then ends as at its deadline. */
function isTimeout(reason: unknown): boolean {
  return reason instanceof EtcdError && reason.code === StatusCode.DeadlineExceeded;
}

export class Lifetime {
  /** Why the call has ended. Undefined while it runs. */
  endedBy: "deadline" | "canceled" | undefined;
  readonly deadlineAt: number | undefined;
  private readonly connectTimeoutMs: number;
  /** The deadline was over before the call began, as with --command-timeout=0s. */
  readonly expiredAtStart: boolean;
  private readonly callbacks = new Set<() => void>();
  private readonly cleanups: (() => void)[] = [];

  constructor(
    private readonly clock: Clock,
    options: CallOptions,
    ...signals: readonly (AbortSignal | undefined)[]
  ) {
    this.deadlineAt = options.deadlineAt;
    this.connectTimeoutMs = options.connectTimeoutMs ?? Infinity;
    for (const signal of [options.signal, ...signals]) if (signal) this.follow(signal);
    if (this.deadlineAt !== undefined) this.watchClock(this.deadlineAt);
    this.expiredAtStart = this.endedBy !== undefined;
  }

  /** Milliseconds until the deadline; Infinity without one. */
  get remainingMs(): number {
    return this.deadlineAt === undefined ? Infinity : this.deadlineAt - this.clock.now();
  }

  /** Runs `callback` when the deadline passes or the call is canceled, at once if it has. Returns a function to unsubscribe. */
  onEnd(callback: () => void): () => void {
    if (this.endedBy) callback();
    else this.callbacks.add(callback);
    return () => this.callbacks.delete(callback);
  }

  /** Runs a part of the call before the server has it, such as the wait for a connection. Ends the lifetime when it takes too long. */
  async connecting<T>(work: () => Promise<T>): Promise<T> {
    if (this.connectTimeoutMs > longestTimerMs || this.endedBy) return work();
    const timer = this.clock.setTimeout(() => this.finish("deadline"), this.connectTimeoutMs);
    try {
      return await work();
    } finally {
      timer.cancel();
    }
  }

  /** Resolves after the delay, or when the lifetime ends. */
  async sleep(delayMs: number): Promise<void> {
    if (this.endedBy) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        timer.cancel();
        unsubscribe();
        resolve();
      };
      const timer = this.clock.setTimeout(done, delayMs);
      const unsubscribe = this.onEnd(done);
    });
  }

  /**
   * Whether this status of the server means that the deadline is over. A grpc-go server resets the stream at the deadline, with
   * the code CANCEL, often before the timer of the client. Go: google.golang.org/grpc/internal/transport (handleRSTStream)
   */
  isDeadline(code: StatusCode): boolean {
    if (this.deadlineAt === undefined) return false;
    return code === StatusCode.DeadlineExceeded || (code === StatusCode.Canceled && this.remainingMs <= 0);
  }

  /** The error of the call once the lifetime has ended. */
  error(details?: ErrorDetails): EtcdError {
    return this.endedBy === "canceled"
      ? new EtcdError(StatusCode.Canceled, "context canceled", true, details)
      : new EtcdError(StatusCode.DeadlineExceeded, "context deadline exceeded", true, details);
  }

  /** Releases timers and listeners when the call has its result. */
  dispose(): void {
    this.callbacks.clear();
    for (const cleanUp of this.cleanups.splice(0)) cleanUp();
  }

  private follow(signal: AbortSignal): void {
    const cancel = () => this.finish(isTimeout(signal.reason) ? "deadline" : "canceled");
    if (signal.aborted) return cancel();
    this.cleanups.push(addAbortListener(signal, cancel));
  }

  private watchClock(deadlineAt: number): void {
    const delayMs = deadlineAt - this.clock.now();
    if (delayMs <= 0) return this.finish("deadline");
    if (delayMs > longestTimerMs) return;
    const timer = this.clock.setTimeout(() => this.finish("deadline"), delayMs);
    this.cleanups.push(() => timer.cancel());
  }

  private finish(why: "deadline" | "canceled"): void {
    if (this.endedBy) return;
    this.endedBy = why;
    for (const callback of [...this.callbacks]) callback();
    this.callbacks.clear();
  }
}
