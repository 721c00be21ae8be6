import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { DatabaseContents } from "../../src/storage/contents";
import { openDataDir } from "../../src/storage/data-dir";
import type { OfflinePath, ReadOnlyPath } from "../../src/storage/offline-path";
import { classifyOfflinePath, openReadOnly, writeRefusal } from "../../src/storage/offline-path";
import { writeDatabase } from "../../src/storage/write-database";
import { fixtureBytes, testFolder } from "./fixture-files";

const folder = testFolder();
const snapshot = fixtureBytes("etcd-3.5.snapshot");
const db = snapshot.subarray(0, -32);

/** Names of directories end in a slash. */
function tree(name: string, files: Record<string, Uint8Array>): string {
  const dir = path.join(folder.path, name);
  mkdirSync(dir);
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(dir, `${file}x`)), { recursive: true });
    if (!file.endsWith("/")) writeFileSync(path.join(dir, file), content);
  }
  return dir;
}

const bigEndian = (value: bigint) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
};
const contentsAt = (consistentIndex: bigint): DatabaseContents => ({
  records: [],
  leases: [],
  finishedCompactRevision: 0,
  scheduledCompactRevision: 0,
  consistentIndex,
  term: 1n,
  members: [],
  clusterVersion: "3.5.0",
  storageVersion: "",
  otherBuckets: [],
});

const none = Buffer.alloc(0);
const memberFiles = { "member/wal/0.wal": none, "member/snap/db": db };

function readOnly(offline: OfflinePath): ReadOnlyPath {
  if (offline.kind === "etcdctl-data-dir") throw new Error("takes writes");
  return offline;
}

describe("a path for --offline", () => {
  test("a missing path and an empty directory are etcdctl's data dir", () => {
    const missing = path.join(folder.path, "missing");
    expect(classifyOfflinePath(missing)).toEqual({ kind: "etcdctl-data-dir", path: missing, exists: false });
    const empty = tree("empty", {});
    expect(classifyOfflinePath(empty)).toEqual({ kind: "etcdctl-data-dir", path: empty, exists: false });
    const mounted = tree("mounted", { "lost+found/": none });
    expect(classifyOfflinePath(mounted)).toEqual({ kind: "etcdctl-data-dir", path: mounted, exists: false });
  });

  test("a directory with etcdctl's db file is etcdctl's data dir until an etcd writes to the file", async () => {
    const own = path.join(folder.path, "own");
    const opened = await openDataDir(own, { mode: "write" });
    const log = await opened.create(contentsAt(7n), { NodeID: 1n, ClusterID: 2n });
    await log.close();
    await opened.close();
    expect(classifyOfflinePath(own)).toEqual({ kind: "etcdctl-data-dir", path: own, exists: true });
    // With --wal-dir, an etcd leaves no other file in the directory.
    const mark = { name: "meta", entries: [[Buffer.from("etcdctl"), bigEndian(7n)] as const] };
    const { chunks } = writeDatabase({ ...contentsAt(8n), otherBuckets: [mark] });
    writeFileSync(path.join(own, "member/snap/db"), Buffer.concat([...chunks]));
    expect(classifyOfflinePath(own)).toMatchObject({ kind: "member-data-dir" });
  });

  test("a directory with another db file is a member's data dir unless it has the file etcdctl.own", () => {
    const copy = tree("copy", { "member/snap/db": db });
    expect(classifyOfflinePath(copy)).toMatchObject({ kind: "member-data-dir" });
    writeFileSync(path.join(copy, "etcdctl.own"), "");
    expect(classifyOfflinePath(copy)).toEqual({ kind: "etcdctl-data-dir", path: copy, exists: true });
  });

  test("a directory with a write-ahead log or a .snap file is a member's data dir; its db file gets a hint", () => {
    const hints = ["this is a member's db file: entries that are only in its write-ahead log are not shown"];
    const member = tree("m1", memberFiles);
    const databasePath = path.join(member, "member/snap/db");
    expect(classifyOfflinePath(member)).toEqual({
      kind: "member-data-dir",
      path: member,
      databasePath,
      hints: [],
    });
    const elsewhere = tree("m2", { "member/snap/db": db, "member/snap/1-2.snap": none });
    expect(classifyOfflinePath(elsewhere)).toMatchObject({ kind: "member-data-dir" });
    expect(classifyOfflinePath(databasePath)).toMatchObject({ kind: "db-file", hints });
  });

  test("a file with a hash is a snapshot file, and a file without one is a db file", () => {
    const saved = folder.file("saved.db", snapshot);
    expect(classifyOfflinePath(saved)).toEqual({
      kind: "snapshot-file",
      path: saved,
      databasePath: saved,
      hints: [],
    });
    const copied = folder.file("copied.db", db);
    expect(classifyOfflinePath(copied)).toEqual({
      kind: "db-file",
      path: copied,
      databasePath: copied,
      hints: [],
    });
  });

  test.each([
    [
      "some other directory",
      { "a.txt": none },
      /is not an etcd data dir: it is not empty and has no member\/$/,
      [],
    ],
    [
      "the member directory itself",
      { "snap/db": db },
      /is not an etcd data dir/,
      [`name the directory above: ${folder.path}`],
    ],
    ["a member without a db file", { "member/wal/": none }, /is a member's data dir without a db file/, []],
  ])("classifyOfflinePath refuses %s", (name, files, message, hints) => {
    const dir = tree(name.replaceAll(" ", "-"), files);
    expect(() => classifyOfflinePath(dir)).toThrow(
      expect.objectContaining({ message: expect.stringMatching(message), hints }),
    );
  });
});

describe("a read-only path", () => {
  test("openReadOnly checks the hash", async () => {
    const file = folder.file("s.db", snapshot);
    const opened = await openReadOnly(readOnly(classifyOfflinePath(file)));
    expect(opened.clusterVersion).toBe("3.5.0");
    opened.close();
    const altered = Buffer.from(snapshot);
    altered.write("y", altered.indexOf("zzzz"));
    const bad = openReadOnly(readOnly(classifyOfflinePath(folder.file("altered.db", altered))));
    await expect(bad).rejects.toThrow("altered or truncated");
  });

  test("writeRefusal prints a command that makes a writable copy", async () => {
    const file = folder.file("it's mine.db", snapshot);
    const error = writeRefusal(readOnly(classifyOfflinePath(file)));
    expect(error.message).toBe(`${file} is a snapshot file: it is only read offline, never written`);
    const command = /^to write to a copy: (.*), then use --offline=(.*)$/.exec(error.hints[0] ?? "");
    if (command === null) throw new Error(`no command in ${error.hints[0]}`);
    execFileSync("sh", ["-c", command[1] ?? ""], { cwd: folder.path });
    const copy = await openDataDir(path.join(folder.path, command[2] ?? ""), { mode: "write" });
    expect(copy.database?.clusterVersion).toBe("3.5.0");
    await copy.close();
  });
});
