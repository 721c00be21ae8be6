// The real clock, taken from Node's own modules when this file is loaded: test frameworks that fake the globals
// (setTimeout, Date) can not stop a server or a client of the same process. Knows only what a Clock is.
import { performance } from "node:perf_hooks";
import { clearTimeout, setTimeout } from "node:timers";
import type { Clock } from "./io";

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
