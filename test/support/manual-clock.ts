// A clock that stands still until the test moves it.
import type { Clock } from "../../src/io";

export class ManualClock implements Clock {
  private nowMs = 1_000_000;
  private readonly timers = new Set<{ readonly dueMs: number; readonly callback: () => void }>();

  now(): number {
    return this.nowMs;
  }

  monotonicNs(): bigint {
    return BigInt(this.nowMs) * 1_000_000n;
  }

  setTimeout(callback: () => void, delayMs: number): { cancel(): void } {
    const timer = { dueMs: this.nowMs + delayMs, callback };
    this.timers.add(timer);
    return { cancel: () => void this.timers.delete(timer) };
  }

  get pendingTimers(): number {
    return this.timers.size;
  }

  /** Moves to the next timer as long as `isDone` is false, letting everything that waits go on in between. */
  async runUntil(isDone: () => boolean): Promise<void> {
    for (let round = 0; !isDone() && round < 10_000; round++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (isDone()) return;
      const next = [...this.timers].sort((a, b) => a.dueMs - b.dueMs)[0];
      if (!next || round % 3 !== 2) continue;
      this.timers.delete(next);
      this.nowMs = Math.max(this.nowMs, next.dueMs);
      next.callback();
    }
  }
}
