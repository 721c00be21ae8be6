// A histogram of plain numbers, cheap enough for every request. The /metrics page reads it.
import { performance } from "node:perf_hooks";

export class Histogram {
  /** How many values fell into each bucket; the last one is for values above every bound. */
  readonly counts: number[];
  sum = 0;

  /** `bounds` rise. A value that equals a bound belongs to its bucket. */
  constructor(readonly bounds: readonly number[]) {
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    const { bounds, counts } = this;
    let bucket = 0;
    while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket++;
    (counts[bucket] as number)++;
    this.sum += value;
  }

  /** Observes how many seconds the work takes that succeeds. */
  time<T>(work: () => T | Promise<T>): T | Promise<T> {
    const startedAt = performance.now();
    const done = (result: T): T => {
      this.observe((performance.now() - startedAt) / 1000);
      return result;
    };
    const result = work();
    return result instanceof Promise ? result.then(done) : done(result);
  }
}

/** Histograms by the values of their labels, each made with its first value. */
export class LabelledHistograms {
  /** The values of the labels, joined by newlines. */
  readonly byValues = new Map<string, Histogram>();

  constructor(
    readonly labels: readonly string[],
    private readonly bounds: readonly number[],
  ) {}

  of(values: string): Histogram {
    let found = this.byValues.get(values);
    if (found === undefined) this.byValues.set(values, (found = new Histogram(this.bounds)));
    return found;
  }
}

/** `count` bounds, each `factor` times the one before. */
export function exponentialBounds(start: number, factor: number, count: number): number[] {
  const bounds = [start];
  while (bounds.length < count) bounds.push((bounds.at(-1) as number) * factor);
  return bounds;
}

/** etcd's bounds for most durations in seconds: 1 ms to 8 s. */
export const secondsBounds = exponentialBounds(0.001, 2, 14);
