import { KeyTable, type KeySums } from "../../src/offline/key-table";
import { WalkedRecord } from "../../src/storage/record-walk";
import { seeded } from "../support/seeded";

interface Record {
  readonly key: string;
  readonly tombstone: boolean;
  readonly value: number;
}

function someRecords(keys: number, count: number): Record[] {
  const random = seeded(7);
  return Array.from({ length: count }, () => ({
    key: `/key/${random(keys)}`,
    tombstone: random(5) === 0,
    value: random(1000),
  }));
}

/** Walks until the table has counted every key. */
function countAll(records: readonly Record[], maxSlots: number): { readonly sums: KeySums[]; walks: number } {
  const table = new KeyTable((record) => Number(record.keyText.slice(5)), maxSlots);
  const walked = new WalkedRecord();
  const sums: KeySums[] = [];
  let walks = 0;
  do {
    walks++;
    records.forEach(({ key, tombstone, value }, place) => {
      Object.assign(walked, { tombstone, place, valueSizeBytes: value, sizeBytes: value + 20 });
      walked.encodedSizeBytes = value + 3;
      walked.bytes = Buffer.from(`..${key}`);
      walked.keyStart = 2;
      walked.keyEnd = walked.bytes.length;
      table.add(walked);
    });
    sums.push(...table.keys());
  } while (table.next());
  return { sums: sums.sort((a, b) => a.group - b.group), walks };
}

function expected(records: readonly Record[]): KeySums[] {
  const sums = new Map<number, KeySums>();
  records.forEach(({ key, tombstone, value }, place) => {
    const group = Number(key.slice(5));
    const before = sums.get(group);
    sums.set(group, {
      group,
      exists: !tombstone,
      valueSizeBytes: tombstone ? 0 : value,
      revisions: (before?.revisions ?? 0) + 1,
      allSizeBytes: (before?.allSizeBytes ?? 0) + value + 20,
      place,
      encodedSizeBytes: value + 3,
    });
  });
  return [...sums.values()].sort((a, b) => a.group - b.group);
}

const records = someRecords(600, 2000);

test("a table that has room counts every key in one walk", () => {
  const { sums, walks } = countAll(records, 1 << 16);
  expect(sums).toEqual(expected(records));
  expect(walks).toBe(1);
});

test.each([64, 256])("a table of at most %i entries counts every key once, in several walks", (maxSlots) => {
  const { sums, walks } = countAll(records, maxSlots);
  expect(sums).toEqual(expected(records));
  expect(walks).toBeGreaterThanOrEqual(600 / maxSlots);
});
