// The server's clock: what a timer's callback throws is reported and ends that callback, never the process.
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
