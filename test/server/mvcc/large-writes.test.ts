// Watches of writes with more events than one turn of the event loop sends.
import { WatchResponse } from "../../../src/proto/gen/etcdserverpb";
import { Event } from "../../../src/proto/gen/mvccpb";
import { encode } from "../../../src/proto/message";
import { type EventList, manyEvents, manyEventsFor, eventsFor } from "../../../src/server/mvcc/events";
import type { Store } from "../../../src/server/mvcc/store";
import { unitsPerTurn } from "../../../src/server/mvcc/turn-budget";
import { VersionedStore } from "../../../src/server/mvcc/versioned-store";
import type { WatchMessage, WatchRequest } from "../../../src/server/mvcc/watch";
import { Watcher, WatcherGroup } from "../../../src/server/mvcc/watcher-group";
import { encodeInSteps } from "../../../src/server/streams/large-message";
import { toEnd } from "../../../src/storage/steps";
import { turnsUntil } from "../../support/turns";
import { bytes, del, eventTexts, list, newStore, put, watchRequest } from "../store-harness";

const keyCount = manyEvents + 500;
const name = (i: number) => `key${String(i).padStart(6, "0")}`;

function fill(store: Pick<Store, "write">, value = "1"): void {
  const write = store.write();
  for (let i = 0; i < keyCount; i++) write.put(bytes(name(i)), bytes(value), 0n);
  write.end();
}

/** The work of others fills this turn. */
function fillTurn({ turn }: Store): void {
  turn.spend(unitsPerTurn);
}

function watch(store: Store, ...request: Parameters<typeof watchRequest>) {
  const messages: WatchMessage[] = [];
  const client = { messages, room: Infinity, stream: store.newWatchStream({ send }) };
  function send(message: WatchMessage): boolean {
    messages.push(message);
    return --client.room > 0;
  }
  client.stream.watch(watchRequest(...request));
  return client;
}

const textsOf = (messages: readonly WatchMessage[]) => messages.flatMap(eventTexts);
const sizesOf = (messages: readonly WatchMessage[]) => messages.map(({ events }) => events.length);
const deletes = (revision: number) => Array.from({ length: keyCount }, (_, i) => `-${name(i)}@${revision}`);

describe("a write with many events", () => {
  test("Its events come in later turns, in one message, before those of the writes that follow.", async () => {
    const store = newStore();
    fill(store);
    const all = watch(store, "key", "kez");
    const one = watch(store, name(7));
    const other = watch(store, "z");
    const future = watch(store, "key", "", { startRevision: 5 });
    fillTurn(store);
    del(store, "key", "kez");
    put(store, name(7), "2");
    put(store, "z", "3");
    expect(sizesOf([...all.messages, ...one.messages, ...other.messages])).toEqual([0, 0, 0]);
    await turnsUntil(
      () => all.messages.length === 3 && other.messages.length === 2 && one.messages.length === 3,
    );
    expect(textsOf(all.messages)).toEqual([...deletes(3), `+${name(7)}=2@4`]);
    expect(sizesOf(all.messages)).toEqual([0, keyCount, 1]);
    expect(textsOf(one.messages)).toEqual([`-${name(7)}@3`, `+${name(7)}=2@4`]);
    expect(textsOf(other.messages)).toEqual(["+z=3@5"]);
    await turnsUntil(() => future.messages.length === 2);
    expect(textsOf(future.messages)).toEqual(["+z=3@5"]);
    put(store, name(1), "4");
    expect(textsOf(all.messages).at(-1)).toBe(`+${name(1)}=4@6`);
  });

  test("Previous values and filters are as for a small write.", async () => {
    const store = newStore();
    fill(store, "old");
    const previous = watch(store, "key", "kez", { prevKv: true });
    const puts = watch(store, "key", "kez", { noDelete: true });
    const removed = watch(store, "key", "kez", { noPut: true });
    del(store, "key", "kez");
    await turnsUntil(() => removed.messages.length === 2 && previous.messages.length === 2);
    expect(textsOf(previous.messages)).toEqual(deletes(3).map((each) => `${each} (was old)`));
    fill(store, "new");
    await turnsUntil(() => puts.messages.length === 2 && previous.messages.length === 3);
    expect(textsOf(removed.messages)).toEqual(deletes(3));
    expect(textsOf(puts.messages).slice(0, 2)).toEqual([`+${name(0)}=new@4`, `+${name(1)}=new@4`]);
    expect(textsOf(previous.messages).at(-1)).toBe(`+${name(keyCount - 1)}=new@4`);
  });

  test("A watch that is canceled or closed before its events are found receives none.", async () => {
    const store = newStore();
    fill(store);
    const [kept, canceled, closed] = [
      watch(store, "key", ""),
      watch(store, "key", ""),
      watch(store, "key", ""),
    ];
    fillTurn(store);
    del(store, "key", "kez");
    canceled.stream.cancel(0n);
    closed.stream.close();
    await turnsUntil(() => kept.messages.length === 2);
    expect(sizesOf(canceled.messages)).toEqual([0, 0]);
    expect(sizesOf(closed.messages)).toEqual([0]);
    expect(store.watchCounts()).toMatchObject({ streams: 2, watchers: 1, slowWatchers: 0 });
  });

  test("A slow reader receives them when it has room, once, and progress only after them.", async () => {
    const store = newStore();
    fill(store);
    const slow = watch(store, "key", "kez");
    slow.room = 1;
    put(store, name(0), "2");
    del(store, "key", "kez");
    const other = watch(store, "key", "", { startRevision: 4 });
    await turnsUntil(() => other.messages.length === 2);
    expect(store.watchCounts().slowWatchers).toBe(1);
    slow.stream.requestProgress();
    slow.room = 2;
    slow.stream.resume();
    await turnsUntil(() => slow.messages.length === 3);
    expect(textsOf(slow.messages)).toEqual([`+${name(0)}=2@3`, ...deletes(4)]);
    slow.room = Infinity;
    slow.stream.resume();
    slow.stream.requestProgress();
    await turnsUntil(() => slow.messages.length === 4);
    expect(slow.messages[3]).toMatchObject({ watchId: -1n, revision: 4 });
  });

  test("History with such a write is read in several turns, and events that follow it come after it.", async () => {
    const store = newStore();
    fill(store);
    put(store, "key", "2");
    del(store, "key", "kez");
    put(store, "key", "3");
    fillTurn(store);
    const client = watch(store, "key", "", { startRevision: 2, prevKv: true });
    expect(client.messages).toHaveLength(1);
    const isDone = () => textsOf(client.messages).at(-1) === "+key=4@6 (was 3)";
    let isWritten = false;
    const turns = await turnsUntil(isDone, () => {
      if (!isWritten) put(store, "key", "4");
      isWritten = true;
      expect(list(store, name(1), undefined, 2)).toHaveLength(1);
    });
    expect(turns).toBeGreaterThan(0);
    const texts = textsOf(client.messages);
    expect(texts).toHaveLength(2 * keyCount + 4);
    expect(texts.slice(keyCount, keyCount + 3)).toEqual([
      "+key=2@3",
      "-key@4 (was 2)",
      `-${name(0)}@4 (was 1)`,
    ]);
    expect(new Set(texts).size).toBe(texts.length);
  });
});

describe("a list of many events", () => {
  /** Keys that are created, changed, deleted, and deleted and created again in one revision. */
  function manyKinds(): VersionedStore {
    const noLeases = {
      has: () => false,
      leaseOf: () => 0n,
      attach: () => undefined,
      detach: () => undefined,
    };
    const store = new VersionedStore({ leases: noLeases });
    fill(store, "first");
    const write = store.write();
    for (let i = 0; i < keyCount; i += 3) write.put(bytes(name(i)), bytes("v".repeat(i % 400)), 0n);
    toEnd(write.deleteRange(bytes(name(1000)), bytes(name(1200))));
    write.put(bytes(name(1100)), bytes("again"), 0n);
    write.end();
    return store;
  }

  const watcherOf = (more: Partial<WatchRequest>) =>
    new Watcher(
      { notify: () => undefined, notifyLate: () => undefined },
      1n,
      watchRequest("key", "", { startRevision: 2, ...more }),
      3,
    );

  test.each<Partial<WatchRequest>>([
    {},
    { prevKv: true },
    { noPut: true, prevKv: true },
    { noDelete: true },
    { startRevision: 3, prevKv: true },
  ])("It has the same events and the same encoding as an array: %j", (request) => {
    const store = manyKinds();
    const group = new WatcherGroup();
    const watcher = watcherOf(request);
    group.add(watcher);
    const { length } = store.storedRecords;
    const expected = eventsFor(store, group, 0, length).get(watcher) ?? [];
    const found = toEnd(manyEventsFor(store, group, 0, length))(watcher) as EventList;
    const message = (events: unknown) => WatchResponse.create({ watchId: 5n, events: events as Event[] });
    const encoded = encode(WatchResponse, message(expected));
    expect(encode(WatchResponse, message([...found])).equals(encoded)).toBe(true);
    const parts = toEnd(encodeInSteps(WatchResponse, message(found)));
    expect(parts.length).toBeGreaterThan(2);
    expect(Buffer.concat(parts).equals(encoded)).toBe(true);
    expect(expected.map((_, at) => found.sizeBytes(at))).toEqual(
      expected.map((event) => encode(Event, event).length),
    );
    expect([...found.part(10, 20)]).toEqual(expected.slice(10, 20));
  });

  test("It stays as it was during writes and compactions, but values that are compacted are left out.", async () => {
    const store = newStore();
    fill(store, "1");
    const client = watch(store, "key", "", { prevKv: true });
    fill(store, "2");
    await turnsUntil(() => client.messages.length === 2);
    const before = textsOf(client.messages);
    expect(before[0]).toBe(`+${name(0)}=2@3 (was 1)`);
    fill(store, "3");
    store.compact(3);
    store.finish();
    expect(textsOf(client.messages.slice(0, 2))).toEqual(before.map((each) => each.replace(" (was 1)", "")));
  });
});
