// A pause on the injected clock that ends early, without an error, when the signal is aborted.
import { longestTimerMs, type Clock } from "../io";

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
