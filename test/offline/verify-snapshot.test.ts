// `snapshot verify`: whole backups pass, and each kind of damage is named with its place. The damaged files are written with one
// wrong entry, or changed byte by byte with a new hash at the end, so that only the wanted check can find it.
import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { KeyValue } from "../../src/proto/gen/mvccpb";
import { verifySnapshot } from "../../src/offline/verify-snapshot";
import { encode } from "../../src/proto/message";
import { bboltImage, type BucketSource } from "../../src/storage/bbolt/writer";
import { encodeRecordKey, encodeRevision, encodeUint64 } from "../../src/storage/schema";
import { runMain } from "../support/run-main";
import { fixtureBytes, testFolder } from "../storage/fixture-files";

const folder = testFolder();

async function verify(bytes: Uint8Array, ...flags: string[]) {
  const file = folder.file("backup.db", bytes);
  const { exit, stdout, stderr } = await runMain(["snapshot", "verify", "backup.db", ...flags], {
    cwd: folder.path,
  });
  return { exit, stdout: stdout.replaceAll(file, "backup.db"), stderr };
}

async function damagesOf(bytes: Uint8Array): Promise<readonly string[]> {
  const { exit, stdout, stderr } = await verify(bytes);
  const lines = stdout.split("\n").slice(0, -1);
  expect({ exit, stderr }).toEqual({
    exit: 1,
    stderr:
      `Error: backup.db is damaged: ${lines.length} damage${lines.length === 1 ? "" : "s"}\n` +
      "hint: restore an older backup; etcdutl snapshot restore refuses this one\n",
  });
  return lines;
}

/** With the right hash at the end. */
function hashed(database: Uint8Array): Buffer {
  return Buffer.concat([database, createHash("sha256").update(database).digest()]);
}

type Entry = readonly [key: Uint8Array, value: Uint8Array];

const put = (main: number, sub: number, key: string, more: Partial<KeyValue> = {}): Entry => {
  const revision = BigInt(main);
  const kv = {
    key: Buffer.from(key),
    value: Buffer.from("v"),
    createRevision: revision,
    modRevision: revision,
  };
  return [
    encodeRecordKey({ main, sub, tombstone: false }),
    encode(KeyValue, KeyValue.create({ ...kv, version: 1n, ...more })),
  ];
};
const deletion = (main: number, key: string, more: Partial<KeyValue> = {}): Entry => [
  encodeRecordKey({ main, sub: 0, tombstone: true }),
  encode(KeyValue, KeyValue.create({ key: Buffer.from(key), ...more })),
];

const metaEntries: readonly Entry[] = [
  [Buffer.from("consistent_index"), encodeUint64(9n)],
  [Buffer.from("term"), encodeUint64(2n)],
];

/** A snapshot with these buckets beside a good `key` and a good `meta`. */
function snapshot(buckets: Readonly<Record<string, readonly Entry[] | undefined>>): Buffer {
  const all = { key: [put(2, 0, "a"), put(3, 0, "b")], meta: metaEntries, ...buckets };
  const sources = Object.entries(all)
    .filter((entry): entry is [string, readonly Entry[]] => entry[1] !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, entries]): BucketSource => ({
      name: Buffer.from(name),
      entries: () =>
        entries.map(([key, value]) => ({ key, valueSizeBytes: value.length, value: () => value })),
    }));
  return hashed(Buffer.concat([...bboltImage(sources).chunks]));
}

describe("a whole backup", () => {
  test.each([
    ["etcd-3.4.snapshot", "whole, hash right, revision 47, 33 keys, 55 records, 1 lease, 62 kB"],
    ["etcd-3.5.snapshot", "whole, hash right, revision 47, 33 keys, 55 records, 1 lease, 62 kB"],
    ["etcd-3.7.snapshot", "whole, hash right, revision 47, 33 keys, 55 records, 1 lease, 86 kB"],
  ] as const)("of %s passes", async (name, text) => {
    expect(await verify(fixtureBytes(name))).toEqual({ exit: 0, stdout: `backup.db: ${text}\n`, stderr: "" });
  });

  test("passes when it is compressed, and as a db file without a hash", async () => {
    const bytes = fixtureBytes("etcd-3.7.snapshot");
    expect((await verify(gzipSync(bytes))).stdout).toContain("whole, hash right, revision 47");
    expect((await verify(bytes.subarray(0, -32))).stdout).toContain(
      "whole, no hash (a copied db file has none)",
    );
  });

  test("passes after a compaction, after several puts in one transaction, and after a restore with a bump", async () => {
    const [index, term] = metaEntries as [Entry, Entry];
    const compacted: Entry[] = [index, [Buffer.from("scheduledCompactRev"), encodeRevision(7)], term];
    const key = [put(3, 0, "a"), put(8, 0, "b"), put(8, 1, "c"), deletion(9, "b")];
    expect((await verify(snapshot({ key, meta: compacted }))).exit).toBe(0);
    const bumped: readonly Entry[] = [put(3, 0, "a"), [encodeRevision(7), Buffer.alloc(0)], put(8, 0, "b")];
    expect((await verify(snapshot({ key: bumped, meta: compacted }))).exit).toBe(0);
  });

  test("is an object in the other formats", async () => {
    const { stdout } = await verify(snapshot({}), "-w", "json");
    expect(JSON.parse(stdout)).toMatchObject({
      whole: true,
      hash: "right",
      revision: 3,
      keys: 2,
      damages: [],
    });
    expect((await verify(snapshot({}), "-w", "yaml")).stdout).toContain("whole: true\n");
    expect((await verify(snapshot({}), "-w", "table")).exit).toBe(4);
  });
});

describe("a damaged file", () => {
  const original = fixtureBytes("etcd-3.5.snapshot");

  test("with another hash", async () => {
    const bytes = Buffer.from(original);
    bytes.write("y", bytes.indexOf("zzzzzzzz"));
    expect(await damagesOf(bytes)).toEqual([
      expect.stringMatching(
        /^hash: the SHA-256 of the database is [0-9a-f]{64}, but the file ends in [0-9a-f]{64} \(at byte 61440\)$/,
      ),
    ]);
  });

  test("that ends too soon", async () => {
    expect(await damagesOf(original.subarray(0, 9000))).toEqual([
      "file: altered or truncated: no database has this size (at byte 9000)",
      "file: truncated: 9000 of 61440 bytes are there",
    ]);
  });

  test("that is no database", async () => {
    const lines = await damagesOf(Buffer.alloc(8192));
    expect(lines).toEqual([expect.stringMatching(/^file: no bbolt database: /)]);
  });

  test.each([0, 1] as const)("with a torn meta page %d", async (page) => {
    const bytes = Buffer.from(original.subarray(0, -32));
    bytes[page * 4096 + 60] = 0x77;
    expect((await damagesOf(hashed(bytes)))[0]).toBe(
      `meta page ${page}: checksum does not match (at byte ${page * 4096 + 16})`,
    );
  });

  test("with a page of the wrong kind: its bucket and its page", async () => {
    const bytes = Buffer.from(original.subarray(0, -32));
    const page = bytes.indexOf("/registry/pods/pod-30") & ~4095;
    bytes.writeUInt16LE(0x7777, page + 8);
    expect(await damagesOf(hashed(bytes))).toEqual([
      expect.stringMatching(
        new RegExp(`^bucket key: page ${page / 4096}: flags 30583 .*\\(at byte ${page}\\)$`),
      ),
    ]);
  });

  test("with keys in the wrong order: its page", async () => {
    const bytes = Buffer.from(original.subarray(0, -32));
    const record = bytes.indexOf(encodeRevision(20));
    bytes.set(encodeRevision(5), record);
    expect((await damagesOf(hashed(bytes)))[0]).toMatch(
      /^bucket key: page \d+: key \d+ \(0{15}5.*\) is below /,
    );
  });
});

describe("a damaged bucket", () => {
  const record = (main: number, sub = 0) =>
    `bucket key: key ${encodeRecordKey({ main, sub, tombstone: false }).toString("hex")}`;

  test.each<[string, Readonly<Record<string, readonly Entry[] | undefined>>, string]>([
    ["key that is missing", { key: undefined }, "bucket key: it is missing"],
    ["meta that is missing", { meta: undefined }, "bucket meta: it is missing"],
    [
      "key: a key that is no revision",
      { key: [[Buffer.from("x"), Buffer.from("y")]] },
      "bucket key: key 78: not a revision",
    ],
    [
      "key: a record that is no message",
      { key: [[encodeRevision(2), Buffer.from([0x0a, 0x7f])]] },
      `${record(2)}: `,
    ],
    ["key: no key", { key: [put(2, 0, "")] }, `${record(2)}: it has no key`],
    [
      "key: another mod revision",
      { key: [put(2, 0, "a", { modRevision: 9n })] },
      `${record(2)}: "a" has the mod revision 9`,
    ],
    [
      "key: a create revision from the future",
      { key: [put(2, 0, "a", { createRevision: 3n })] },
      `${record(2)}: "a" has the create revision 3`,
    ],
    ["key: no version", { key: [put(2, 0, "a", { version: 0n })] }, `${record(2)}: "a" has the version 0`],
    [
      "key: a deletion with a version",
      { key: [put(2, 0, "a"), deletion(3, "a", { version: 2n })] },
      `${record(3)}74: the deletion of "a" has the values of a put`,
    ],
    [
      "key: a missing first record",
      { key: [put(4, 0, "a")] },
      `${record(4)}: records are missing: revision 0 is before revision 4`,
    ],
    [
      "key: a missing revision",
      { key: [put(2, 0, "a"), put(4, 0, "a", { createRevision: 2n, version: 3n })] },
      `${record(4)}: records are missing: revision 2 is before revision 4`,
    ],
    [
      "key: a missing record of a transaction",
      { key: [put(2, 0, "a"), put(2, 2, "b")] },
      `${record(2, 2)}: records are missing: 2_0 is before 2_2`,
    ],
    [
      "key: a missing begin of a transaction",
      { key: [put(2, 0, "a"), put(3, 1, "b")] },
      `${record(3, 1)}: records are missing: revision 3 begins with number 1`,
    ],
    [
      "lease",
      { lease: [[encodeUint64(7n), Buffer.from([8, 9])]] },
      "bucket lease: key 0000000000000007: holds lease 9",
    ],
    ["members", { members: [[Buffer.from("1"), Buffer.from("{")]] }, "bucket members: key 31: "],
    ["authUsers", { authUsers: [[Buffer.from("u"), Buffer.from([0x0a, 9])]] }, "bucket authUsers: key 75: "],
    ["authRoles", { authRoles: [[Buffer.from("r"), Buffer.from([0x0a, 9])]] }, "bucket authRoles: key 72: "],
    [
      "meta: an index of the wrong size",
      { meta: [[Buffer.from("consistent_index"), Buffer.from("12345")]] },
      `bucket meta: key ${Buffer.from("consistent_index").toString("hex")}: 5 bytes instead of 8`,
    ],
    [
      "meta: a version that is none",
      { meta: [...metaEntries.slice(0, 1), [Buffer.from("storageVersion"), Buffer.from("new")]] },
      `bucket meta: key ${Buffer.from("storageVersion").toString("hex")}: not a version`,
    ],
    [
      "meta: a compaction after the last record",
      { meta: [...metaEntries.slice(0, 1), [Buffer.from("scheduledCompactRev"), encodeRevision(50)]] },
      "bucket meta: revision 50 is compacted, but the last record is of revision 3",
    ],
  ])("%s", async (_, buckets, damage) => {
    const lines = await damagesOf(snapshot(buckets));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(damage);
  });

  test("does not hide another one", async () => {
    const lines = await damagesOf(
      snapshot({
        key: [put(2, 0, ""), put(3, 0, "a", { version: 0n })],
        lease: [[encodeUint64(7n), Buffer.from([8, 9])]],
      }),
    );
    expect(lines).toHaveLength(3);
  });

  test("has many records: only the first hundred are printed", async () => {
    const key = Array.from({ length: 250 }, (_, at) => put(at + 2, 0, "a", { version: 0n }));
    const { stdout, stderr } = await verify(snapshot({ key }));
    expect(stdout.split("\n").slice(-2)).toEqual(["and 150 more", ""]);
    expect(stderr).toContain("250 damages");
  });
});

test("a missing file and a directory are errors", async () => {
  mkdirSync(path.join(folder.path, "dir"), { recursive: true });
  for (const name of ["missing.db", "dir"]) {
    const { exit, stderr } = await runMain(["snapshot", "verify", name], { cwd: folder.path });
    expect({ exit, first: stderr.split("\n")[0] }).toEqual({ exit: 1, first: expect.stringContaining(name) });
  }
});

test("Ctrl-C counts while the pages of a file are checked", async () => {
  const value = Buffer.alloc(3000, "v");
  const key = Array.from({ length: 2500 }, (_, i) => put(i + 2, 0, `key${i}`, { value }));
  // Without the hash at the end, the pages are the first that is read.
  const name = folder.file("large.db", snapshot({ key }).subarray(0, -32));
  const interrupt = new AbortController();
  setImmediate(() => interrupt.abort());
  const checked = verifySnapshot({ path: name, displayPath: name }, interrupt.signal);
  await expect(checked).rejects.toThrow(/abort/);
});
