// The server's timers and its reports of errors: what a callback throws is reported and ends that callback, never the process.
import type { Clock } from "../clock";

export function guardedClock(clock: Clock, onError: (error: unknown) => void): Clock {
  return {
    now: () => clock.now(),
    monotonicNs: () => clock.monotonicNs(),
    setTimeout(callback, delayMs) {
      const guarded = () => {
        try {
          callback();
        } catch (error) {
          onError(error);
        }
      };
      return clock.setTimeout(guarded, delayMs);
    },
  };
}

/** `report` may be the user's. Printing an error can throw too: its fields may be getters. */
export function guardedReport(report: (error: unknown) => void): (error: unknown) => void {
  return (error) => {
    try {
      report(error);
    } catch {
      // The error cannot be reported.
    }
  };
}
