import { readdirSync } from "node:fs";
import { DifferenceSorter, type SortedKey } from "../../src/offline/difference-sorter";
import { seeded } from "../support/seeded";
import { workFolder } from "../support/work-folder";

const folder = workFolder();

function someKeys(count: number): SortedKey[] {
  const random = seeded(3);
  return Array.from({ length: count }, (_, at) => {
    const place = { place: at * 2 ** 20, sizeBytes: 1 + random(1000) };
    const hasA = random(3) > 0;
    return {
      key: Buffer.from(`${random(1000)}/${at}`.padEnd(random(200), "k")),
      a: hasA ? place : undefined,
      b: !hasA || random(2) === 0 ? { ...place, place: 2 ** 40 + at } : undefined,
    };
  });
}

const sortedByKey = (keys: readonly SortedKey[]) =>
  [...keys].sort((a, b) => Buffer.compare(a.key, b.key)).map(plain);
const plain = ({ key, a, b }: SortedKey) => ({ key: key.toString(), a, b });

test.each([
  [0, 100],
  [99, 100],
  [1000, 100],
  [3000, 7],
])("%i keys come back in order, with at most %i in memory", (count, runKeys) => {
  const keys = someKeys(count);
  const sorter = new DifferenceSorter(runKeys);
  try {
    for (const key of keys) sorter.add(key);
    expect(Array.from(sorter.sorted(), plain)).toEqual(sortedByKey(keys));
  } finally {
    sorter.close();
  }
});

test("the temporary file is removed, also without a reader", () => {
  const sorter = new DifferenceSorter(10, folder());
  for (const key of someKeys(100)) sorter.add(key);
  expect(readdirSync(folder())).toHaveLength(1);
  sorter.close();
  expect(readdirSync(folder())).toEqual([]);
});
