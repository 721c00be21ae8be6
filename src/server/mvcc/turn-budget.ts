// How much the server may do in one turn of the event loop. Work beyond it waits for a later turn, so that other clients
// are served in between. Counted in units of work, not in time: a test on any machine sees the same turns.
// Must stay true: work that waits is done in the order of its arrival.
import { setImmediate } from "node:timers";
import type { Steps } from "../../storage/steps";

/** A record that is read, or an event that is sent. A unit takes about a microsecond. */
export const unitsPerTurn = 20_000;

/** Of work in the background: few, so that clients of a busy server wait less for it. */
export const backgroundUnitsPerTurn = unitsPerTurn / 4;

export class TurnBudget {
  private left = unitsPerTurn;
  private isRenewing = false;
  private waiting: (() => void)[] = [];

  spend(units: number): void {
    this.left -= units;
    this.renew();
  }

  private renew(): void {
    if (this.isRenewing) return;
    this.isRenewing = true;
    setImmediate(() => {
      this.left = unitsPerTurn;
      this.isRenewing = false;
      const waiting = this.waiting.splice(0);
      try {
        while (waiting.length > 0 && !this.isSpent) waiting.shift()?.();
      } finally {
        this.waiting = [...waiting, ...this.waiting];
        if (this.waiting.length > 0) this.renew();
      }
    });
  }

  get isSpent(): boolean {
    return this.left <= 0;
  }

  /** Calls `work` in a later turn, which has budget left. */
  later(work: () => void): void {
    this.waiting.push(work);
    this.renew();
  }

  /** Resolves in a turn that has budget left. */
  rest(): Promise<void> {
    return this.isSpent ? new Promise((resolve) => this.later(resolve)) : Promise.resolve();
  }

  /** Runs the steps to their end. Returns no promise if the budget of this turn was enough. */
  run<T>(steps: Steps<T>): T | Promise<T> {
    while (!this.isSpent) {
      const step = steps.next();
      if (step.done === true) return step.value;
      this.spend(step.value);
    }
    return this.rest().then(() => this.run(steps));
  }

  /** Same as run(), for a checkpoint, a compaction and the like. */
  runInBackground<T>(steps: Steps<T>): T | Promise<T> {
    for (let left = backgroundUnitsPerTurn; left > 0 && !this.isSpent;) {
      const step = steps.next();
      if (step.done === true) return step.value;
      this.spend(step.value);
      left -= step.value;
    }
    return new Promise<void>((resolve) => this.later(resolve)).then(() => this.runInBackground(steps));
  }
}
