import { KeySorter } from "../../../src/server/mvcc/key-sorter";
import { seeded } from "../../support/seeded";

function sorted(keys: readonly Buffer[]): { key: string; id: number }[] {
  const taken: { key: string; id: number }[] = [];
  const sorter = new KeySorter((key, id) => taken.push({ key: Buffer.from(key).toString("hex"), id }));
  for (const [id, key] of keys.entries()) sorter.add(key, id);
  sorter.flush();
  return taken;
}

/** In one batch. */
const expected = (keys: readonly Buffer[]) =>
  keys
    .map((key, id) => ({ key, id }))
    .sort((a, b) => Buffer.compare(a.key, b.key) || a.id - b.id)
    .map(({ key, id }) => ({ key: key.toString("hex"), id }));

const random = seeded(3);
const bytesOf = (sizeBytes: number, values: number) =>
  Buffer.from(Array.from({ length: sizeBytes }, () => random(values) * Math.floor(255 / (values - 1))));

const cases: readonly (readonly [string, () => Buffer[]])[] = [
  ["no keys", () => []],
  ["one key", () => [Buffer.from("a")]],
  ["keys in order", () => Array.from({ length: 100 }, (_, i) => Buffer.from(`k${1000 + i}`))],
  ["keys in reverse order", () => Array.from({ length: 500 }, (_, i) => Buffer.from(`k${1000 - i}`))],
  ["few keys, many times", () => Array.from({ length: 3000 }, () => Buffer.from(`k${random(7)}`))],
  ["any bytes", () => Array.from({ length: 3000 }, () => bytesOf(1 + random(6), 256))],
  ["beginnings of each other", () => Array.from({ length: 3000 }, () => bytesOf(random(40), 2))],
  [
    "the same beginning",
    () => Array.from({ length: 3000 }, () => Buffer.from(`/a/long/beginning/${random(10_000)}`)),
  ],
  [
    "long keys",
    () => Array.from({ length: 40 }, () => Buffer.concat([Buffer.alloc(20_000, 1), bytesOf(2, 4)])),
  ],
];

test.each(cases)("%s: all come in order, the same ones in the order of their records", (_name, make) => {
  const keys = make();
  expect(sorted(keys)).toEqual(expected(keys));
});

test("more keys than a batch: each comes once, and those of a key in the order of their records", () => {
  const count = 300_000;
  const last = new Map<string, number>();
  let taken = 0;
  const sorter = new KeySorter((key, id) => {
    const name = Buffer.from(key).toString();
    if (id <= (last.get(name) ?? -1)) throw new Error(`${name}: record ${id} after ${last.get(name)}`);
    last.set(name, id);
    taken++;
  });
  for (let id = 0; id < count; id++) sorter.add(Buffer.from(`key${(id * 7919) % 5000}`), id);
  sorter.flush();
  expect([taken, last.size]).toEqual([count, 5000]);
});
