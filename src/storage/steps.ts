// Long work in small steps. The embedded server serves other clients between them (server/mvcc/turn-budget.ts), and a
// command runs them in one go.

/** Each step yields the units of work that it took. A unit is about a microsecond, as for a record that is read. */
export type Steps<T> = Generator<number, T>;

/** Units of one step: few enough that a step is short, enough that the count costs nothing. */
export const stepUnits = 1024;

export function toEnd<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Sorts runs of this many items at once, and then merges them. */
const runLength = 512;

/** A stable sort into a new array. */
export function* sortInSteps<T>(items: T[], compare: (a: T, b: T) => number): Steps<T[]> {
  let from: T[] = [];
  for (let start = 0; start < items.length; start += runLength) {
    for (const item of items.slice(start, start + runLength).sort(compare)) from.push(item);
    yield runLength;
  }
  for (let width = runLength; width < items.length; width *= 2) {
    const to: T[] = [];
    for (let start = 0; start < from.length; start += 2 * width) {
      yield* merge(from, start, Math.min(start + width, from.length), width, to, compare);
    }
    from = to;
  }
  return from;
}

/** Appends the merged runs [start, middle) and [middle, middle + width) to `to`. */
function* merge<T>(
  from: readonly T[],
  start: number,
  middle: number,
  width: number,
  to: T[],
  compare: (a: T, b: T) => number,
): Steps<void> {
  const end = Math.min(middle + width, from.length);
  let left = start;
  let right = middle;
  while (left < middle || right < end) {
    const takesLeft = right >= end || (left < middle && compare(from[left] as T, from[right] as T) <= 0);
    to.push(from[takesLeft ? left++ : right++] as T);
    if (to.length % stepUnits === 0) yield stepUnits / 4;
  }
}
