// A clock that runs with another one and can also be moved ahead. What becomes due on the way happens at once, so a test need
// not wait for the end of a lease.
import { kindOf } from "../../client/library/input";
import type { Clock } from "../../clock";

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
  readonly base: { cancel(): void };
}

export class TravelClock implements Clock {
  private aheadMs = 0;
  private readonly timers = new Set<Timer>();

  constructor(private readonly base: Clock) {}

  now(): number {
    return this.base.now() + Math.floor(this.aheadMs);
  }

  monotonicNs(): bigint {
    return this.base.monotonicNs() + BigInt(Math.round(this.aheadMs * 1e6));
  }

  setTimeout(callback: () => void, delayMs: number): { cancel(): void } {
    const fire = () => {
      this.timers.delete(timer);
      callback();
    };
    const base = this.base.setTimeout(fire, delayMs);
    const timer: Timer = { dueMs: this.elapsedMs() + Math.max(0, delayMs), callback, base };
    this.timers.add(timer);
    return {
      cancel: () => {
        this.timers.delete(timer);
        base.cancel();
      },
    };
  }

  /** How many milliseconds this clock is ahead of the one that it runs with. */
  get offsetMs(): number {
    return this.aheadMs;
  }

  /**
   * Moves the clock ahead by `ms` milliseconds. Every timer that is due until then fires before this returns, in the order
   * of time. Throws a RangeError for a negative number, and a TypeError for what is no number.
   */
  advance(ms: number): void {
    // "" is more than -1, and would make every later time NaN.
    if (typeof ms !== "number")
      throw new TypeError(`the time of advance must be a number, not ${kindOf(ms)}`);
    if (!(ms >= 0 && ms < Infinity)) throw new RangeError(`the clock can only be moved ahead: ${ms}`);
    const target = this.elapsedMs() + ms;
    // Delays are rounded up to whole milliseconds, so what ends now may have a timer for the next one.
    const last = target + (ms > 0 ? 1 : 0);
    for (let next = this.next(); next !== undefined && next.dueMs <= last; next = this.next()) {
      this.moveTo(next.dueMs);
      this.timers.delete(next);
      next.base.cancel();
      next.callback();
    }
    this.moveTo(target);
  }

  private elapsedMs(): number {
    return Number(this.base.monotonicNs()) / 1e6 + this.aheadMs;
  }

  private moveTo(elapsedMs: number): void {
    this.aheadMs += Math.max(0, elapsedMs - this.elapsedMs());
  }

  private next(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.timers) if (first === undefined || timer.dueMs < first.dueMs) first = timer;
    return first;
  }
}
