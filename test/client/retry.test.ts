// Attempts of a call that overlap: when another one starts, which response counts, and which error ends them.
import { sleep } from "../../src/clock";
import { retryTransient } from "../../src/client/retry";
import { EtcdError, StatusCode } from "../../src/errors";
import { serverError } from "../../src/etcd/error-table";
import type { CallOptions } from "../../src/transport/transport";
import { ManualClock } from "../support/manual-clock";

const failure = (code: StatusCode) => new EtcdError(code, "failed", false);

/** Runs the attempts to their end. `attempt` gets its number, from 1. */
async function retried(attempt: (n: number, clock: ManualClock, options: CallOptions) => Promise<string>) {
  const clock = new ManualClock();
  const startedMs: number[] = [];
  const signals: AbortSignal[] = [];
  let outcome: unknown;
  const call = (options: CallOptions) => {
    startedMs.push(clock.now());
    if (options.signal) signals.push(options.signal);
    return attempt(startedMs.length, clock, options);
  };
  const callOptions = () => ({ deadlineAt: clock.now() + 5000 });
  retryTransient(call, { clock, callOptions }).then(
    (response) => (outcome = response),
    (error: unknown) => (outcome = error),
  );
  await clock.runUntil(() => outcome !== undefined);
  return { outcome, startedMs, endedMs: clock.now(), signals };
}

test("a late response of the first attempt counts, and at most three attempts run at a time", async () => {
  const { outcome, startedMs, endedMs, signals } = await retried(async (n, clock) => {
    await sleep(clock, 4500);
    return `attempt ${n}`;
  });
  expect(outcome).toBe("attempt 1");
  expect(startedMs).toEqual([0, 1000, 3000]);
  expect(endedMs).toBe(4500);
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, true]);
});

test("each attempt has the full time of one call", async () => {
  const deadlines: unknown[] = [];
  await retried(async (n, clock, { deadlineAt }) => {
    deadlines.push(deadlineAt);
    await sleep(clock, n === 2 ? 500 : 60_000);
    return "done";
  });
  expect(deadlines).toEqual([5000, 6000]);
});

test("after a transient failure another attempt follows, also while others are silent", async () => {
  const { outcome, startedMs } = await retried(async (n, clock) => {
    if (n === 1) await sleep(clock, 60_000);
    if (n === 2) throw failure(StatusCode.Unavailable);
    return `attempt ${n}`;
  });
  expect(outcome).toBe("attempt 3");
  expect(startedMs).toEqual([0, 1000, 1100]);
});

test.each([
  ["the server's refusal", serverError("leaseNotFound")],
  ["a cancellation that the client did not ask for", failure(StatusCode.Canceled)],
])("%s ends all attempts", async (_, error) => {
  const { outcome, startedMs } = await retried(async (n, clock) => {
    if (n === 1) await sleep(clock, 60_000);
    throw error;
  });
  expect(outcome).toBe(error);
  expect(startedMs).toEqual([0, 1000]);
});
