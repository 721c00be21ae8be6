// Applies one change after the other. A long one takes several turns of the event loop: clients read the state from before
// it meanwhile, and all further changes wait for its end.
import { isSteps, type Steps } from "../../storage/steps";
import type { TurnBudget } from "../mvcc/turn-budget";

interface Running {
  readonly steps: Steps<unknown>;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

export class ApplyQueue {
  private running: Running | undefined;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly turn: TurnBudget) {}

  /** Throws, or returns no promise, if nothing was before this work, and its first step was the last. */
  run<T>(start: () => T | Steps<T>): T | Promise<T> {
    if (this.running !== undefined) return this.later(start);
    const steps = start();
    if (!isSteps(steps)) return steps;
    // A short change does not wait for the work of others in this turn.
    const first = steps.next();
    if (first.done === true) return first.value;
    this.turn.spend(first.value);
    return new Promise<T>((resolve, reject) => {
      this.running = { steps, resolve: resolve as Running["resolve"], reject };
      this.advance(false);
    });
  }

  private later<T>(start: () => T | Steps<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.waiting.push(() => {
        try {
          resolve(this.run(start));
        } catch (error) {
          reject(error as Error);
        }
      });
    });
  }

  private advance(toTheEnd: boolean): void {
    const { running, turn } = this;
    if (running === undefined) return;
    try {
      while (toTheEnd || !turn.isSpent) {
        const step = running.steps.next();
        if (step.done === true) return this.ended(() => running.resolve(step.value));
        turn.spend(step.value);
      }
    } catch (error) {
      return this.ended(() => running.reject(error));
    }
    turn.later(() => this.advance(false));
  }

  private ended(settle: () => void): void {
    this.running = undefined;
    settle();
    while (this.running === undefined && this.waiting.length > 0) this.waiting.shift()?.();
  }

  /** Runs everything to its end, before the state is saved. */
  finish(): void {
    while (this.running !== undefined) this.advance(true);
  }
}
