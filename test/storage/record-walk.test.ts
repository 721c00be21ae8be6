import { writeFileSync } from "node:fs";
import path from "node:path";
import { startEmbeddedServer } from "../../src/index";
import { KeyValue } from "../../src/proto/gen/mvccpb";
import { decode } from "../../src/proto/message";
import { BboltFile } from "../../src/storage/bbolt/reader";
import { readDatabase } from "../../src/storage/read-database";
import { recordsOfFile, StoredRecordWalk, type RecordWalk } from "../../src/storage/record-walk";
import { fixtureBytes, testFolder } from "./fixture-files";

const folder = testFolder();

interface Seen {
  readonly main: number;
  readonly tombstone: boolean;
  readonly key: string;
  readonly valueSizeBytes: number;
  readonly valueHead: string;
}

/** What a walk shows. Afterwards each record is read again at its place. */
function seenBy(records: RecordWalk): Seen[] {
  const seen: Seen[] = [];
  const places: [place: number, sizeBytes: number][] = [];
  const steps = records.walk((record) => {
    const { main, tombstone, valueSizeBytes, place, encodedSizeBytes } = record;
    const valueHead = record.valueHead.toString("latin1", 0, 64);
    seen.push({ main, tombstone, key: record.keyText, valueSizeBytes, valueHead });
    places.push([place, encodedSizeBytes]);
  });
  for (const step of steps) expect(step).toBeGreaterThanOrEqual(0);
  const read = places.map((place) => decode(KeyValue, Buffer.from(records.read(...place))));
  expect(read.map(({ key, value }) => [Buffer.from(key).toString("latin1"), value.length])).toEqual(
    seen.map(({ key, valueSizeBytes }) => [key, valueSizeBytes]),
  );
  return seen;
}

function expectSameAsRecords(file: string): Seen[] {
  const database = readDatabase(file);
  const db = BboltFile.open(file);
  try {
    const expected = Array.from(database.records, ({ main, tombstone, source, offset, sizeBytes }): Seen => {
      const { key, value } = decode(KeyValue, source.read(offset, sizeBytes));
      return {
        main,
        tombstone,
        key: Buffer.from(key).toString("latin1"),
        valueSizeBytes: value.length,
        valueHead: Buffer.from(value).toString("latin1", 0, 64),
      };
    });
    expect(seenBy(recordsOfFile(db))).toEqual(expected);
    expect(seenBy(new StoredRecordWalk(() => database.records))).toEqual(expected);
    return expected;
  } finally {
    db.close();
    database.close();
  }
}

test.each(["etcd-3.4.snapshot", "etcd-3.5.snapshot", "etcd-3.7.snapshot"] as const)(
  "a walk shows every record of %s",
  (name) => {
    expect(expectSameAsRecords(folder.file(`${name}.db`, fixtureBytes(name))).length).toBeGreaterThan(0);
  },
);

test("a walk shows large values, long keys, leases, deletions and empty values", async () => {
  const server = await startEmbeddedServer();
  const file = path.join(folder.path, "made.db");
  try {
    const { kv, lease, maintenance } = server.client();
    const { ID } = await lease.leaseGrant({ TTL: 600n });
    await kv.put({ key: "lease", value: "x", lease: ID });
    await kv.put({ key: "lease only", value: "", lease: ID });
    await kv.put({ key: "empty", value: "" });
    await kv.put({ key: "large", value: Buffer.alloc(1_000_000, "v") });
    await kv.put({ key: "k".repeat(5000), value: "long key" });
    await kv.put({ key: Buffer.of(0xff, 0, 1), value: Buffer.of(0, 0xff) });
    await kv.deleteRange({ key: "large" });
    const chunks: Uint8Array[] = [];
    for await (const { blob } of maintenance.snapshot({})) chunks.push(blob);
    writeFileSync(file, Buffer.concat(chunks));
  } finally {
    await server.stop();
  }
  const seen = expectSameAsRecords(file);
  expect(
    seen.map(({ key, valueSizeBytes, tombstone }) => [key.slice(0, 10), valueSizeBytes, tombstone]),
  ).toEqual([
    ["lease", 1, false],
    ["lease only", 0, false],
    ["empty", 0, false],
    ["large", 1_000_000, false],
    ["kkkkkkkkkk", 8, false],
    ["\xff\0\x01", 2, false],
    ["large", 0, true],
  ]);
});
