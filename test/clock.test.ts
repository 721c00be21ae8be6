import { firstAborted, systemClock } from "../src/clock";

test("the clock is never earlier than Date.now(), so that a deadline of now is over", () => {
  for (let i = 0; i < 100_000; i++) {
    const wallMs = Date.now();
    if (systemClock.now() < wallMs) throw new Error(`${systemClock.now()} is earlier than ${wallMs}`);
  }
  expect(systemClock.now() - Date.now()).toBeLessThan(1000);
});

describe("a signal that follows others", () => {
  test("is aborted with the first of them, with its reason", () => {
    const [first, second] = [new AbortController(), new AbortController()];
    const { signal } = firstAborted(first.signal, undefined, second.signal);
    expect(signal.aborted).toBe(false);
    second.abort("why");
    first.abort("later");
    expect(signal.reason).toBe("why");
  });

  test("is aborted from the start if one of them is", () => {
    expect(firstAborted(new AbortController().signal, AbortSignal.abort("why")).signal.reason).toBe("why");
  });

  test("does not follow them any more after its release", () => {
    const source = new AbortController();
    const { signal, release } = firstAborted(source.signal);
    release();
    source.abort();
    expect(signal.aborted).toBe(false);
  });
});
