// snapshot restore, defrag and status that fail: the disk is full, the user interrupts, an etcd uses the file. Existing files
// stay unchanged and no partial file is left.
import { createHash } from "node:crypto";
import { closeSync, openSync, readdirSync, writeSync } from "node:fs";
import path from "node:path";
import { bboltImage } from "../../src/storage/bbolt/writer";
import { encodeRevision } from "../../src/storage/schema";
import { Child } from "../support/child";
import { programWords } from "../support/etcdctl";
import { describeWithEtcd, startEtcd } from "../support/real-etcd";
import type { Member } from "../support/server-group";
import { until } from "../support/until";
import { workFolder } from "../support/work-folder";

const program = programWords("etcdutl");
const folder = workFolder();
const env = { PATH: process.env["PATH"], TMPDIR: process.env["TMPDIR"] };
const etcdutl = (...words: string[]) => new Child([...program, ...words], { cwd: folder(), env });

/** Large enough that a test can interrupt the restore. */
function bigSnapshot(keyCount: number): void {
  const value = Buffer.concat([Buffer.from("\x0a\x01k\x2a\x80\x50", "latin1"), Buffer.alloc(10_240, "v")]);
  const entries = Array.from({ length: keyCount }, (_, at) => {
    return { key: encodeRevision(at + 2), valueSizeBytes: value.length, value: () => value };
  });
  const hash = createHash("sha256");
  const file = openSync(path.join(folder(), "big.db"), "w");
  for (const chunk of bboltImage([{ name: Buffer.from("key"), entries: () => entries }]).chunks) {
    hash.update(chunk);
    writeSync(file, chunk);
  }
  writeSync(file, hash.digest());
  closeSync(file);
}

test.each([
  ["a full disk", ["--data-dir", "new.etcd"]],
  ["a full disk with the log in another folder", ["--data-dir", "new.etcd", "--wal-dir", "logs/wal"]],
])("%s gives an error with its reason and leaves nothing", async (_, words) => {
  bigSnapshot(100);
  // No file may grow past 512 KiB.
  const script = 'trap "" XFSZ; ulimit -f 1000; exec "$@"';
  const argv = ["sh", "-c", script, "sh", ...program, "snapshot", "restore", "big.db", ...words];
  const { exit, stderr } = await new Child(argv, { cwd: folder(), env }).finish();
  expect(exit).toBe(1);
  expect(stderr.toString()).toMatch(/^Error: write .*: file too large$/m);
  expect(readdirSync(folder())).toEqual(["big.db"]);
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("%s during a restore ends with exit code %i and leaves nothing", async (signal, code) => {
  bigSnapshot(15_000);
  const child = etcdutl("snapshot", "restore", "big.db", "--data-dir", "deep/new.etcd");
  await child.printed("stderr", "restoring snapshot");
  child.signal(signal);
  expect((await child.finish()).exit).toBe(code);
  expect(readdirSync(folder())).toEqual(["big.db"]);
});

test("Ctrl-C while a snapshot is read from stdin leaves no copy of it", async () => {
  const words = [...program, "snapshot", "status", "-"];
  const child = new Child(words, {
    cwd: folder(),
    env: { ...env, TMPDIR: folder() },
    input: Buffer.alloc(100_000),
    inputOpen: true,
  });
  await until("the copy is started", () => readdirSync(folder()).length > 0);
  child.signal("SIGINT");
  expect((await child.finish()).exit).toBe(130);
  expect(readdirSync(folder())).toEqual([]);
});

describeWithEtcd("3.5", "a running etcd", () => {
  test("keeps its files locked: etcdutl waits for them until --timeout and then fails", async () => {
    const group = await startEtcd("3.5");
    try {
      const { dataDir } = group.members[0] as Member;
      const db = path.join(dataDir, "member", "snap", "db");
      for (const words of [
        ["defrag", "--data-dir", dataDir],
        ["migrate", "--data-dir", dataDir, "--target-version", "3.6"],
        ["hashkv", db],
        ["snapshot", "status", db],
      ]) {
        const { exit, stderr } = await etcdutl(...words, "--timeout", "100ms").finish();
        expect({ exit, stderr: stderr.toString() }).toEqual({
          exit: 1,
          stderr: expect.stringMatching(/^Error: .* is in use: process \d+ has it locked/) as string,
        });
      }
      expect(readdirSync(path.dirname(db))).toEqual(["db"]);
    } finally {
      await group.stop();
    }
  });

  test("that stops before --timeout lets etcdutl continue", async () => {
    const group = await startEtcd("3.5");
    try {
      const member = group.members[0] as Member;
      const child = etcdutl("defrag", "--data-dir", member.dataDir);
      await group.kill(member);
      expect((await child.finish()).exit).toBe(0);
      await group.restart(member);
    } finally {
      await group.stop();
    }
  });
});
