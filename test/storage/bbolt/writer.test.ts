import { checkInSteps } from "../../../src/storage/bbolt/check";
import { BboltFile } from "../../../src/storage/bbolt/reader";
import type { BucketSource, KeptBucket } from "../../../src/storage/bbolt/writer";
import { bboltAppend, bboltImage } from "../../../src/storage/bbolt/writer";
import { seeded } from "../../support/seeded";
import { testFolder } from "../fixture-files";

const folder = testFolder();

/** Values as latin1 text, since jest compares text faster than buffers. */
type Entries = readonly (readonly [string, string])[];

function bucket(name: string, entries: Entries): BucketSource {
  return {
    name: Buffer.from(name),
    entries: () =>
      entries.map(([key, value]) => ({
        key: Buffer.from(key),
        valueSizeBytes: value.length,
        value: () => Buffer.from(value, "latin1"),
      })),
  };
}

/** Writes, checks and reads back. */
function roundTrip(buckets: readonly BucketSource[], pageSize?: number) {
  return checked(imageBytes(buckets, pageSize));
}

function imageBytes(buckets: readonly BucketSource[], pageSize?: number): Buffer {
  const image = bboltImage(buckets, pageSize);
  const bytes = Buffer.concat([...image.chunks]);
  expect(bytes.length).toBe(image.sizeBytes);
  return bytes;
}

/** The problems in the file, and what the check shows of its entries. */
function visited(db: BboltFile, file: Buffer) {
  let isInPlace = true;
  const buckets: { name: string; entries: [string, string][] }[] = [];
  const found = Array.from(
    checkInSteps(db, {
      bucket: (name) => void buckets.push({ name: name.toString(), entries: [] }),
      entry(bytes, keyStart, valueStart, end, offset) {
        const value = bytes.toString("latin1", valueStart, end);
        buckets.at(-1)?.entries.push([bytes.toString("utf8", keyStart, valueStart), value]);
        isInPlace &&= file.compare(bytes, keyStart, end, offset + keyStart, offset + end) === 0;
      },
      endPage: () => undefined,
    }),
  );
  expect(isInPlace).toBe(true);
  return { problems: found.filter((problem) => problem !== undefined), buckets };
}

/** Finds no damage in the file and returns its contents. */
function checked(bytes: Buffer) {
  const db = BboltFile.open(folder.file("db", bytes));
  try {
    const seen = visited(db, bytes);
    expect(seen.problems).toEqual([]);
    const buckets = Array.from(db.buckets(), (found) => ({
      name: found.name.toString(),
      inline: "inlineAt" in found.root,
      entries: Array.from(db.entries(found), (entry): [string, string] => [
        entry.key.toString(),
        db.file.read(entry.valueOffset, entry.valueSizeBytes).toString("latin1"),
      ]),
    }));
    expect(seen.buckets).toEqual(buckets.map(({ name, entries }) => ({ name, entries })));
    return { pageCount: db.meta.pageCount, buckets };
  } finally {
    db.close();
  }
}

const numbered = (count: number, value: (i: number) => string): Entries =>
  Array.from({ length: count }, (_, i) => [String(i).padStart(7, "0"), value(i)] as const);

describe("bboltImage", () => {
  test("a file without buckets is valid", () => {
    expect(roundTrip([])).toEqual({ pageCount: 4, buckets: [] });
  });

  test("empty and small buckets are inline", () => {
    const few = numbered(3, (i) => `v${i}`);
    expect(roundTrip([bucket("a", []), bucket("b", few)]).buckets).toEqual([
      { name: "a", inline: true, entries: [] },
      { name: "b", inline: true, entries: few },
    ]);
  });

  test.each([1, 2, 3, 30, 31, 60, 1000, 5000])("the reader returns %i written entries in order", (count) => {
    const entries = numbered(count, (i) => `value ${i}`.repeat(1 + (i % 20)));
    expect(roundTrip([bucket("key", entries)]).buckets[0]?.entries).toEqual(entries);
  });

  test("values may be empty or have many pages", () => {
    const sizes = [0, 1, 1000, 2000, 3000, 4000, 4080, 4096, 5000, 100_000, 0, 1_500_000, 7, 3_000_000, 1];
    const entries = numbered(sizes.length, (i) => String(i % 10).repeat(sizes[i] ?? 0));
    expect(roundTrip([bucket("key", entries)]).buckets[0]?.entries).toEqual(entries);
  });

  test("keys may be long, so that few fit into a branch", () => {
    const entries = Array.from({ length: 300 }, (_, i) => [String(i).padStart(3000, "0"), "v"] as const);
    expect(roundTrip([bucket("key", entries)]).buckets[0]?.entries).toEqual(entries);
  });

  test.each([1024, 4096, 65536])("pages may have %i bytes", (pageSize) => {
    const entries = numbered(5000, (i) => `value ${i}`);
    const small = numbered(2, () => "x");
    const { buckets } = roundTrip([bucket("key", entries), bucket("other", small)], pageSize);
    expect(buckets.map(({ entries }) => entries)).toEqual([entries, small]);
  });

  test("pages are filled to nine tenths", () => {
    const { pageCount } = roundTrip([
      bucket(
        "key",
        numbered(20_000, () => "v".repeat(100)),
      ),
    ]);
    const entriesPerPage = Math.floor((4096 * 0.9 - 16) / (16 + 7 + 100));
    expect(pageCount).toBeLessThan((20_000 / entriesPerPage) * 1.02);
  });

  test("the file is valid for any mix of sizes", () => {
    const random = seeded(7);
    for (let round = 0; round < 30; round++) {
      const entries = numbered(random(400), () => "v".repeat(random(10) === 0 ? random(9000) : random(300)));
      expect(roundTrip([bucket("key", entries)], 1024).buckets[0]?.entries).toEqual(entries);
    }
  });

  test("chunks have at most 64 KiB", () => {
    const image = bboltImage([
      bucket(
        "key",
        numbered(3, () => "v".repeat(400_000)),
      ),
    ]);
    expect(Math.max(...Array.from(image.chunks, (chunk) => chunk.length))).toBe(65536);
  });

  test.each([
    [
      "out of order",
      [
        ["b", ""],
        ["a", ""],
      ],
    ],
    [
      "twice the same",
      [
        ["a", ""],
        ["a", ""],
      ],
    ],
    ["empty", [["", ""]]],
  ] as const)("refuses keys that are %s", (_, entries) => {
    const large = numbered(1, () => "v".repeat(2000)).map(([, value]) => ["0", value] as const);
    expect(() => bboltImage([bucket("key", [...large, ...entries])])).toThrow(
      /bbolt: (keys must rise|a key of 0 bytes)/,
    );
  });

  test("bboltImage throws when the entries change while it writes them", () => {
    let count = 100;
    const source = {
      ...bucket("key", []),
      entries: () =>
        bucket(
          "",
          numbered(count, () => "v".repeat(99)),
        ).entries(),
    };
    const image = bboltImage([source]);
    count = 300;
    expect(() => [...image.chunks]).toThrow("changed while they were written");
  });
});

describe("bboltAppend", () => {
  const kept = numbered(3000, (i) => `kept ${i}`);

  /** A file of the buckets `big`, `changed` and `inline`, with a new content of `changed` and a new bucket `added`. */
  function appended(old: Entries, changed: Entries) {
    const bytes = imageBytes([
      bucket("big", kept),
      bucket("changed", old),
      bucket("inline", kept.slice(0, 3)),
    ]);
    const db = BboltFile.open(folder.file("old", bytes));
    const values = Array.from(db.buckets(), ({ name, valueOffset, valueSizeBytes }) => ({
      name,
      kept: db.file.read(valueOffset, valueSizeBytes),
    }));
    db.close();
    const [big, inline] = [values[0] as KeptBucket, values[2] as KeptBucket];
    const added = bucket("added", numbered(2, String));
    const changes = bboltAppend([added, big, bucket("changed", changed), inline], db.meta);
    const size = Math.max(bytes.length, ...changes.map((change) => change.offset + change.bytes.length));
    const result = Buffer.alloc(size);
    bytes.copy(result);
    for (const { offset, bytes: part } of changes) part.copy(result, offset);
    return { bytes, result, ...checked(result) };
  }

  test.each([
    ["small", numbered(2, () => "new")],
    ["large", numbered(2000, (i) => `new ${i}`)],
    ["empty", []],
  ])("a changed bucket that is %s and the kept buckets are in the new tree", (_size, changed) => {
    const { buckets } = appended(
      numbered(1000, (i) => `old ${i}`),
      changed,
    );
    expect(buckets.map(({ name, entries }) => [name, entries])).toEqual([
      ["added", numbered(2, String)],
      ["big", kept],
      ["changed", changed],
      ["inline", kept.slice(0, 3)],
    ]);
  });

  test("only the metas of the old pages change, so a reader of the old root still finds everything", () => {
    const { bytes, result } = appended(numbered(1000, String), numbered(1, String));
    const treeStart = 2 * 4096;
    expect(result.subarray(treeStart, bytes.length).equals(bytes.subarray(treeStart))).toBe(true);
    expect(result.length).toBeGreaterThan(bytes.length);
  });
});
