// The load generator of `check`: the number of workers and the rate are limits, and every call is counted.
import { runLoad, type Load } from "../../../src/commands/check/load-generator";
import { ManualClock } from "../../support/manual-clock";

/** Runs calls that take `callMs` each, on a manual clock. */
async function run(load: Load, callMs: number, fails: (call: number) => boolean = () => false) {
  const clock = new ManualClock();
  const stop = new AbortController();
  let calls = 0;
  let inFlight = 0;
  let most = 0;
  const call = () => {
    const number = calls++;
    most = Math.max(most, ++inFlight);
    return new Promise<void>((resolve, reject) =>
      clock.setTimeout(() => {
        inFlight--;
        if (fails(number)) reject(new Error("refused"));
        else resolve();
      }, callMs),
    );
  };
  const shown: number[] = [];
  let isDone = false;
  const world = { clock, signal: stop.signal, onProgress: (done: number) => void shown.push(done) };
  const report = runLoad(call, load, world).finally(() => (isDone = true));
  return { clock, stop, shown, most: () => most, end: () => clock.runUntil(() => isDone).then(() => report) };
}

test("the load makes the given number of calls with the given number of workers", async () => {
  const load = await run({ workers: 4, calls: 20 }, 10);
  const report = await load.end();
  expect(load.most()).toBe(4);
  expect(report).toMatchObject({ calls: 20, slowestSeconds: 0.01, deviationSeconds: 0 });
  expect(report.perSecond).toBeCloseTo(20 / (load.clock.now() / 1000));
});

test("the rate limit holds for the whole duration", async () => {
  const load = await run({ workers: 50, perSecond: 100, durationMs: 2000 }, 5);
  const { calls } = await load.end();
  expect(calls).toBeGreaterThan(190);
  expect(calls).toBeLessThanOrEqual(204);
  expect(load.shown.length).toBeGreaterThan(10);
});

test("calls that were missed while all workers were busy are not made up for", async () => {
  const load = await run({ workers: 1, perSecond: 100, durationMs: 2000 }, 100);
  expect((await load.end()).calls).toBeLessThanOrEqual(21);
});

test("failed calls are counted by error text", async () => {
  const load = await run({ workers: 2, calls: 10 }, 1, (call) => call % 5 === 0);
  const report = await load.end();
  expect(report.calls).toBe(8);
  expect([...report.errors]).toEqual([["refused", 2]]);
});

test("a signal ends the load after the calls in flight", async () => {
  const load = await run({ workers: 3, calls: 1000 }, 10);
  load.stop.abort();
  expect((await load.end()).calls).toBe(3);
});
