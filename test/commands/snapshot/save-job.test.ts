// `snapshot save` for backup jobs, against a real server: names with the date, --keep, --verify, compression and metrics.
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import path from "node:path";
import * as zlib from "node:zlib";
import { startEmbeddedServer, type EmbeddedServer } from "../../../src/index";
import { systemClock } from "../../../src/clock";
import { snapshotSave } from "../../../src/commands/snapshot/save";
import { StatusResponse } from "../../../src/proto/gen/etcdserverpb";
import { runCommand } from "../../support/run-command";
import { runMain } from "../../support/run-main";
import { describeUnless } from "../../support/skip";
import { workFolder } from "../../support/work-folder";
import { fixtureBytes } from "../../storage/fixture-files";

const folder = workFolder();
let server: EmbeddedServer;
beforeAll(async () => {
  server = await startEmbeddedServer({ keys: { a: "1", b: "2".repeat(10_000) } });
});
afterAll(() => server.stop());

const etcdctl = (...words: readonly string[]) =>
  runMain(words, { cwd: folder(), env: { ETCDCTL_ENDPOINTS: server.endpoint } });
const files = (dir = ".") => readdirSync(path.join(folder(), dir)).sort();
const touch = (...names: readonly string[]) => {
  for (const name of names) writeFileSync(path.join(folder(), name), "");
};
const saved = (file: string) => `Snapshot saved at ${file}\nServer version 3.7.0\n`;

/** At a fixed time, from a server that the test defines. */
function saveAt(
  time: string,
  words: readonly string[],
  Snapshot = () => blobs(fixtureBytes("etcd-3.7.snapshot")),
) {
  const clock = { ...systemClock, now: () => Date.parse(time) };
  const answers = { Status: () => StatusResponse.create({ leader: 1n }), Snapshot };
  return runCommand(snapshotSave, words, { cwd: folder(), answers, clock });
}

function* blobs(bytes: Uint8Array) {
  for (let at = 0; at < bytes.length; at += 3000) yield { blob: bytes.subarray(at, at + 3000), version: "" };
}

describe("--name-template", () => {
  test("names the file by date and host, in the directory that is the argument", async () => {
    mkdirSync(path.join(folder(), "backups"));
    const { stdout } = await saveAt("2026-11-27T20:16:25.9Z", [
      "--name-template",
      "{host}-{date}.db",
      "backups",
    ]);
    const name = `${hostname()}-20261127T201625Z.db`;
    expect(stdout).toBe(`Snapshot saved at backups/${name}\n`);
    expect(files("backups")).toEqual([name]);
    await saveAt("2026-11-28T01:02:03Z", ["--name-template", "etcd-{date}.db"]);
    expect(files()).toEqual(["backups", "etcd-20261128T010203Z.db"]);
  });

  test.each([
    [["--name-template", "etcd.db"], "--name-template needs {date} once"],
    [["--name-template", "{date}{date}"], "--name-template needs {date} once"],
    [["--name-template", "{time}-{date}"], "--name-template: {time} is not known; use {date} and {host}"],
    [["--name-template", "{date"], "--name-template: {date is not known; use {date} and {host}"],
    [
      ["--name-template", "a/{date}"],
      "--name-template is a name without a directory; the directory is the argument",
    ],
    [["--name-template", "{date}", "-"], "--name-template needs a directory, not standard output"],
    [
      ["--name-template", "{date}", "a", "b"],
      "snapshot save with --name-template expects at most one argument, a directory",
    ],
    [["--keep", "2", "x.db"], "--keep needs --name-template, whose files it counts"],
    [["--verify", "-"], "--verify needs a file, not standard output"],
    [[], "snapshot save expects one argument <filename>"],
  ])("%j is refused", async (words, message) => {
    await expect(saveAt("2026-01-01T00:00:00Z", words)).rejects.toMatchObject({ exitCode: 128, message });
    expect(files()).toEqual([]);
  });
});

describe("--keep", () => {
  const job = ["--name-template", "etcd-{date}.db", "--keep", "2"];

  test("removes the oldest files of the template, and no other", async () => {
    const others = [
      "etcd-20260101.db",
      "etcd-20260101T000000Z.db.gz",
      "x-etcd-20260101T000000Z.db",
      "etcd-latest.db",
    ];
    touch(...others, "etcd-20260101T000000Z.db", "etcd-20260102T000000Z.db", "etcd-20260103T000000Z.db");
    mkdirSync(path.join(folder(), "etcd-20250101T000000Z.db"));
    symlinkSync("etcd-latest.db", path.join(folder(), "etcd-20250102T000000Z.db"));
    const { stderr } = await saveAt("2026-01-04T00:00:00Z", job);
    expect(stderr).toBe("hint: removed by --keep: etcd-20260101T000000Z.db, etcd-20260102T000000Z.db\n");
    expect(files()).toEqual(
      [
        ...others,
        ...["etcd-20250101T000000Z.db", "etcd-20250102T000000Z.db"],
        ...["etcd-20260103T000000Z.db", "etcd-20260104T000000Z.db"],
      ].sort(),
    );
  });

  test("never removes the new file, also when the clock was ahead before", async () => {
    touch("etcd-20300101T000000Z.db", "etcd-20310101T000000Z.db");
    await saveAt("2026-01-04T00:00:00Z", job);
    expect(files()).toEqual(["etcd-20260104T000000Z.db", "etcd-20310101T000000Z.db"]);
  });

  test("removes nothing when the save fails", async () => {
    touch("etcd-20260101T000000Z.db", "etcd-20260102T000000Z.db", "etcd-20260103T000000Z.db");
    const cut = () => blobs(fixtureBytes("etcd-3.7.snapshot").subarray(0, 9000));
    await expect(saveAt("2026-01-04T00:00:00Z", job, cut)).rejects.toMatchObject({ exitCode: 5 });
    expect(files()).toHaveLength(3);
  });
});

describe("--verify", () => {
  test("reports what is in the backup", async () => {
    const { exit, stdout, stderr } = await etcdctl("snapshot", "save", "--verify", "a.db");
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: saved("a.db") });
    expect(stderr).toMatch(/^hint: verified: hash right, revision 2, 2 keys, 2 records, 0 leases, /);
  });

  test("keeps a damaged backup from getting its name, although its hash is right", async () => {
    writeFileSync(path.join(folder(), "a.db"), "the one before");
    const bytes = Buffer.from(fixtureBytes("etcd-3.5.snapshot").subarray(0, -32));
    const page = bytes.indexOf("/registry/pods/pod-30") & ~4095;
    bytes.writeUInt16LE(0x7777, page + 8);
    const { createHash } = await import("node:crypto");
    const whole = Buffer.concat([bytes, createHash("sha256").update(bytes).digest()]);
    const run = saveAt("2026-01-01T00:00:00Z", ["--verify", "a.db"], () => blobs(whole));
    await expect(run).rejects.toMatchObject({
      exitCode: 5,
      message: expect.stringContaining(
        `the backup is damaged and was not kept: bucket key: page ${page / 4096}:`,
      ),
    });
    expect(files()).toEqual(["a.db"]);
    expect(readFileSync(path.join(folder(), "a.db"), "utf8")).toBe("the one before");
  });
});

const zstd = zlib as unknown as { zstdDecompressSync?: (bytes: Uint8Array) => Buffer };

describe("a compressed backup", () => {
  test("of a name that ends in .gz is gzip, and every reader takes it", async () => {
    await etcdctl("snapshot", "save", "plain.db");
    expect((await etcdctl("snapshot", "save", "--verify", "small.db.gz")).stdout).toBe(saved("small.db.gz"));
    const [plain, small] = ["plain.db", "small.db.gz"].map((name) => readFileSync(path.join(folder(), name)));
    expect(zlib.gunzipSync(small as Buffer).equals(plain as Buffer)).toBe(true);
    expect(statSync(path.join(folder(), "small.db.gz")).mode & 0o777).toBe(0o600);
    await expectReaders("small.db.gz");
  });

  test("that is damaged is an error of every reader, and leaves no temporary file", async () => {
    await etcdctl("snapshot", "save", "small.db.gz");
    const bytes = readFileSync(path.join(folder(), "small.db.gz"));
    writeFileSync(path.join(folder(), "cut.gz"), bytes.subarray(0, bytes.length - 20));
    for (const words of [
      ["snapshot", "verify", "cut.gz"],
      ["snapshot", "status", "cut.gz"],
      ["snapshot", "restore", "cut.gz", "--data-dir=restored"],
      [`--offline=${folder()}/cut.gz`, "get", "a"],
    ]) {
      const { exit, stderr } = await runMain(words, { cwd: folder() });
      expect({ exit, stderr }).toEqual({
        exit: 1,
        stderr: expect.stringContaining("cut.gz: damaged gzip data (unexpected end of file)"),
      });
    }
    expect(files()).toEqual(["cut.gz", "small.db.gz"]);
  });

  test("can be read with version 2, whose keys no snapshot has", async () => {
    await etcdctl("snapshot", "save", "small.db.gz");
    const words = [`--offline=${folder()}/small.db.gz`, "get", "/a"];
    const { exit, stderr } = await runMain(words, { cwd: folder(), env: { ETCDCTL_API: "2" } });
    expect({ exit, stderr }).toEqual({
      exit: 4,
      stderr: expect.stringMatching(/^Error: {2}100: Key not found \(\/a\) \[\d+\]\n$/) as string,
    });
    expect(files()).toEqual(["small.db.gz"]);
  });

  test("takes no writes offline", async () => {
    await etcdctl("snapshot", "save", "small.db.gz");
    const { exit, stderr } = await runMain([`--offline=${folder()}/small.db.gz`, "put", "a", "2"]);
    expect({ exit, stderr: stderr.split("\n")[0] }).toEqual({
      exit: 1,
      stderr: `Error: ${folder()}/small.db.gz is compressed: it is only read offline, never written`,
    });
  });

  test("of another content than a database names the file that the user typed", async () => {
    writeFileSync(path.join(folder(), "x.gz"), zlib.gzipSync(Buffer.alloc(9000)));
    const { exit, stderr } = await runMain([`--offline=${folder()}/x.gz`, "get", "a"]);
    expect({ exit, stderr }).toEqual({
      exit: 1,
      stderr: expect.stringContaining(`Error: ${folder()}/x.gz: `),
    });
  });

  const noZstd = zstd.zstdDecompressSync === undefined ? "this Node has no zstd" : undefined;
  describeUnless(noZstd, "of a name that ends in .zst", () => {
    test("is zstd, and every reader takes it", async () => {
      await etcdctl("snapshot", "save", "plain.db");
      await etcdctl("snapshot", "save", "--verify", "small.db.zst");
      const [plain, small] = ["plain.db", "small.db.zst"].map((name) =>
        readFileSync(path.join(folder(), name)),
      );
      expect(zstd.zstdDecompressSync?.(small as Buffer).equals(plain as Buffer)).toBe(true);
      await expectReaders("small.db.zst");
    });

    test("is refused if it is cut", async () => {
      await etcdctl("snapshot", "save", "small.db.zst");
      const bytes = readFileSync(path.join(folder(), "small.db.zst"));
      writeFileSync(path.join(folder(), "cut.zst"), bytes.subarray(0, bytes.length - 20));
      const { exit, stderr } = await etcdctl("snapshot", "verify", "cut.zst");
      expect({ exit, stderr }).toEqual({
        exit: 1,
        stderr: "Error: cut.zst: damaged zstd data (unexpected end of file)\n",
      });
    });
  });

  const hasZstd = noZstd === undefined ? "this Node has zstd" : undefined;
  describeUnless(hasZstd, "of a name that ends in .zst without zstd in Node", () => {
    test("is refused with the reason, before anything is written or read", async () => {
      const message = (verb: string) =>
        `Error: this Node cannot ${verb} zstd: it needs Node 22.15 or newer\n`;
      const { exit, stderr } = await etcdctl("snapshot", "save", "small.db.zst");
      expect({ exit, stderr, files: files() }).toEqual({
        exit: 1,
        stderr:
          message("write") +
          "hint: use gzip (a name that ends in .gz), or: etcdctl snapshot save - | zstd > FILE\n",
        files: [],
      });
      writeFileSync(path.join(folder(), "x.zst"), Buffer.from("28b52ffd2000", "hex"));
      const read = await etcdctl("snapshot", "verify", "x.zst");
      expect(read.stderr).toBe(`${message("read")}hint: unpack it first: zstd -d x.zst\n`);
    });
  });

  async function expectReaders(name: string): Promise<void> {
    const typed = (words: readonly string[], program: "etcdctl" | "etcdutl" = "etcdctl") =>
      runMain(words, { cwd: folder() }, program);
    const status = await typed(["snapshot", "status", name], "etcdutl");
    expect(status).toMatchObject({ exit: 0, stdout: expect.stringMatching(/^[0-9a-f]+, 2, 2, /) });
    const packed = readFileSync(path.join(folder(), name));
    const stdin = await runMain(["snapshot", "status", "-"], { stdin: packed }, "etcdutl");
    expect(stdin.stdout).toBe(status.stdout);
    expect((await typed([`--offline=${path.join(folder(), name)}`, "get", "a"])).stdout).toBe("a\n1\n");
    expect((await typed(["diff", name, "plain.db"])).exit).toBe(0);
    const restored = ["snapshot", "restore", name, "--data-dir", `restored-${name}`];
    expect((await typed(restored, "etcdutl")).exit).toBe(0);
    const data = path.join(folder(), `restored-${name}`);
    expect((await typed([`--offline=${data}`, "get", "a"])).stdout).toBe("a\n1\n");
  }
});

describe("--textfile", () => {
  const metricsIn = (name: string) =>
    Object.fromEntries(
      readFileSync(path.join(folder(), name), "utf8")
        .split("\n")
        .filter((line) => line !== "" && !line.startsWith("#"))
        .map((line) => /^etcdctl_snapshot_save_(\w+)\{target="(.*)"\} ([0-9.]+)$/.exec(line) ?? [])
        .map(([, metric, target, value]) => [metric, { target, value: Number(value) }] as const),
    );

  test("has time, size, revision and result, and after a failure those of the last good save", async () => {
    const words = ["--textfile", "etcd.prom", "--verify", "--name-template", "e-{date}.db"];
    const target = path.join(folder(), "e-{date}.db");
    const at = (time: string) => Date.parse(time) / 1000;
    await saveAt("2026-01-01T00:00:00Z", words);
    const size = fixtureBytes("etcd-3.7.snapshot").length;
    const good = {
      success: { target, value: 1 },
      last_run_timestamp_seconds: { target, value: at("2026-01-01T00:00:00Z") },
      duration_seconds: { target, value: 0 },
      last_success_timestamp_seconds: { target, value: at("2026-01-01T00:00:00Z") },
      size_bytes: { target, value: size },
      revision: { target, value: 47 },
    };
    expect(metricsIn("etcd.prom")).toEqual(good);
    expect(statSync(path.join(folder(), "etcd.prom")).mode & 0o777).toBe(0o644);
    const cut = () => blobs(fixtureBytes("etcd-3.7.snapshot").subarray(0, 9000));
    await expect(saveAt("2026-01-02T00:00:00Z", words, cut)).rejects.toMatchObject({ exitCode: 5 });
    expect(metricsIn("etcd.prom")).toEqual({
      ...good,
      success: { target, value: 0 },
      last_run_timestamp_seconds: { target, value: at("2026-01-02T00:00:00Z") },
    });
    expect(files()).toEqual(["e-20260101T000000Z.db", "etcd.prom"]);
  });

  test("is written when nothing can be reached, and needs a name that node_exporter reads", async () => {
    const { exit, stderr } = await runMain(
      ["--endpoints=127.0.0.1:1", "--command-timeout=1s", "snapshot", "save", "--textfile=etcd.txt", "a.db"],
      { cwd: folder() },
    );
    expect(exit).toBe(5);
    expect(stderr).toContain("hint: node_exporter reads only files whose names end in .prom, not etcd.txt\n");
    expect(Object.keys(metricsIn("etcd.txt"))).toEqual([
      "success",
      "last_run_timestamp_seconds",
      "duration_seconds",
    ]);
  });

  test("that cannot be written fails a good save, and does not hide the error of a bad one", async () => {
    const good = await etcdctl("snapshot", "save", "--textfile=none/etcd.prom", "a.db");
    expect({ exit: good.exit, files: files() }).toEqual({ exit: 1, files: ["a.db"] });
    expect(good.stderr).toMatch(
      /^Error: cannot write --textfile none\/etcd\.prom: no such file or directory\nhint: the backup is saved\n/,
    );
    const bad = await etcdctl("snapshot", "save", "--textfile=none/etcd.prom", "none/a.db");
    expect(bad.exit).toBe(5);
    expect(bad.stderr).toMatch(/hint: cannot write --textfile none\/etcd\.prom: no such file or directory\n/);
    expect(bad.stderr).toMatch(/Error: could not open none\/a\.db\.part /);
  });
});
