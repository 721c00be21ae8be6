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
