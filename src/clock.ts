// Time as a value: every part that waits gets a Clock, so tests control time. The real clocks take Node's functions when this
// file loads. A test framework that fakes setTimeout, Date or hrtime later does not stop a server or client in its process.
import { performance } from "node:perf_hooks";
import { hrtime } from "node:process";
import { clearTimeout, setTimeout } from "node:timers";

/** The longest delay that Node's timers take. */
export const longestTimerMs = 2 ** 31 - 1;

/** The time that deadlines, retries and leases follow. Tests pass one that they move by hand. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Monotonic nanoseconds, for durations. */
  monotonicNs(): bigint;
  setTimeout(callback: () => void, delayMs: number): { cancel(): void };
}

/** Timers keep the process alive: for work that a caller waits for. */
export const systemClock: Clock = clockOf(true);

/** Timers do not keep the process alive: for events that may never come, such as the end of a lease. */
export const backgroundClock: Clock = clockOf(false);

function clockOf(holdsProcess: boolean): Clock {
  const monotonicNs = hrtime.bigint;
  return {
    now: () => Math.round(performance.timeOrigin + performance.now()),
    monotonicNs: () => monotonicNs(),
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
