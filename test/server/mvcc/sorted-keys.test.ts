import { none } from "../../../src/server/mvcc/records";
import { SortedKeys } from "../../../src/server/mvcc/sorted-keys";
import { bytes, text } from "../store-harness";

function walked(keys: SortedKeys, from: string, end?: string, most = Infinity): string[] {
  const seen: string[] = [];
  keys.walk(bytes(from), end === undefined ? undefined : bytes(end), (_head, chunk, place) => {
    return seen.push(text(chunk.key(place))) < most;
  });
  return seen;
}

function withHeads(keys: SortedKeys): [string, number][] {
  const seen: [string, number][] = [];
  keys.walk(bytes(""), undefined, (head, chunk, place) => seen.push([text(chunk.key(place)), head]) > 0);
  return seen;
}

const name = (i: number) => String(i).padStart(5, "0");

describe.each([
  ["rising", (i: number) => i],
  ["falling", (i: number) => 2999 - i],
  ["mixed", (i: number) => (i * 1009) % 3000],
])("keys that come in %s order", (_name, order) => {
  const keys = new SortedKeys();
  for (let i = 0; i < 3000; i++) keys.replaceHead(bytes(name(order(i))), order(i));
  const all = Array.from({ length: 3000 }, (_, i) => name(i));

  test("A walk visits all keys in order.", () => {
    expect(walked(keys, "")).toEqual(all);
  });

  test("A walk begins at the key, ends before the end, and stops when the visitor returns false.", () => {
    expect(walked(keys, name(511), name(514))).toEqual([name(511), name(512), name(513)]);
    expect(walked(keys, `${name(7)}x`, undefined, 2)).toEqual([name(8), name(9)]);
    expect(walked(keys, name(9), name(9))).toEqual([]);
    expect(walked(keys, name(9), name(3))).toEqual([]);
    expect(walked(keys, name(2900), name(3))).toEqual([]);
    expect(walked(keys, "x")).toEqual([]);
  });

  test("Each key has its newest record.", () => {
    expect(keys.head(bytes(name(1234)))).toBe(1234);
    expect(keys.replaceHead(bytes(name(1234)), 5000)).toBe(1234);
    expect(keys.replaceHead(bytes(name(1234)), 1234)).toBe(5000);
    expect([keys.head(bytes("0123")), keys.head(bytes("x")), keys.head(bytes(""))]).toEqual([
      none,
      none,
      none,
    ]);
  });
});

test("An update renumbers and removes keys and keeps the order, down to no keys and up again.", () => {
  const keys = new SortedKeys();
  for (let i = 0; i < 2000; i++) keys.replaceHead(bytes(name(i)), i);
  keys.update((head) => (head % 100 === 0 ? head + 1 : none));
  expect(withHeads(keys)).toEqual(Array.from({ length: 20 }, (_, i) => [name(i * 100), i * 100 + 1]));
  keys.replaceHead(bytes("00250"), 7);
  expect(walked(keys, name(200), name(301))).toEqual([name(200), name(250), name(300)]);
  keys.update(() => none);
  expect(walked(keys, "")).toEqual([]);
  keys.replaceHead(bytes("a"), 0);
  expect(withHeads(keys)).toEqual([["a", 0]]);
});

test("Keys of all lengths, in mixed order and with removals, equal a sorted list.", () => {
  const keys = new SortedKeys();
  const model = new Map<string, number>();
  let seed = 1;
  const random = (below: number) => (seed = (seed * 48271) % 0x7fffffff) % below;
  for (let round = 0; round < 4; round++) {
    for (let i = 0; i < 1500; i++) {
      const key = "k".repeat(random(40)) + name(random(2000)).repeat(random(9));
      expect(keys.replaceHead(bytes(key), i)).toBe(model.get(key) ?? none);
      model.set(key, i);
    }
    keys.update((head) => (head % 3 === round % 3 ? none : head));
    for (const [key, head] of model) if (head % 3 === round % 3) model.delete(key);
    expect(withHeads(keys)).toEqual([...model].sort(([a], [b]) => (a < b ? -1 : 1)));
    expect([...keys.heads()]).toEqual(withHeads(keys).map(([, head]) => head));
  }
});

test("Keys are sorted by bytes, also above 127.", () => {
  const keys = new SortedKeys();
  const unordered = [[0xff], [0x00], [0x7f, 0x00], [0x80], [0xc3, 0xa9], [0x7f]].map((b) => Buffer.from(b));
  for (const key of unordered) keys.replaceHead(key, 0);
  const wanted = unordered.sort(Buffer.compare).map((key) => text(key));
  expect(walked(keys, "")).toEqual(wanted);
});
