// How much the store may do in one turn of the event loop. Work beyond it waits for a later turn, so that other clients
// are served in between. Counted in units of work, not in time: a test on any machine sees the same turns.
import { setImmediate } from "node:timers";

/** A record that is read, or an event that is sent. A unit takes about a microsecond. */
const unitsPerTurn = 20_000;

export class TurnBudget {
  private left = unitsPerTurn;
  private isRenewing = false;

  spend(units: number): void {
    this.left -= units;
    if (this.isRenewing) return;
    this.isRenewing = true;
    setImmediate(() => {
      this.left = unitsPerTurn;
      this.isRenewing = false;
    });
  }

  get isSpent(): boolean {
    return this.left <= 0;
  }

  /** Calls `work` in the next turn. */
  later(work: () => void): void {
    this.spend(0);
    setImmediate(work);
  }
}
