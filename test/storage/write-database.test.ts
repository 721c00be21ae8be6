import { createHash } from "node:crypto";
import { BboltFile } from "../../src/storage/bbolt/reader";
import type { DatabaseContents, StoredRecord } from "../../src/storage/contents";
import { crc32c } from "../../src/storage/crc32c";
import { readDatabase } from "../../src/storage/read-database";
import { encodeMember } from "../../src/storage/schema";
import { verifySnapshotFile } from "../../src/storage/snapshot-file";
import { snapshotStream, writeDatabase } from "../../src/storage/write-database";
import { fixtureBytes, testFolder } from "./fixture-files";

const folder = testFolder();

/** The hash of `etcdutl snapshot status`: over the names, keys and values of all buckets. */
function statusHash(path: string): number {
  const db = BboltFile.open(path);
  let crc = 0;
  for (const bucket of db.buckets()) {
    crc = crc32c(crc, bucket.name);
    for (const { key, valueOffset, valueSizeBytes } of db.entries(bucket)) {
      crc = crc32c(crc32c(crc, key), db.file.read(valueOffset, valueSizeBytes));
    }
  }
  db.close();
  return crc >>> 0;
}

const empty: DatabaseContents = {
  records: [],
  leases: [],
  finishedCompactRevision: 0,
  scheduledCompactRevision: 0,
  consistentIndex: 0n,
  term: 0n,
  members: [],
  clusterVersion: "",
  storageVersion: "",
  otherBuckets: [],
};

function written(contents: DatabaseContents, name = "db"): string {
  return folder.file(name, Buffer.concat([...writeDatabase(contents).chunks]));
}

function recordsOf(count: number): StoredRecord[] {
  const read = (offset: number, sizeBytes: number) => Buffer.alloc(sizeBytes, offset);
  const source = { read, view: read };
  return Array.from({ length: count }, (_, i) => ({
    main: 2 + (i >> 1),
    sub: i & 1,
    tombstone: i % 5 === 0,
    source,
    offset: i,
    sizeBytes: i % 90,
  }));
}

describe("a new db file", () => {
  test.each([
    ["3.4", 3643947198],
    ["3.5", 3525263436],
    ["3.7", 1826542645],
  ] as const)(
    "holds all that etcd %s had written: its status hash is the one etcdutl shows",
    (version, hash) => {
      const original = folder.file("original.db", fixtureBytes(`etcd-${version}.snapshot`));
      expect(statusHash(original)).toBe(hash);
      const db = readDatabase(original);
      const copy = written(db, "copy.db");
      db.close();
      expect(statusHash(copy)).toBe(hash);
    },
  );

  test("the file has every bucket of etcd, also empty ones", () => {
    const db = BboltFile.open(written(empty));
    expect(Array.from(db.buckets(), ({ name }) => name.toString())).toEqual(
      "alarm auth authRoles authUsers cluster key lease members members_removed meta".split(" "),
    );
    db.close();
  });

  test("readDatabase returns the contents that writeDatabase wrote", () => {
    const contents: DatabaseContents = {
      ...empty,
      leases: [
        { ID: -5n, TTL: 60n, RemainingTTL: 7n },
        { ID: 9n, TTL: 1n, RemainingTTL: 0n },
      ],
      finishedCompactRevision: 3,
      scheduledCompactRevision: 2 ** 40,
      consistentIndex: 12n,
      term: 2n,
      members: [
        { id: 0xfedcba9876543210n, name: 'a "b"', peerURLs: ["http://x:1"], clientURLs: [], isLearner: true },
        { id: 7n, name: "", peerURLs: [], clientURLs: ["http://y:2"], isLearner: false },
      ],
      clusterVersion: "3.5.0",
      storageVersion: "3.7.0",
      otherBuckets: [{ name: "mine", entries: [[Buffer.from("k"), Buffer.from("v")]] }],
    };
    const { leases, members, otherBuckets, ...db } = readDatabase(written(contents));
    db.close();
    const byId = <T extends { id: bigint }>(items: readonly T[]) =>
      [...items].sort((a, b) => (a.id < b.id ? -1 : 1));
    expect([...leases].sort((a, b) => (a.ID < b.ID ? -1 : 1))).toEqual(contents.leases);
    expect(byId(members)).toEqual(byId(contents.members));
    expect(otherBuckets).toContainEqual(contents.otherBuckets[0]);
    const {
      finishedCompactRevision,
      scheduledCompactRevision,
      consistentIndex,
      term,
      clusterVersion,
      storageVersion,
    } = contents;
    expect(db).toMatchObject({
      finishedCompactRevision,
      scheduledCompactRevision,
      consistentIndex,
      term,
      clusterVersion,
      storageVersion,
    });
  });

  test.each([0, 1, 10, 5000])("readDatabase returns all %i written records and tombstones", (count) => {
    const records = recordsOf(count);
    const plain = ({ main, sub, tombstone, source, offset, sizeBytes }: StoredRecord) =>
      `${main}.${sub} ${tombstone} ${source.read(offset, sizeBytes).toString("hex")}`;
    const db = readDatabase(written({ ...empty, records }));
    expect(Array.from(db.records, plain)).toEqual(records.map(plain));
    db.close();
  });

  test("writeDatabase leaves out records that a running store appends meanwhile", () => {
    const records = recordsOf(1000);
    const stream = writeDatabase({ ...empty, records });
    records.push(...recordsOf(1500).slice(1000));
    const db = readDatabase(folder.file("db", Buffer.concat([...stream.chunks])));
    expect([...db.records]).toHaveLength(1000);
    db.close();
  });
});

test("a snapshot stream is the db file and its SHA-256, and has the announced size", async () => {
  const contents = { ...empty, records: recordsOf(3000) };
  const stream = snapshotStream(contents);
  const chunks = [...stream.chunks];
  const database = Buffer.concat([...writeDatabase(contents).chunks]);
  expect(Buffer.concat(chunks)).toHaveLength(stream.sizeBytes);
  expect(chunks.at(-1)).toEqual(createHash("sha256").update(database).digest());
  expect(await verifySnapshotFile(folder.file("snapshot.db", Buffer.concat(chunks)))).toEqual({
    hashed: true,
    databaseSizeBytes: database.length,
  });
});

test("a member's name is written as Go's JSON, since hashes depend on its bytes", () => {
  const member = { id: 1n, name: "a&<b", peerURLs: ["http://a"], clientURLs: ["http://c"], isLearner: true };
  expect(encodeMember(member).value.toString()).toBe(
    String.raw`{"id":1,"peerURLs":["http://a"],"isLearner":true,"name":"a\u0026\u003cb","clientURLs":["http://c"]}`,
  );
});
