// How long one call may go on: until its deadline, the caller's cancel or the transport's own end. All waits and all
// attempts of the call hang on one of these. Answers to Go's context and to what clientv3 makes of its errors.
import type { Clock } from "../clock";
import { longestTimerMs } from "../clock";
import type { ErrorDetails } from "../errors";
import { EtcdError, StatusCode } from "../errors";
import type { CallOptions } from "./transport";

export class Lifetime {
  /** Why it is over, once it is. */
  over: "deadline" | "canceled" | undefined;
  readonly deadlineMs: number | undefined;
  /** There was no time at all, as with --command-timeout=0s. */
  readonly stillborn: boolean;
  private readonly endings = new Set<() => void>();
  private readonly release: (() => void)[] = [];

  constructor(
    private readonly clock: Clock,
    options: CallOptions,
    ...signals: readonly (AbortSignal | undefined)[]
  ) {
    this.deadlineMs = options.deadlineMs;
    for (const signal of [options.signal, ...signals]) if (signal) this.follow(signal);
    if (this.deadlineMs !== undefined) this.watchClock(this.deadlineMs);
    this.stillborn = this.over !== undefined;
  }

  /** Milliseconds left; Infinity without a deadline. */
  get remainingMs(): number {
    return this.deadlineMs === undefined ? Infinity : this.deadlineMs - this.clock.now();
  }

  /** Runs `callback` when it ends early, at once when it already has; the result takes the callback back. */
  onOver(callback: () => void): () => void {
    if (this.over) callback();
    else this.endings.add(callback);
    return () => this.endings.delete(callback);
  }

  /** Resolves after the delay, or at the end if that is earlier. */
  async sleep(delayMs: number): Promise<void> {
    if (this.over) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        timer.cancel();
        forget();
        resolve();
      };
      const timer = this.clock.setTimeout(done, delayMs);
      const forget = this.onOver(done);
    });
  }

  /** What the call fails with once it is over. */
  error(details?: ErrorDetails): EtcdError {
    return this.over === "canceled"
      ? new EtcdError(StatusCode.Canceled, "context canceled", true, details)
      : new EtcdError(StatusCode.DeadlineExceeded, "context deadline exceeded", true, details);
  }

  /** The call has its result: nothing is watched any more. */
  end(): void {
    this.endings.clear();
    for (const release of this.release.splice(0)) release();
  }

  private follow(signal: AbortSignal): void {
    const cancel = () => this.finish("canceled");
    if (signal.aborted) return cancel();
    this.release.push(onAbort(signal, cancel));
  }

  private watchClock(deadlineMs: number): void {
    const delayMs = deadlineMs - this.clock.now();
    if (delayMs <= 0) return this.finish("deadline");
    if (delayMs > longestTimerMs) return;
    const timer = this.clock.setTimeout(() => this.finish("deadline"), delayMs);
    this.release.push(() => timer.cancel());
  }

  private finish(why: "deadline" | "canceled"): void {
    if (this.over) return;
    this.over = why;
    for (const callback of [...this.endings]) callback();
    this.endings.clear();
  }
}

// Many callbacks on one AbortSignal with a single listener: calls at the same time share their caller's signal, and Node
// warns about more than ten listeners.

const callbacksOf = new WeakMap<AbortSignal, Set<() => void>>();

/** Runs `callback` when the signal is aborted; the result takes it back. */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
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
