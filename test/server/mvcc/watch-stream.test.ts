import type { Store } from "../../../src/server/mvcc/store";
import type { WatchMessage, WatchRequest, WatchSink, WatchStream } from "../../../src/server/mvcc/watch";
import { ManualClock } from "../../support/manual-clock";
import { inRange, Model, randomOf } from "./model";
import { bytes, del, eventTexts, list, newStore, put, text, watchRequest } from "../store-harness";
import { toEnd } from "../../../src/storage/steps";

/** A stream and its messages. The sink is full after `room` messages. */
class Client implements WatchSink {
  readonly messages: WatchMessage[] = [];
  room = Infinity;
  readonly stream: WatchStream;

  constructor(store: Store) {
    this.stream = store.newWatchStream(this);
  }

  send(message: WatchMessage): boolean {
    this.messages.push(message);
    return --this.room > 0;
  }

  readonly events = (): string[] => this.messages.flatMap(eventTexts);

  drain(room = Infinity): void {
    this.room = room;
    this.stream.resume();
  }
}

const open = (store: Store) => new Client(store);

const message = (more: Partial<WatchMessage>) => ({
  watchId: -1n,
  created: false,
  canceled: false,
  compactRevision: 0,
  cancelReason: "",
  fragment: false,
  events: [],
  ...more,
});

describe("a watch", () => {
  test("A watch sends created, the events of its range, and canceled.", () => {
    const store = newStore();
    const { stream, messages, events } = open(store);
    stream.watch(watchRequest("b", "d"));
    put(store, "a", "1");
    put(store, "b", "2");
    put(store, "d", "3");
    del(store, "", "");
    stream.cancel(0n);
    put(store, "b", "4");
    expect(events()).toEqual(["+b=2@3", "-b@5"]);
    expect(
      messages.map(({ watchId, revision, created, canceled }) => [watchId, revision, created, canceled]),
    ).toEqual([
      [0n, 1, true, false],
      [0n, 3, false, false],
      [0n, 5, false, false],
      [0n, 5, false, true],
    ]);
  });

  test("A watch covers one key, or all keys from a key on.", () => {
    const store = newStore();
    const one = open(store);
    const rest = open(store);
    one.stream.watch(watchRequest("b"));
    rest.stream.watch(watchRequest("b", ""));
    for (const key of ["a", "b", "bb", "c"]) put(store, key);
    expect(one.events()).toEqual(["+b=@3"]);
    expect(rest.events()).toEqual(["+b=@3", "+bb=@4", "+c=@5"]);
  });

  test("A watch sends history from its start revision on, then new events.", () => {
    const store = newStore();
    for (let i = 1; i <= 4; i++) put(store, "k", String(i));
    const { stream, messages, events } = open(store);
    stream.watch(watchRequest("k", undefined, { startRevision: 3 }));
    put(store, "k", "5");
    expect(events()).toEqual(["+k=2@3", "+k=3@4", "+k=4@5", "+k=5@6"]);
    expect(messages.map((m) => m.events.length)).toEqual([0, 3, 1]);
    expect(messages.map((m) => m.revision)).toEqual([5, 5, 6]);
  });

  test("A watch with a future start revision waits for it.", () => {
    const store = newStore();
    const { stream, events } = open(store);
    stream.watch(watchRequest("k", undefined, { startRevision: 4 }));
    for (let i = 2; i <= 5; i++) put(store, "k", String(i));
    expect(events()).toEqual(["+k=4@4", "+k=5@5"]);
  });

  test("A watch from before the compacted revision is canceled with that revision, and its id stays in use.", () => {
    const store = newStore();
    for (let i = 2; i <= 5; i++) put(store, "k");
    store.compact(4);
    const { stream, messages } = open(store);
    stream.watch(watchRequest("k", undefined, { startRevision: 3, id: 5n }));
    expect(messages.slice(1)).toEqual([
      message({ watchId: 5n, revision: 0, canceled: true, compactRevision: 4 }),
    ]);
    stream.watch(watchRequest("k", undefined, { id: 5n }));
    expect(messages[2]?.cancelReason).toBe("mvcc: duplicate watch ID provided on the WatchStream");
    stream.cancel(5n);
    stream.watch(watchRequest("k", undefined, { startRevision: 4, id: 5n }));
    expect(messages.flatMap(eventTexts)).toEqual(["+k=@4", "+k=@5"]);
  });

  test("An empty range, a negative start revision and a used id are refused, and chosen ids skip used ones.", () => {
    const { stream, messages } = open(newStore());
    stream.watch(watchRequest("a", "a"));
    stream.watch(watchRequest("a", undefined, { startRevision: -1 }));
    stream.watch(watchRequest("a", undefined, { id: 1n }));
    stream.watch(watchRequest("a"));
    stream.watch(watchRequest("a"));
    stream.watch(watchRequest("a", undefined, { id: 2n }));
    stream.cancel(77n);
    const refused = { created: true, canceled: true, revision: 1 };
    expect(messages).toEqual([
      message({ ...refused, cancelReason: "mvcc: watcher range is empty" }),
      message({ ...refused, cancelReason: "etcdserver: mvcc: required revision has been compacted" }),
      message({ created: true, watchId: 1n, revision: 1 }),
      message({ created: true, watchId: 0n, revision: 1 }),
      message({ created: true, watchId: 2n, revision: 1 }),
      message({ ...refused, cancelReason: "mvcc: duplicate watch ID provided on the WatchStream" }),
    ]);
  });

  test("All events of a revision are in one message.", () => {
    const store = newStore();
    const { stream, messages } = open(store);
    stream.watch(watchRequest("", ""));
    const write = store.write();
    for (const key of "abc") write.put(bytes(key), bytes("1"), 0n);
    write.end();
    expect(messages.slice(1).map(eventTexts)).toEqual([["+a=1@2", "+b=1@2", "+c=1@2"]]);
  });

  test("Filtered events are left out, and a message without events is not sent.", () => {
    const store = newStore();
    const puts = open(store);
    const deletes = open(store);
    puts.stream.watch(watchRequest("", "", { noDelete: true }));
    deletes.stream.watch(watchRequest("", "", { noPut: true }));
    put(store, "a");
    del(store, "a");
    expect([puts.events(), puts.messages.length]).toEqual([["+a=@2"], 2]);
    expect([deletes.events(), deletes.messages.length]).toEqual([["-a@3"], 2]);
  });

  test("With prevKv, events have the previous value, live and from history, unless it is compacted.", () => {
    const store = newStore();
    const live = open(store);
    live.stream.watch(watchRequest("k", undefined, { prevKv: true }));
    put(store, "k", "1");
    put(store, "k", "2");
    del(store, "k");
    put(store, "k", "3");
    const wanted = ["+k=1@2", "+k=2@3 (was 1)", "-k@4 (was 2)", "+k=3@5"];
    expect(live.events()).toEqual(wanted);
    const late = open(store);
    late.stream.watch(watchRequest("k", undefined, { prevKv: true, startRevision: 2 }));
    expect(late.events()).toEqual(wanted);
    store.compact(3);
    const later = open(store);
    later.stream.watch(watchRequest("k", undefined, { prevKv: true, startRevision: 3 }));
    expect(later.events()).toEqual(["+k=2@3", "-k@4 (was 2)", "+k=3@5"]);
  });

  test("With prevKv, a key deleted and put in one revision has no previous value.", () => {
    const store = newStore();
    put(store, "k", "1");
    const { stream, events } = open(store);
    stream.watch(watchRequest("k", undefined, { prevKv: true }));
    const write = store.write();
    toEnd(write.deleteRange(bytes("k"), undefined));
    write.put(bytes("k"), bytes("2"), 0n);
    write.end();
    expect(events()).toEqual(["-k@3 (was 1)", "+k=2@3"]);
    store.compact(3);
    expect(list(store, "k")).toEqual(["k=2@3/3/1"]);
  });

  test("With fragment, every message with events has the fragment flag.", () => {
    const store = newStore();
    const { stream, messages } = open(store);
    stream.watch(watchRequest("k", undefined, { fragment: true }));
    put(store, "k");
    expect(messages.map((m) => m.fragment)).toEqual([false, true]);
  });
});

describe("a full sink", () => {
  test("A full sink receives nothing until it has room, and then every event once.", () => {
    const store = newStore();
    const client = open(store);
    client.stream.watch(watchRequest("k"));
    client.room = 1;
    for (let i = 2; i <= 50; i++) put(store, "k", String(i));
    expect(client.events()).toEqual(["+k=2@2"]);
    client.drain();
    put(store, "k", "51");
    expect(client.events()).toEqual(Array.from({ length: 50 }, (_, i) => `+k=${i + 2}@${i + 2}`));
  });

  test("A full sink does not delay other streams.", () => {
    const store = newStore();
    const slow = open(store);
    const fast = open(store);
    slow.room = 1;
    slow.stream.watch(watchRequest("k"));
    fast.stream.watch(watchRequest("k"));
    put(store, "k");
    expect([slow.events().length, fast.events().length]).toEqual([0, 1]);
  });

  test("A watcher whose next revision is compacted meanwhile is canceled when the sink has room.", () => {
    const store = newStore();
    const client = open(store);
    client.room = 1;
    client.stream.watch(watchRequest("k"));
    for (let i = 0; i < 10; i++) put(store, "k");
    store.compact(9);
    client.drain();
    expect(client.messages.slice(1)).toEqual([
      message({ watchId: 0n, revision: 0, canceled: true, compactRevision: 9 }),
    ]);
  });

  test("Long history is read in batches that end between revisions.", () => {
    const store = newStore();
    for (let i = 0; i < 2500; i++) {
      const write = store.write();
      write.put(bytes("a"), bytes(String(i)), 0n);
      write.put(bytes("b"), bytes(String(i)), 0n);
      write.end();
    }
    const client = open(store);
    client.room = 2;
    client.stream.watch(watchRequest("", "", { startRevision: 1 }));
    expect(client.events().length).toBe(2000);
    client.drain(1);
    expect(client.events().length).toBe(4000);
    client.drain(1);
    expect(client.events().length).toBe(5000);
    expect(client.messages.map((m) => m.events.length)).toEqual([0, 2000, 2000, 1000]);
  });

  test("Batches of large values have fewer revisions.", () => {
    const store = newStore();
    for (let i = 0; i < 40; i++) put(store, "k", "x".repeat(100_000));
    const { stream, messages } = open(store);
    stream.watch(watchRequest("k", undefined, { startRevision: 1 }));
    expect(Math.max(...messages.map((m) => m.events.length))).toBeLessThan(12);
    expect(messages.flatMap(eventTexts).length).toBe(40);
  });
});

describe("progress", () => {
  test("A progress request gets a response for the whole stream once all watchers are synced.", () => {
    const store = newStore();
    const client = open(store);
    client.stream.requestProgress();
    expect(client.messages).toEqual([]);
    client.stream.watch(watchRequest("a"));
    client.stream.watch(watchRequest("b", undefined, { startRevision: 3 }));
    put(store, "x");
    client.stream.requestProgress();
    expect(client.messages.length).toBe(2);
    put(store, "x");
    client.stream.requestProgress();
    expect(client.messages.slice(2)).toEqual([message({ revision: 3 })]);
  });

  test("Watchers with progressNotify receive progress in intervals without events.", () => {
    const clock = new ManualClock();
    const store = newStore({ clock, watchProgressIntervalMs: 1000 });
    const client = open(store);
    client.stream.watch(watchRequest("a", undefined, { progressNotify: true }));
    client.stream.watch(watchRequest("b"));
    put(store, "x");
    clock.advance(1000);
    put(store, "a");
    clock.advance(1000);
    clock.advance(1000);
    expect(client.messages.slice(2)).toMatchObject([
      { watchId: 0n, revision: 2, events: [] },
      { watchId: 0n, revision: 3, events: [{}] },
      { watchId: 0n, revision: 3, events: [] },
    ]);
    client.stream.cancel(0n);
    clock.advance(1000);
    expect(clock.pending).toBe(0);
  });

  test("A closed stream has no timer.", () => {
    const clock = new ManualClock();
    const { stream } = open(newStore({ clock }));
    stream.watch(watchRequest("a", undefined, { progressNotify: true }));
    expect(clock.pending).toBe(1);
    stream.close();
    expect(clock.pending).toBe(0);
  });
});

test("A sink may close its stream while it receives a message.", () => {
  const store = newStore();
  const seen: string[] = [];
  const stream: WatchStream = store.newWatchStream({
    send: (m) => {
      seen.push(...eventTexts(m));
      if (m.events.length > 0) stream.close();
      return true;
    },
  });
  stream.watch(watchRequest("a"));
  stream.watch(watchRequest("", ""));
  put(store, "a");
  put(store, "a");
  expect(seen).toEqual(["+a=@2"]);
});

test("thousands of watchers of the whole history leave turns to other clients", async () => {
  const store = newStore();
  const revisions = 50;
  for (let i = 0; i < revisions; i++) put(store, "a", String(i));
  const received = new Map<bigint, number>();
  let inThisTurn = 0;
  let mostInATurn = 0;
  const stream = store.newWatchStream({
    send({ watchId, events }) {
      received.set(watchId, (received.get(watchId) ?? 0) + events.length);
      inThisTurn += events.length;
      mostInATurn = Math.max(mostInATurn, inThisTurn);
      return true;
    },
  });
  const watchers = 3000;
  for (let id = 1; id <= watchers; id++) {
    stream.watch(watchRequest("a", undefined, { id: BigInt(id), startRevision: 1 }));
  }
  const all = () => [...received.values()].filter((count) => count === revisions).length === watchers;
  let turns = 0;
  for (; !all(); turns++) {
    inThisTurn = 0;
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(turns).toBeGreaterThan(2);
  expect(mostInATurn).toBeLessThan(50_000);
  stream.close();
});

describe.each([1, 2, 3])("watchers of a random history (seed %d)", (seed) => {
  test("Watchers receive every event of their range once and in order, however slow they are.", async () => {
    const random = randomOf(seed);
    const store = newStore();
    const model = new Model();
    const key = () => "abcdef".charAt(random(6));
    const clients: { client: Client; watches: { request: WatchRequest; from: number }[] }[] = [];
    for (let step = 0; step < 1500; step++) {
      const dice = random(100);
      if (dice < 2 && clients.length < 12) clients.push({ client: open(store), watches: [] });
      const chosen = clients[random(clients.length || 1)];
      if (dice >= 2 && dice < 6 && chosen !== undefined && chosen.watches.length < 5) {
        const request = watchRequest(key(), [undefined, "", "g"][random(3)], {
          id: BigInt(chosen.watches.length + 1),
          startRevision: random(2) * (1 + random(model.revision + 5)),
          noPut: random(4) === 0,
          noDelete: random(4) === 0,
        });
        chosen.watches.push({ request, from: request.startRevision || model.revision + 1 });
        chosen.client.stream.watch(request);
      } else if (dice < 20) chosen?.client.drain(1 + random(5));
      else change(store, model, random, key);
    }
    // A turn has its budget, so that what is left to read comes in later turns.
    for (let turn = 0; turn < 100; turn++) {
      clients.forEach(({ client }) => client.drain());
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (const { client, watches } of clients) {
      for (const { request, from } of watches) {
        const received = client.messages.filter((m) => m.watchId === request.id).flatMap(eventTexts);
        expect(received).toEqual(expectedEvents(model, request, from));
      }
    }
  });
});

function change(store: Store, model: Model, random: (n: number) => number, key: () => string): void {
  const name = key();
  const revision = model.revision + 1;
  if (random(3) > 0) {
    const value = String(random(100));
    put(store, name, value);
    model.changes.push({ revision, key: name, value });
  } else if (del(store, name) > 0) model.changes.push({ revision, key: name, value: undefined });
  else return;
  model.revision = revision;
}

function expectedEvents(model: Model, { key, end, noPut, noDelete }: WatchRequest, from: number): string[] {
  const endText = end === undefined ? undefined : text(end);
  return model.changes
    .filter((c) => c.revision >= from && inRange(c.key, text(key), endText))
    .filter((c) => !(c.value === undefined ? noDelete : noPut))
    .map((c) => (c.value === undefined ? `-${c.key}@${c.revision}` : `+${c.key}=${c.value}@${c.revision}`));
}
