// Compactions, defragmentations and hashes of a large store: one after the other, each over several turns. Clients read and
// write meanwhile. Go: the fifo scheduler of server/storage/mvcc/kvstore.go
// Must stay true: nothing else renumbers the records, so ids stay valid between the steps.
import type { Steps } from "../../storage/steps";
import { toEnd } from "../../storage/steps";
import type { TurnBudget } from "./turn-budget";

export class Upkeep {
  private readonly jobs = new Set<Steps<unknown>>();
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly turn: TurnBudget) {}

  /** Returns no promise if no job was before it, and the budget of this turn was enough. */
  run<T>(steps: Steps<T>): T | Promise<T> {
    const run = () => this.turn.runInBackground(steps);
    const result = this.jobs.size === 0 ? run() : this.last.then(run);
    if (!(result instanceof Promise)) return result;
    this.jobs.add(steps);
    const ended = result.finally(() => this.jobs.delete(steps));
    this.last = ended.catch(() => undefined);
    return ended;
  }

  /** Runs all jobs to their end, before the records are saved. */
  finish(): void {
    for (const steps of this.jobs) {
      try {
        toEnd(steps);
      } catch {
        // A damaged record. The file then says that its compaction is not finished, and the next start tries again.
      }
    }
  }
}
