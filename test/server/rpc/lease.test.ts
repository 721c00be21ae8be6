// `timetolive --keys` of a lease with many keys: sorting them may take as long as a second.
import { createEngine } from "../../../src/server/apply/engine";
import { startEmbeddedServer } from "../../../src/server/server";
import { TurnBudget, unitsPerTurn } from "../../../src/server/mvcc/turn-budget";
import type { Steps } from "../../../src/storage/steps";
import { ManualClock } from "../../support/manual-clock";
import { turnsOf } from "../../support/turns";
import { bytes, text } from "../store-harness";

// eslint-disable-next-line require-yield -- it has no steps
function* none(): Steps<Buffer[]> {
  return [];
}

test("The keys of a lease are sorted in several turns, as they were at the beginning.", async () => {
  const { lessor, store } = createEngine({ clock: new ManualClock(), nextLeaseId: () => 1n });
  lessor.grant(7n, 100n);
  const names = Array.from({ length: 2 * unitsPerTurn }, (_, i) => `key${(i * 7919) % (2 * unitsPerTurn)}`);
  const write = store.write();
  for (const name of names) write.put(bytes(name), bytes("1"), 7n);
  write.end();
  const sorted = Promise.resolve(new TurnBudget().run(lessor.timeToLive(7n)?.sortedKeys() ?? none()));
  const later = store.write();
  later.put(bytes("later"), bytes("1"), 7n);
  later.end();
  expect(await turnsOf(sorted)).toBeGreaterThan(1);
  expect((await sorted).map(text)).toEqual(names.sort());
});

test("A request for keys waits for the next turn when the work of this one is done.", async () => {
  const server = await startEmbeddedServer({ listenClientUrls: [] });
  const { turn } = (server as unknown as { server: { store: { turn: TurnBudget } } }).server.store;
  const client = server.client();
  try {
    const { ID } = await client.lease.leaseGrant({ TTL: 60 });
    for (const key of ["b", "c", "a"]) await client.kv.put({ key, lease: ID });
    turn.spend(unitsPerTurn);
    let isAnswered = false;
    const response = client.lease.leaseTimeToLive({ ID, keys: true }).finally(() => (isAnswered = true));
    for (let i = 0; i < 100; i++) await Promise.resolve();
    expect(isAnswered).toBe(false);
    expect((await response).keys.map(text)).toEqual(["a", "b", "c"]);
    expect((await response).header?.revision).toBe(4n);
  } finally {
    await server.stop();
  }
});
