// A server that answers every watch with "compacted" makes the reader read the state again. That must not become a loop without
// pauses.
import { setImmediate as turn } from "node:timers/promises";
import { createClient } from "../../../src/client/client";
import { observe } from "../../../src/client/concurrency/election";
import { waitDeletes } from "../../../src/client/concurrency/mutex";
import { ResponseHeader } from "../../../src/proto/gen/etcdserverpb";
import { KeyValue } from "../../../src/proto/gen/mvccpb";
import { fakeTransport } from "../../support/fake-transport";
import { ManualClock } from "../../support/manual-clock";

const key = Buffer.from("n/1");
const header = ResponseHeader.create({ revision: 5n });
const stored = [KeyValue.create({ key, value: Buffer.from("v"), createRevision: 2n, modRevision: 2n })];

function compactingServer() {
  const clock = new ManualClock();
  const stop = new AbortController();
  const transport = fakeTransport({
    Range: () => ({ header, kvs: stored }),
    Watch: function* () {
      yield { header, created: true };
      yield { canceled: true, compactRevision: 3n };
    },
  });
  const retry = { clock, callOptions: () => ({}), signal: stop.signal };
  const ranges = () => transport.calls.filter(({ method }) => method === "Range").length;
  return { clock, stop, client: createClient(transport), retry, ranges };
}

test.each([
  [
    "a waiter for a lock",
    async ({ client, retry }: ReturnType<typeof compactingServer>) => {
      const acquisition = {
        key,
        prefix: Buffer.from("n/"),
        createRevision: 9n,
        revision: 9n,
        isAcquired: false,
      };
      await waitDeletes(client, acquisition, retry);
    },
  ],
  [
    "an observer of an election",
    async ({ client, retry }: ReturnType<typeof compactingServer>) => {
      for await (const { kvs } of observe(client, "n", retry)) expect(kvs).toHaveLength(1);
    },
  ],
])("%s pauses before it reads the state again.", async (_who, run) => {
  const server = compactingServer();
  let isOver = false;
  const running = run(server)
    .catch(() => undefined)
    .finally(() => (isOver = true));
  for (let i = 0; i < 100; i++) await turn();
  expect(server.ranges()).toBe(1);
  await server.clock.runUntil(() => server.ranges() === 3);
  server.stop.abort();
  await server.clock.runUntil(() => isOver);
  await running;
});
