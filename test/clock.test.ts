import { systemClock } from "../src/clock";

test("the clock is never earlier than Date.now(), so that a deadline of now is over", () => {
  for (let i = 0; i < 100_000; i++) {
    const wallMs = Date.now();
    if (systemClock.now() < wallMs) throw new Error(`${systemClock.now()} is earlier than ${wallMs}`);
  }
  expect(systemClock.now() - Date.now()).toBeLessThan(1000);
});
