// A pause on the injected clock that ends early, without an error, when the signal is aborted.
import type { Clock } from "../io";

/** The longest delay that a timer of Node takes; more would fire at once. */
export const longestTimerMs = 2 ** 31 - 1;

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
