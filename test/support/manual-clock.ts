// A clock that stands still until a test moves it. Timers fire in the order of their time.
import type { Clock } from "../../src/clock";

interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
}

export class ManualClock implements Clock {
  private nowMs = 0;
  private readonly timers = new Set<Timer>();

  now(): number {
    return this.nowMs;
  }

  monotonicNs(): bigint {
    return BigInt(Math.round(this.nowMs * 1e6));
  }

  setTimeout(callback: () => void, delayMs: number): { cancel(): void } {
    const timer = { atMs: this.nowMs + delayMs, callback };
    this.timers.add(timer);
    return { cancel: () => void this.timers.delete(timer) };
  }

  get pending(): number {
    return this.timers.size;
  }

  advance(ms: number): void {
    const until = this.nowMs + ms;
    for (let next = this.next(); next !== undefined && next.atMs <= until; next = this.next())
      this.fire(next);
    this.nowMs = until;
  }

  /** Moves to the next timer until `isDone` is true, and lets pending promises run in between. */
  async runUntil(isDone: () => boolean): Promise<void> {
    for (let round = 0; !isDone(); round++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (isDone()) return;
      const next = this.next();
      if (next !== undefined && round % 3 === 2) this.fire(next);
    }
  }

  private next(): Timer | undefined {
    return [...this.timers].sort((a, b) => a.atMs - b.atMs)[0];
  }

  private fire(timer: Timer): void {
    this.timers.delete(timer);
    this.nowMs = Math.max(this.nowMs, timer.atMs);
    timer.callback();
  }
}
