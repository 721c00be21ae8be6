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
export function* sortInSteps<T>(items: readonly T[], compare: (a: T, b: T) => number): Steps<T[]> {
  let runs: T[][] = [];
  for (let start = 0; start < items.length; start += runLength) {
    runs.push(items.slice(start, start + runLength).sort(compare));
    yield runLength;
  }
  while (runs.length > 1) {
    const merged: T[][] = [];
    for (let at = 0; at < runs.length; at += 2) {
      merged.push(yield* merge(runs[at] as T[], runs[at + 1] ?? [], compare));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

function* merge<T>(left: readonly T[], right: readonly T[], compare: (a: T, b: T) => number): Steps<T[]> {
  const merged: T[] = [];
  const length = left.length + right.length;
  for (let i = 0, j = 0; merged.length < length;) {
    const takesLeft = j === right.length || (i < left.length && compare(left[i] as T, right[j] as T) <= 0);
    merged.push((takesLeft ? left[i++] : right[j++]) as T);
    if (merged.length % stepUnits === 0) yield stepUnits / 4;
  }
  // A short run costs something, too.
  if (merged.length < stepUnits) yield merged.length / 4;
  return merged;
}
