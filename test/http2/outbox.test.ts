import { setImmediate as turn } from "node:timers/promises";
import type * as outboxModule from "../../src/http2/outbox";

/** The outbox as in the executable, and the number of its writes. */
function bunOutbox() {
  const runtime = globalThis as { Bun?: unknown };
  runtime.Bun = {};
  try {
    let Outbox!: typeof outboxModule.Outbox;
    jest.isolateModules(() => {
      ({ Outbox } = jest.requireActual<typeof outboxModule>("../../src/http2/outbox"));
    });
    const seen = { writes: 0 };
    const output = { write: () => ++seen.writes > 0, end: () => undefined, destroy: () => undefined };
    return { seen, outbox: new Outbox(output, () => undefined) };
  } finally {
    delete runtime.Bun;
  }
}

test("in Bun, the frames of many calls that go on in one turn leave in one write, after the first turns", async () => {
  const { seen, outbox } = bunOutbox();
  const send = async (microtasks: number) => {
    for (let i = 0; i < microtasks; i++) await Promise.resolve();
    outbox.frame(0, 0, 1, Buffer.from("payload"), true);
  };
  for (let turns = 1; turns <= 16; turns++) {
    await send(0);
    await turn();
    expect(seen.writes).toBe(turns);
  }
  await Promise.all([0, 3, 6, 9, 12].map(send));
  await turn();
  expect(seen.writes).toBe(17);
});
