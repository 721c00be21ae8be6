import { none } from "../../../src/server/mvcc/records";
import { SortedKeys } from "../../../src/server/mvcc/sorted-keys";
import { toEnd, type Steps } from "../../../src/storage/steps";
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
  toEnd(keys.update((head) => (head % 100 === 0 ? head + 1 : none)));
  expect(withHeads(keys)).toEqual(Array.from({ length: 20 }, (_, i) => [name(i * 100), i * 100 + 1]));
  keys.replaceHead(bytes("00250"), 7);
  expect(walked(keys, name(200), name(301))).toEqual([name(200), name(250), name(300)]);
  toEnd(keys.update(() => none));
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
    toEnd(keys.update((head) => (head % 3 === round % 3 ? none : head)));
    for (const [key, head] of model) if (head % 3 === round % 3) model.delete(key);
    expect(withHeads(keys)).toEqual([...model].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
});

/** Runs the steps, and `between` after each of them. Returns how many there were. */
function stepsOf(steps: Steps<void>, between: () => void): number {
  for (let count = 1; ; count++) {
    if (steps.next().done === true) return count;
    between();
  }
}

/** Keys with values of a model that has the same. */
function withModel(keyCount: number) {
  const keys = new SortedKeys();
  const model = new Map<string, number>();
  const replace = (key: string, head: number) => {
    const before = keys.replaceHead(bytes(key), head);
    // Without expect(), which takes long for thousands.
    if (before !== (model.get(key) ?? none)) throw new Error(`${key} had ${before}`);
    model.set(key, head);
  };
  for (let i = 0; i < keyCount; i++) replace(name((i * 7919) % keyCount), i);
  const sorted = () => [...model].sort(([a], [b]) => (a < b ? -1 : 1));
  return { keys, model, replace, sorted };
}

test.each([1, 2, 50, 400, 1_000_000])(
  "Keys that come between the steps of an update stay, and no other one is lost: of %d keys, one stays.",
  (keeps) => {
    const { keys, model, replace, sorted } = withModel(20_000);
    const isKept = (head: number) => head % keeps === 0 || head >= 100_000;
    let added = 0;
    const steps = stepsOf(
      keys.update((head) => (isKept(head) ? head : none)),
      () => {
        for (let i = 0; i < 40; i++, added++) {
          // New keys at all places, and keys that the update has not looked at or not removed.
          const key = added % 2 === 0 ? `${name((added * 487) % 20_000)}x` : name((added * 4870) % 20_000);
          const before = keys.replaceHead(bytes(key), 100_000 + added);
          if (before !== none && before !== model.get(key)) throw new Error(`${key} had ${before}`);
          model.set(key, 100_000 + added);
        }
        // Within a chunk that is half empty, and from one to the next.
        expect(walked(keys, name(19_990), name(20_000)).length).toBeLessThanOrEqual(20);
      },
    );
    expect(steps).toBeGreaterThan(8);
    for (const [key, head] of model) if (!isKept(head)) model.delete(key);
    expect(withHeads(keys)).toEqual(sorted());
    for (const [key] of sorted().filter((_each, i) => i % 97 === 0)) replace(key, 5);
    for (let i = 0; i < 1000; i++) replace(name((i * 31) % 20_000), 6);
    expect(withHeads(keys)).toEqual(sorted());
  },
);

test("From the first step of a renumbering on, every key has its new number, and keys can be added.", () => {
  const { keys, model, replace, sorted } = withModel(20_000);
  const moved = Int32Array.from({ length: 20_001 }, (_, head) => 20_000 - head);
  for (let round = 0; round < 2; round++) {
    let added = 0;
    const steps = keys.renumber(moved);
    steps.next();
    for (const [key, head] of model) model.set(key, moved[head] as number);
    expect(keys.head(bytes(name(19_999)))).toBe(model.get(name(19_999)));
    const count = stepsOf(steps, () => {
      for (let i = 0; i < 40; i++, added++)
        replace(added % 2 === 0 ? `${name((added * 487) % 20_000)}x` : name((added * 4870) % 20_000), added);
    });
    expect(count).toBeGreaterThan(8);
    expect(withHeads(keys)).toEqual(sorted());
  }
});

test("Keys are sorted by bytes, also above 127.", () => {
  const keys = new SortedKeys();
  const unordered = [[0xff], [0x00], [0x7f, 0x00], [0x80], [0xc3, 0xa9], [0x7f]].map((b) => Buffer.from(b));
  for (const key of unordered) keys.replaceHead(key, 0);
  const wanted = unordered.sort(Buffer.compare).map((key) => text(key));
  expect(walked(keys, "")).toEqual(wanted);
});
