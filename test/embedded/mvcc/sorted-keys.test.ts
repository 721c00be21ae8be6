import type { KeyEntry } from "../../../src/embedded/mvcc/sorted-keys";
import { SortedKeys } from "../../../src/embedded/mvcc/sorted-keys";

function walked(keys: SortedKeys, from: string, end?: string, most = Infinity): string[] {
  const seen: string[] = [];
  keys.walk(from, end, (entry) => seen.push(entry.key) < most);
  return seen;
}

const name = (i: number) => String(i).padStart(5, "0");

describe.each([
  ["rising", (i: number) => i],
  ["falling", (i: number) => 2999 - i],
  ["mixed", (i: number) => (i * 1009) % 3000],
])("keys that come in %s order", (_name, order) => {
  const keys = new SortedKeys();
  for (let i = 0; i < 3000; i++) keys.insert({ key: name(order(i)), head: 0 });
  const all = Array.from({ length: 3000 }, (_, i) => name(i));

  test("are walked in order", () => {
    expect(walked(keys, "")).toEqual(all);
  });

  test("are walked from a key, up to an end, and no further than wanted", () => {
    expect(walked(keys, name(511), name(514))).toEqual([name(511), name(512), name(513)]);
    expect(walked(keys, `${name(7)}x`, undefined, 2)).toEqual([name(8), name(9)]);
    expect(walked(keys, name(9), name(9))).toEqual([]);
    expect(walked(keys, name(9), name(3))).toEqual([]);
    expect(walked(keys, "x")).toEqual([]);
  });
});

test("filter removes and keeps the order, down to nothing and up again", () => {
  const keys = new SortedKeys();
  const entries: KeyEntry[] = Array.from({ length: 2000 }, (_, i) => ({ key: name(i), head: i }));
  keys.fill(entries);
  keys.filter((entry) => entry.head % 100 === 0);
  expect(walked(keys, "")).toEqual(entries.filter((e) => e.head % 100 === 0).map((e) => e.key));
  keys.filter(() => false);
  expect(walked(keys, "")).toEqual([]);
  keys.insert({ key: "a", head: 0 });
  expect(walked(keys, "")).toEqual(["a"]);
});

test("order is that of the bytes, also above 127", () => {
  const keys = new SortedKeys();
  const bytes = [[0xff], [0x00], [0x7f, 0x00], [0x80], [0xc3, 0xa9], [0x7f]];
  const wanted = bytes.map((b) => Buffer.from(b)).sort(Buffer.compare);
  for (const b of bytes) keys.insert({ key: Buffer.from(b).toString("latin1"), head: 0 });
  expect(walked(keys, "").map((key) => Buffer.from(key, "latin1"))).toEqual(wanted);
});
