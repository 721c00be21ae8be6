// The real clock, taken from Node's own modules when this file is loaded: test frameworks that fake the globals
// (setTimeout, Date) can not stop a server that runs in the same process.
import { performance } from "node:perf_hooks";
import { clearTimeout, setTimeout } from "node:timers";
import type { Clock } from "../io";

const hrtime = process.hrtime.bigint;

export const systemClock: Clock = {
  now: () => Math.round(performance.timeOrigin + performance.now()),
  monotonicNs: () => hrtime(),
  setTimeout(callback, delayMs) {
    const timer = setTimeout(callback, delayMs);
    // A lease that runs out some day keeps no process alive; the listener does while it is open.
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
};
