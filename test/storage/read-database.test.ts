import { KeyValue } from "../../src/proto/gen/mvccpb";
import { decode } from "../../src/proto/message";
import { bboltImage } from "../../src/storage/bbolt/writer";
import type { DatabaseContents } from "../../src/storage/contents";
import { readDatabase } from "../../src/storage/read-database";
import { fixtureBytes, testFolder } from "./fixture-files";

const folder = testFolder();

/** The newest record of each key without tombstones. */
function liveKeys(contents: DatabaseContents): Map<string, KeyValue> {
  const live = new Map<string, KeyValue>();
  for (const { source, offset, sizeBytes, tombstone, main } of contents.records) {
    const kv = decode(KeyValue, source.read(offset, sizeBytes));
    if (tombstone) live.delete(kv.key.toString());
    else live.set(Buffer.from(kv.key).toString(), kv);
    if (!tombstone) expect(kv.modRevision).toBe(BigInt(main));
    else live.delete(Buffer.from(kv.key).toString());
  }
  return live;
}

function dbOf(bucket: string, key: Uint8Array, value: Uint8Array): string {
  const entries = () => [{ key, valueSizeBytes: value.length, value: () => value }];
  return folder.file("db", Buffer.concat([...bboltImage([{ name: Buffer.from(bucket), entries }]).chunks]));
}

describe.each([
  ["3.4", { cluster: "3.4.0", storage: "", term: 0n }],
  ["3.5", { cluster: "3.5.0", storage: "", term: 2n }],
  ["3.7", { cluster: "3.7.0", storage: "", term: 2n }],
] as const)("a db file of etcd %s", (version, expected) => {
  const open = () => readDatabase(folder.file(version, fixtureBytes(`etcd-${version}.snapshot`)));

  test("readDatabase returns the keys with their revisions and values", () => {
    const db = open();
    const keys = liveKeys(db);
    const kept = Array.from({ length: 40 }, (_, i) => String(i + 1).padStart(2, "0")).filter(
      (n) => !n.startsWith("1"),
    );
    expect([...keys.keys()].sort()).toEqual([
      ...kept.map((n) => `/registry/pods/pod-${n}`),
      "binary",
      "large",
      "leased",
    ]);
    expect(Buffer.from(keys.get("/registry/pods/pod-02")?.value ?? []).toString()).toBe('{"name":"pod-2"}');
    expect(keys.get("/registry/pods/pod-02")).toMatchObject({
      createRevision: 3n,
      modRevision: 3n,
      version: 1n,
    });
    expect(keys.get("/registry/pods/pod-01")).toMatchObject({ createRevision: 45n, version: 1n });
    expect(keys.get("large")?.value.length).toBe(20000);
    expect([...(keys.get("binary")?.value ?? [])]).toEqual([97, 0, 98]);
    db.close();
  });

  test("readDatabase returns leases, members, versions, compaction and raft position", () => {
    const db = open();
    const leased = liveKeys(db).get("leased");
    expect(db.leases).toEqual([{ ID: leased?.lease, TTL: 3600n, RemainingTTL: 0n }]);
    expect(db.members).toHaveLength(1);
    expect(db.members[0]).toMatchObject({
      name: "m1",
      isLearner: false,
      clientURLs: [expect.stringMatching("^http://")],
    });
    expect(db).toMatchObject({
      finishedCompactRevision: 20,
      scheduledCompactRevision: 20,
      clusterVersion: expected.cluster,
    });
    expect([db.term, db.storageVersion]).toEqual([expected.term, expected.storage]);
    expect(Number(db.consistentIndex)).toBeGreaterThan(47);
    db.close();
  });

  test("readDatabase keeps all other entries unchanged", () => {
    const db = open();
    const names = db.otherBuckets.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(["alarm", "auth", "authRoles", "authUsers", "members_removed"]),
    );
    const users = db.otherBuckets.find(({ name }) => name === "authUsers");
    expect(users?.entries.map(([key]) => Buffer.from(key).toString())).toEqual(["root"]);
    const meta = db.otherBuckets
      .find(({ name }) => name === "meta")
      ?.entries.map(([key]) => Buffer.from(key).toString());
    expect(meta).toEqual(version === "3.4" ? undefined : ["confState"]);
    db.close();
  });

  test("reading a record after close() throws", () => {
    const db = open();
    db.close();
    expect(() => [...db.records]).toThrow("read after the file was closed");
  });
});

describe("a db file with invalid entries", () => {
  test.each([
    ["key", "00", "", /bucket key, key 00: not a revision/],
    ["key", `${"00".repeat(8)}5f${"00".repeat(8)}75`, "", /not a revision/],
    ["key", `00200000000000005f${"00".repeat(8)}`, "", /revision 9007199254740992 is beyond 2\^53/],
    ["lease", "0000000000000001", "0802", /bucket lease, key 0000000000000001: holds lease 2/],
    ["lease", "0000000000000001", "08", /bucket lease, key 0000000000000001: protobuf: unexpected end/],
    ["members", "78", "7b7d", /bucket members, key 78: not a member ID/],
    ["members", "31", "7b", /bucket members, key 31: .*JSON/],
    ["alarm", "08", "", /bucket alarm, key 08: protobuf: unexpected end/],
    ["authUsers", "75", "0aff", /bucket authUsers, key 75: protobuf: /],
    ["authRoles", "72", "0aff", /bucket authRoles, key 72: protobuf: /],
    ["cluster", Buffer.from("downgrade").toString("hex"), "7b", /bucket cluster, .*JSON/],
    ["meta", Buffer.from("consistent_index").toString("hex"), "00", /bucket meta, .*outside buffer bounds/],
  ])("readDatabase reports the bucket, the key and the place (%s)", (bucket, key, value, message) => {
    const file = dbOf(bucket, Buffer.from(key, "hex"), Buffer.from(value, "hex"));
    const read = () => {
      const db = readDatabase(file);
      try {
        return [...db.records];
      } finally {
        db.close();
      }
    };
    expect(read).toThrow(message);
    expect(read).toThrow(/\(at byte \d+\)$/);
  });
});
