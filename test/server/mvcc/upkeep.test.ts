import { unitsPerTurn } from "../../../src/server/mvcc/turn-budget";
import type { Store } from "../../../src/server/mvcc/store";
import { keyAtStart } from "../../../src/server/mvcc/record-head";
import { toEnd } from "../../../src/storage/steps";
import { turnsOf } from "../../support/turns";
import { bytes, contentsOf, del, list, newStore, put, text } from "../store-harness";

const keyCount = 12_000;
const name = (i: number) => `key${String(i).padStart(6, "0")}`;

/** Every key twice, and a third of them deleted: more records than one turn of the event loop may read. */
function largeStore(): Store {
  const store = newStore();
  for (const value of ["first", "second"]) {
    const write = store.write();
    for (let i = 0; i < keyCount; i++) write.put(bytes(name(i)), bytes(value), 0n);
    write.end();
  }
  del(store, name(8_000), name(keyCount));
  put(store, "last", "1");
  return store;
}

/** What a store answers and saves. */
const stateOf = (store: Store) => ({
  hash: store.hash(0),
  records: Array.from(store.records(), ({ main, sub }) => `${main}.${sub}`).join(),
  compacted: [store.compactRevision, store.finishedCompactRevision],
  sizes: store.sizeInUseBytes,
});

/** Puts and deletes of keys at all places: of new keys, of old ones, and of those that were deleted. */
function writer(store: Store): { write(count: number): void; written(): number } {
  let i = 0;
  return {
    written: () => i,
    write(count) {
      for (const end = i + count; i < end; i++) {
        const at = (i * 487) % keyCount;
        if (i % 3 === 0) del(store, name(at), name(at + 2));
        else put(store, i % 3 === 1 ? name(at) : `${name(at)}x`, `${i}`);
      }
    },
  };
}

/** Turns after the first one: the store has this many records at least. */
const leastTurns = Math.floor((2 * keyCount) / unitsPerTurn);

describe("work on a large store", () => {
  test("A compaction takes several turns, and reads and writes go on meanwhile.", async () => {
    const store = largeStore();
    store.compact(4);
    expect([store.compactRevision, store.finishedCompactRevision]).toEqual([4, 0]);
    expect(() => list(store, "last", undefined, 3)).toThrow("compacted");
    let writes = 0;
    const turns = await turnsOf(store.compacting as Promise<void>, () => {
      put(store, `new${++writes}`);
      put(store, name(0), `third${writes}`);
      expect(list(store, name(0))[0]).toContain(`third${writes}@`);
      expect(list(store, name(1), name(4))).toHaveLength(3);
    });
    expect(turns).toBeGreaterThanOrEqual(leastTurns);
    expect(store.compacting).toBeUndefined();

    const twin = largeStore();
    twin.compact(4);
    twin.finish();
    for (let i = 1; i <= writes; i++) {
      put(twin, `new${i}`);
      put(twin, name(0), `third${i}`);
    }
    expect(stateOf(store)).toEqual(stateOf(twin));
  });

  test.each([1, 4])(
    "Writes between the steps of a compaction at revision %d have the result of writes after it.",
    async (revision) => {
      const store = largeStore();
      const { write, written } = writer(store);
      store.compact(revision);
      while (store.compacting !== undefined) {
        write(50);
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(written()).toBeGreaterThan(200);

      const twin = largeStore();
      twin.compact(revision);
      twin.finish();
      writer(twin).write(written());
      expect(stateOf(store)).toEqual(stateOf(twin));
      expect(list(store, "", "").join()).toBe(list(twin, "", "").join());
      expect([store.keyCount, twin.keyCount]).toEqual([list(store, "", "").length, store.keyCount]);
      expect(newStore({ contents: contentsOf(store) }).keyCount).toBe(store.keyCount);
      // The next ones, of which one is a defragmentation, too.
      for (const each of [store, twin]) {
        each.compact(each.revision - 7);
        each.finish();
        void each.defragment();
        each.finish();
      }
      expect(stateOf(store)).toEqual(stateOf(twin));
    },
  );

  test("A file that is saved during a compaction has all records, and its next start finishes the compaction.", async () => {
    const store = largeStore();
    store.compact(4);
    const during = {
      records: [...store.records()],
      finishedCompactRevision: store.finishedCompactRevision,
      scheduledCompactRevision: store.compactRevision,
    };
    await store.compacting;
    const restored = newStore({ contents: during });
    expect({ ...stateOf(restored), sizes: 0 }).toEqual({ ...stateOf(store), sizes: 0 });
  });

  test("A copy of the records stays valid during compaction and defragmentation.", async () => {
    const store = largeStore();
    const texts = () =>
      Array.from(copy, ({ source, offset, sizeBytes }) => source.read(offset, sizeBytes).toString("latin1"));
    const copy = store.records();
    const before = texts();
    store.compact(4);
    const defragmented = store.defragment();
    put(store, name(0), "third");
    await turnsOf(Promise.all([store.compacting, defragmented]), () => put(store, name(1), "third"));
    expect(texts()).toEqual(before);
  });

  test("The order of the keys takes several turns. It is of the records of its start, whatever is written meanwhile.", async () => {
    const store = largeStore();
    const records = [...store.records()];
    const steps = store.byKey()();
    let order: Int32Array | undefined;
    let turns = 0;
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done === true) {
        order = step.value;
        break;
      }
      put(store, `${name(turns)}x`);
      put(store, name(keyCount - turns));
      turns++;
    }
    expect(turns).toBeGreaterThan(5);
    const shown = Array.from(order ?? [], (id) => {
      const { main = 0, sub = 0, source, offset = 0, sizeBytes = 0 } = records[id] ?? {};
      const key = text(source && keyAtStart(source.read(offset, sizeBytes)));
      return { key, main, sub };
    });
    expect(shown).toHaveLength(records.length);
    const sorted = [...shown].sort(
      (a, b) => Buffer.compare(bytes(a.key), bytes(b.key)) || b.main - a.main || b.sub - a.sub,
    );
    expect(shown).toEqual(sorted);
  });

  test("The order of the keys is not given when a compaction or a defragmentation moves records.", async () => {
    const store = largeStore();
    for (const move of [() => store.compact(4), () => void store.defragment()]) {
      const before = store.byKey();
      const running = store.byKey()();
      running.next();
      move();
      await store.compacting;
      store.finish();
      expect([toEnd(before()), toEnd(running)]).toEqual([undefined, undefined]);
      expect(toEnd(store.byKey()())).toHaveLength([...store.records()].length);
    }
  });

  test("A hash takes several turns and is the one of its revision.", async () => {
    const store = largeStore();
    const expected = store.hash(0);
    const hash = store.hashInTurns(0);
    expect(hash).toBeInstanceOf(Promise);
    put(store, "meanwhile");
    expect(await hash).toEqual(expected);
  });

  test("Compactions, hashes and defragmentations run one after the other.", async () => {
    const store = largeStore();
    store.compact(2);
    const hash = store.hashInTurns(0);
    store.compact(4);
    const defragmented = store.defragment();
    expect(() => store.compact(4)).toThrow("compacted");
    await Promise.all([store.compacting, hash, defragmented]);
    const twin = largeStore();
    twin.compact(2);
    twin.compact(4);
    twin.finish();
    expect(stateOf(store)).toEqual(stateOf(twin));
    expect(store.hash(4)).toEqual(twin.hash(4));
  });
});
