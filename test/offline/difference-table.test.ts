import { DifferenceTable } from "../../src/offline/difference-table";
import { KeyValue } from "../../src/proto/gen/mvccpb";
import { decode, encode } from "../../src/proto/message";
import { WalkedRecord, type RecordWalk } from "../../src/storage/record-walk";
import { seeded } from "../support/seeded";

interface Put {
  readonly key: string;
  /** Undefined: a deletion. */
  readonly value: string | undefined;
}

const largeValue = "v".repeat(5000);

/** Several versions of each key, deletions, empty and large values. */
function somePuts(seed: number, keys: number, count: number): Put[] {
  const random = seeded(seed);
  const values = ["", "one", "two", largeValue, `${largeValue.slice(1)}w`];
  return Array.from({ length: count }, () => ({
    key: `/key/${random(keys)}`,
    value: random(5) === 0 ? undefined : values[random(values.length)],
  }));
}

/** Records as a walk over a file shows them: of large values only the beginning. */
function recordsOf(puts: readonly Put[]): RecordWalk {
  const encoded = puts.map(({ key, value = "" }) =>
    Buffer.from(encode(KeyValue, KeyValue.create({ key: Buffer.from(key), value: Buffer.from(value) }))),
  );
  return {
    *walk(visit) {
      for (const [place, { key, value = "" }] of puts.entries()) {
        const record = new WalkedRecord();
        record.tombstone = puts[place]?.value === undefined;
        record.bytes = (encoded[place] as Buffer).subarray(0, 1024);
        record.keyStart = 2;
        record.keyEnd = 2 + key.length;
        record.valueSizeBytes = value.length;
        record.valueStart = (encoded[place] as Buffer).length - value.length;
        record.place = place;
        record.encodedSizeBytes = (encoded[place] as Buffer).length;
        visit(record);
        yield 1;
      }
    },
    read: (place) => encoded[place] as Buffer,
    holds: (place, { bytes, start, encodedSizeBytes }) =>
      bytes.length - start >= encodedSizeBytes && (encoded[place] as Buffer).equals(bytes),
  };
}

function differencesOf(a: RecordWalk, b: RecordWalk, maxSlots?: number) {
  const table = new DifferenceTable(maxSlots);
  const found = new Map<string, string>();
  const toEnd = (steps: Iterable<unknown>) => [...steps].length;
  let walks = 0;
  do {
    walks++;
    toEnd(a.walk((record) => table.addOfA(record)));
    toEnd(b.walk((record) => table.addOfB(record, a, b)));
    for (const { a: placeA, b: placeB } of table.differences()) {
      const read = placeA === undefined ? b.read(placeB?.place ?? 0, 0) : a.read(placeA.place, 0);
      const key = Buffer.from(decode(KeyValue, read).key).toString();
      expect(found.has(key)).toBe(false);
      found.set(key, placeA === undefined ? "added" : placeB === undefined ? "removed" : "changed");
    }
  } while (table.next());
  return { found: Object.fromEntries([...found].sort()), walks };
}

function expected(a: readonly Put[], b: readonly Put[]): Record<string, string> {
  const [last, next] = [a, b].map((puts) => new Map(puts.map(({ key, value }) => [key, value]))) as [
    Map<string, string | undefined>,
    Map<string, string | undefined>,
  ];
  const found = [...new Set([...last.keys(), ...next.keys()])].sort().map((key) => {
    const [from, to] = [last.get(key), next.get(key)];
    if (from === to) return [];
    return [key, from === undefined ? "added" : to === undefined ? "removed" : "changed"] as const;
  });
  return Object.fromEntries(found.filter((each) => each.length > 0) as [string, string][]);
}

const putsA = somePuts(1, 400, 1500);
const putsB = [...putsA.slice(0, 1200), ...somePuts(2, 500, 200)];
const [a, b] = [recordsOf(putsA), recordsOf(putsB)];

test("it finds the keys whose last values differ", () => {
  const { found, walks } = differencesOf(a, b);
  expect(found).toEqual(expected(putsA, putsB));
  expect(new Set(Object.values(found))).toEqual(new Set(["added", "removed", "changed"]));
  expect(walks).toBe(1);
});

test("records without a difference have none", () => {
  expect(differencesOf(b, b).found).toEqual({});
});

test.each([32, 128])("a table of at most %i entries finds the same in several walks", (maxSlots) => {
  const { found, walks } = differencesOf(a, b, maxSlots);
  expect(found).toEqual(expected(putsA, putsB));
  expect(walks).toBeGreaterThan(1);
});
