// Turns of the event loop, for tests of work that is spread over several of them.
import { setImmediate } from "node:timers";

/** Counts the turns between now and the end of `work`. `inEach` runs in each of them. */
export async function turnsOf(work: Promise<unknown>, inEach: () => void = () => undefined): Promise<number> {
  let turns = 0;
  let done = false;
  const count = () => {
    if (done) return;
    turns++;
    inEach();
    setImmediate(count);
  };
  setImmediate(count);
  await work;
  done = true;
  return turns;
}

const manyTurns = 1000;

/** Waits for turns until the condition holds, and counts them. */
export async function turnsUntil(
  condition: () => boolean,
  inEach: () => void = () => undefined,
): Promise<number> {
  for (let turns = 0; turns < manyTurns; turns++) {
    if (condition()) return turns;
    inEach();
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`it did not become true in ${manyTurns} turns`);
}
