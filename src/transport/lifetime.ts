// How long one call may go on: until its deadline, the caller's cancel or the transport's own end. All waits and all
// attempts of the call hang on one of these. Answers to Go's context and to what clientv3 makes of its errors.
import type { Clock } from "../clock";
import { longestTimerMs } from "../clock";
import type { ErrorDetails } from "../errors";
import { EtcdError, StatusCode } from "../errors";
import type { CallOptions } from "./transport";

export class Lifetime {
  /** Why it is over, once it is. */
  endedBy: "deadline" | "canceled" | undefined;
  readonly deadlineAt: number | undefined;
  /** There was no time at all, as with --command-timeout=0s. */
  readonly expiredAtStart: boolean;
  private readonly endings = new Set<() => void>();
  private readonly cleanups: (() => void)[] = [];

  constructor(
    private readonly clock: Clock,
    options: CallOptions,
    ...signals: readonly (AbortSignal | undefined)[]
  ) {
    this.deadlineAt = options.deadlineAt;
    for (const signal of [options.signal, ...signals]) if (signal) this.follow(signal);
    if (this.deadlineAt !== undefined) this.watchClock(this.deadlineAt);
    this.expiredAtStart = this.endedBy !== undefined;
  }

  /** Milliseconds left; Infinity without a deadline. */
  get remainingMs(): number {
    return this.deadlineAt === undefined ? Infinity : this.deadlineAt - this.clock.now();
  }

  /** Runs `callback` when it ends early, at once when it already has; the result takes the callback back. */
  onEnd(callback: () => void): () => void {
    if (this.endedBy) callback();
    else this.endings.add(callback);
    return () => this.endings.delete(callback);
  }

  /** Resolves after the delay, or at the end if that is earlier. */
  async sleep(delayMs: number): Promise<void> {
    if (this.endedBy) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        timer.cancel();
        forget();
        resolve();
      };
      const timer = this.clock.setTimeout(done, delayMs);
      const forget = this.onEnd(done);
    });
  }

  /** What the call fails with once it is over. */
  error(details?: ErrorDetails): EtcdError {
    return this.endedBy === "canceled"
      ? new EtcdError(StatusCode.Canceled, "context canceled", true, details)
      : new EtcdError(StatusCode.DeadlineExceeded, "context deadline exceeded", true, details);
  }

  /** The call has its result: nothing is watched any more. */
  dispose(): void {
    this.endings.clear();
    for (const release of this.cleanups.splice(0)) release();
  }

  private follow(signal: AbortSignal): void {
    const cancel = () => this.finish("canceled");
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
    for (const callback of [...this.endings]) callback();
    this.endings.clear();
  }
}

// Many callbacks on one AbortSignal with a single listener: calls at the same time share their caller's signal, and Node
// warns about more than ten listeners.

const callbacksOf = new WeakMap<AbortSignal, Set<() => void>>();

/** Runs `callback` when the signal is aborted; the result takes it back. */
export function addAbortListener(signal: AbortSignal, callback: () => void): () => void {
  const callbacks = callbacksOf.get(signal) ?? listenTo(signal);
  callbacks.add(callback);
  return () => callbacks.delete(callback);
}

function listenTo(signal: AbortSignal): Set<() => void> {
  const callbacks = new Set<() => void>();
  callbacksOf.set(signal, callbacks);
  const abort = () => {
    for (const callback of [...callbacks]) callback();
    callbacks.clear();
  };
  signal.addEventListener("abort", abort, { once: true });
  return callbacks;
}
