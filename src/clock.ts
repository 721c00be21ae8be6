// Time as a value: clocks are injected, so that tests control time. The real clocks take Node's own timer functions when this
// file is loaded. A test framework that fakes the globals (setTimeout, Date) cannot stop a server or client of the same process.
import { performance } from "node:perf_hooks";
import { clearTimeout, setTimeout } from "node:timers";

/** The longest delay that Node's timers take. */
export const longestTimerMs = 2 ** 31 - 1;

/** One clock and one source of randomness for retries, leases and tests with faked time. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Monotonic nanoseconds, for durations. */
  monotonicNs(): bigint;
  setTimeout(callback: () => void, delayMs: number): { cancel(): void };
}

/** For what somebody waits for: a timer keeps the process alive. */
export const systemClock: Clock = clockOf(true);

/** For what may never come: a lease that runs out some day keeps no process alive. */
export const backgroundClock: Clock = clockOf(false);

function clockOf(holdsProcess: boolean): Clock {
  const hrtime = process.hrtime.bigint;
  return {
    now: () => Math.round(performance.timeOrigin + performance.now()),
    monotonicNs: () => hrtime(),
    setTimeout(callback, delayMs) {
      const timer = setTimeout(callback, Math.max(0, delayMs));
      if (!holdsProcess) timer.unref();
      return { cancel: () => clearTimeout(timer) };
    },
  };
}

/** Waits on the clock. Resolves early, without an error, when the signal is aborted. */
export async function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return;
  await new Promise<void>((resolve) => {
    const timer = clock.setTimeout(end, Math.min(delayMs, longestTimerMs));
    function end() {
      timer.cancel();
      signal?.removeEventListener("abort", end);
      resolve();
    }
    signal?.addEventListener("abort", end);
  });
}
