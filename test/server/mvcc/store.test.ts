import { CompactedError, FutureRevisionError } from "../../../src/server/mvcc/kv";
import type { Store } from "../../../src/server/mvcc/store";
import { FormatError } from "../../../src/storage/errors";
import { inRange, Model, randomOf } from "./model";
import { bytes, contentsOf, del, list, newStore, put, text } from "../store-harness";
import { toEnd } from "../../../src/storage/steps";

describe("the store", () => {
  test("A new store has revision 1, no compaction and the size of an empty db file.", () => {
    const store = newStore();
    expect(store).toMatchObject({
      revision: 1,
      compactRevision: -1,
      sizeBytes: 20480,
      sizeInUseBytes: 20480,
    });
    expect(list(store, "", "")).toEqual([]);
  });

  test("Each write has one main revision, and each change a sub revision.", () => {
    const store = newStore();
    const write = store.write();
    write.put(bytes("a"), bytes("1"), 0n);
    write.put(bytes("b"), bytes("2"), 0n);
    expect(toEnd(write.deleteRange(bytes("a"), undefined))).toEqual({ deleted: 1, revision: 2 });
    expect(store.revision).toBe(1);
    expect(store.range(bytes("b"), undefined).count).toBe(0);
    expect(write.range(bytes("b"), undefined).count).toBe(1);
    write.end();
    expect(store.revision).toBe(2);
    expect([...store.records()].map(({ main, sub, tombstone }) => [main, sub, tombstone])).toEqual([
      [2, 0, false],
      [2, 1, false],
      [2, 2, true],
    ]);
  });

  test("A write without changes makes no revision.", () => {
    const store = newStore();
    expect(del(store, "a", "")).toBe(0);
    expect(store.revision).toBe(1);
  });

  test("A write inside a write and a change after the end are refused.", () => {
    const store = newStore();
    const write = store.write();
    expect(() => store.write()).toThrow("before the last one ended");
    expect(() => store.compact(1)).toThrow("during a write");
    write.end();
    expect(() => write.put(bytes("a"), bytes(""), 0n)).toThrow("after the end");
    expect(() => write.end()).toThrow("ended twice");
  });

  test("A range counts all keys, or up to the limit with countUpToLimit.", () => {
    const store = newStore();
    for (const key of "abcde") put(store, key);
    const read = (options: object) => {
      const { kvs, count } = store.range(bytes("a"), bytes(""), options);
      return [kvs.length, count];
    };
    expect(read({})).toEqual([5, 5]);
    expect(read({ limit: 2 })).toEqual([2, 5]);
    expect(read({ limit: 2, countUpToLimit: true })).toEqual([2, 2]);
    expect(read({ countOnly: true, limit: 2 })).toEqual([0, 5]);
    expect(read({ limit: 2, revision: 3 })).toEqual([2, 2]);
  });

  test("Old revisions can be read, compacted and future ones are refused.", () => {
    const store = newStore();
    put(store, "a", "1");
    put(store, "a", "2");
    del(store, "a");
    put(store, "a", "3");
    expect([2, 3, 4, 5].map((revision) => list(store, "a", undefined, revision))).toEqual([
      ["a=1@2/2/1"],
      ["a=2@3/2/2"],
      [],
      ["a=3@5/5/1"],
    ]);
    store.compact(3);
    expect(() => list(store, "a", undefined, 2)).toThrow(CompactedError);
    expect(list(store, "a", undefined, 3)).toEqual(["a=2@3/2/2"]);
    expect(() => list(store, "a", undefined, 6)).toThrow(FutureRevisionError);
    expect(() => store.compact(3)).toThrow(CompactedError);
    expect(() => store.compact(6)).toThrow(FutureRevisionError);
  });

  test("Keys and values can be any bytes.", () => {
    const store = newStore();
    const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    const write = store.write();
    write.put(all, all, 0n);
    write.put(Buffer.from([0xff]), Buffer.alloc(200_000, 0xfe), 0n);
    write.end();
    const [first, second] = store.range(Buffer.from([0]), Buffer.alloc(0)).kvs;
    expect(Buffer.from(first?.key ?? []).equals(all) && Buffer.from(first?.value ?? []).equals(all)).toBe(
      true,
    );
    expect(second?.value.length).toBe(200_000);
  });

  test("Compaction removes records, and defragmenting reduces the file size.", () => {
    const store = newStore();
    for (let i = 0; i < 2000; i++) put(store, `k${i % 10}`, "x".repeat(1000));
    const grown = store.sizeBytes;
    expect(grown).toBeGreaterThan(2_000_000);
    store.compact(store.revision);
    expect([...store.records()].length).toBe(10);
    expect(store.sizeInUseBytes).toBeLessThan(50_000);
    expect(store.sizeBytes).toBe(grown);
    void store.defragment();
    expect(store.sizeBytes).toBe(store.sizeInUseBytes);
    expect(list(store, "k", "l").length).toBe(10);
  });

  test("A copy of the records stays valid while the store changes.", () => {
    const store = newStore();
    for (let i = 0; i < 300; i++) put(store, `k${i % 7}`, "x".repeat(i));
    const copy = () => [...store.records()].map((r) => r.source.read(r.offset, r.sizeBytes).toString("hex"));
    const wanted = copy();
    const picture = store.records()[Symbol.iterator]();
    const first = picture.next();
    for (let i = 0; i < 2000; i++) put(store, `k${i % 7}`, "y".repeat(500));
    store.compact(store.revision);
    void store.defragment();
    for (let i = 0; i < 2000; i++) put(store, `k${i % 7}`, "z".repeat(500));
    const read = [first, ...Array.from({ length: wanted.length - 1 }, () => picture.next())].map(
      ({ value: r }) => r.source.read(r.offset, r.sizeBytes).toString("hex"),
    );
    expect(read).toEqual(wanted);
    expect(picture.next().done).toBe(true);
  });
});

describe("a restored store", () => {
  test("A restored store continues with the state of the old one.", () => {
    const store = newStore();
    put(store, "a", "1");
    put(store, "a", "2");
    put(store, "b", "1");
    del(store, "b");
    const loaded = newStore({ contents: contentsOf(store) });
    expect(loaded.revision).toBe(5);
    expect(list(loaded, "", "", 4)).toEqual(list(store, "", "", 4));
    put(loaded, "a", "3");
    put(loaded, "b", "2");
    expect(list(loaded, "", "")).toEqual(["a=3@6/2/3", "b=2@7/7/1"]);
  });

  test("A restored store keeps its revision if compaction removed the newest records.", () => {
    const contents = { records: [], finishedCompactRevision: 9, scheduledCompactRevision: 9 };
    const store = newStore({ contents });
    expect(store).toMatchObject({ revision: 9, compactRevision: 9, finishedCompactRevision: 9 });
  });

  test("A restored store finishes a scheduled compaction.", () => {
    const store = newStore();
    put(store, "a", "1");
    put(store, "a", "2");
    put(store, "b", "1");
    const loaded = newStore({ contents: { ...contentsOf(store), scheduledCompactRevision: 3 } });
    expect(loaded).toMatchObject({ compactRevision: 3, revision: 4 });
    expect([...loaded.records()].map((r) => r.main)).toEqual([3, 4]);
  });

  test("A restore attaches each key to its last lease.", () => {
    const store = newStore({
      leases: { has: () => true, leaseOf: () => 0n, attach: () => 0, detach: () => 0 },
    });
    put(store, "kept", "", 7n);
    put(store, "moved", "", 7n);
    put(store, "moved", "", -8n);
    put(store, "freed", "", 7n);
    put(store, "freed", "");
    put(store, "deleted", "", 7n);
    del(store, "deleted");
    put(store, "unknown", "", 9n);
    const attached: string[] = [];
    const leases = {
      has: (id: bigint) => id !== 9n,
      leaseOf: () => 0n,
      attach: (id: bigint, key: string) => attached.push(`${key} ${id}`),
      detach: () => undefined,
    };
    newStore({ contents: contentsOf(store), leases });
    expect(attached.sort()).toEqual(["kept 7", "moved -8"]);
  });

  test("Records whose revisions do not rise are refused.", () => {
    const store = newStore();
    put(store, "a");
    put(store, "b");
    const records = [...store.records()].reverse();
    expect(() => newStore({ contents: { ...contentsOf(store), records } })).toThrow(
      "the revisions do not rise",
    );
  });

  test.each([
    ["0a056b", "is no KeyValue: protobuf: length 5 past the end at byte 2 of 3"],
    ["0a016b2a0576", "is no KeyValue: protobuf: length 5 past the end at byte 5 of 6"],
    ["0a016b10ffffffffffffffffff01", "is no KeyValue: its create revision is -1"],
  ])("refuses record %s with the file and the place in it", (hex, problem) => {
    const read = () => Buffer.from(hex, "hex");
    const source = { path: "backup.db", read, view: read };
    const record = { main: 2, sub: 0, tombstone: false, source, offset: 4711, sizeBytes: hex.length / 2 };
    const open = () => newStore({ contents: { ...contentsOf(newStore()), records: [record] } });
    expect(open).toThrow(FormatError);
    expect(open).toThrow(`backup.db: record 2.0 ${problem} (at byte 4711)`);
  });

  test("A store restored from contents without compaction has none.", () => {
    const store = newStore();
    put(store, "a");
    const contents = { ...contentsOf(store), finishedCompactRevision: 0, scheduledCompactRevision: 0 };
    expect(newStore({ contents })).toMatchObject({ revision: 2, compactRevision: -1 });
  });

  test("A range with keysOnly returns the same keys as the records, at every revision.", () => {
    const written = newStore();
    for (const key of ["a", "b", "a", "c", "a"]) put(written, key, "value");
    del(written, "b");
    put(written, "b", "again");
    for (const store of [written, newStore({ contents: contentsOf(written) })]) {
      for (let revision = 2; revision <= store.revision; revision++) {
        const whole = store.range(bytes("a"), bytes("z"), { revision });
        const keys = store.range(bytes("a"), bytes("z"), { revision, content: "index" });
        expect(keys).toEqual({
          ...whole,
          kvs: whole.kvs.map((kv) => ({ ...kv, value: new Uint8Array(0), lease: 0n })),
        });
      }
    }
  });
});

describe.each([1, 2, 3, 4])("a random history (seed %d)", (seed) => {
  test("A random history reads like the list of its changes, at every revision that is not compacted.", () => {
    const random = randomOf(seed);
    const model = new Model();
    let store: Store = newStore();
    let compacted = 1;
    const key = () => "abcdefgh".charAt(random(8)).repeat(1 + random(2));
    const range = (): [string, string | undefined] => {
      const end = [undefined, "", key()][random(3)];
      return [key(), end];
    };
    for (let step = 0; step < 300; step++) {
      const dice = random(20);
      if (dice < 14) writeBoth(store, model, random, key, range);
      else if (dice === 14 && model.revision > compacted) {
        compacted += 1 + random(model.revision - compacted);
        store.compact(compacted);
      } else if (dice === 15) void store.defragment();
      else if (dice === 16) store = newStore({ contents: contentsOf(store) });
      expect(store.revision).toBe(model.revision);
      const [from, end] = range();
      const revision = compacted + random(model.revision - compacted + 1);
      expect(list(store, from, end, revision)).toEqual(model.list(from, end, revision));
    }
  });
});

function writeBoth(
  store: Store,
  model: Model,
  random: (n: number) => number,
  key: () => string,
  range: () => [string, string | undefined],
): void {
  const write = store.write();
  const revision = model.revision + 1;
  const touched = new Set<string>();
  for (let op = random(4); op >= 0; op--) {
    if (random(3) > 0) {
      const name = key();
      if (touched.has(name)) continue;
      touched.add(name);
      const value = String(random(1000));
      write.put(bytes(name), bytes(value), 0n);
      model.changes.push({ revision, key: name, value });
    } else {
      const [from, end] = range();
      const living = [...model.at(revision).keys()].filter((name) => inRange(name, from, end));
      if (living.some((name) => touched.has(name))) continue;
      living.forEach((name) => touched.add(name));
      expect(toEnd(write.deleteRange(bytes(from), end === undefined ? undefined : bytes(end))).deleted).toBe(
        living.length,
      );
      living.forEach((name) => model.changes.push({ revision, key: name, value: undefined }));
    }
    expect(write.range(bytes(""), bytes("")).kvs.map((kv) => text(kv.key))).toEqual([
      ...model.at(revision).keys(),
    ]);
  }
  write.end();
  if (touched.size > 0) model.revision = revision;
}
