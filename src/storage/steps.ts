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

/** Whether this is work that has to be done first. Messages, the results of other work, have no function `next`. */
export function isSteps<T>(result: T | Steps<T>): result is Steps<T> {
  return typeof (result as Partial<Steps<T>> | undefined)?.next === "function";
}

/** Calls `done` with the result, or `failed` with the error, in the turn in which the work ends. */
export function afterwards<T, O>(
  start: () => T | Steps<T>,
  done: (result: T) => O,
  failed: (error: unknown) => void,
): O | Steps<O> {
  let result: T | Steps<T>;
  try {
    result = start();
  } catch (error) {
    failed(error);
    throw error;
  }
  return isSteps(result) ? afterSteps(result, done, failed) : done(result);
}

function* afterSteps<T, O>(
  steps: Steps<T>,
  done: (result: T) => O,
  failed: (error: unknown) => void,
): Steps<O> {
  let result: T;
  try {
    result = yield* steps;
  } catch (error) {
    failed(error);
    throw error;
  }
  return done(result);
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
