// etcdutl's commands on files of every version: their output in every format, and their errors for damaged files.
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { fixtureBytes, type Fixture } from "../storage/fixture-files";
import { notLinux, testUnless } from "../support/skip";
import { workFolder } from "../support/work-folder";
import { etcdutl as run, runProgram } from "./run-etcdutl";

/** The status of etcd-3.7.snapshot. */
const ROOT_PAGE = 20;

const folder = workFolder();
const etcdutl = (...words: string[]) => run(words, { cwd: folder() });

function file(name: string, content: Uint8Array | string): void {
  mkdirSync(path.dirname(path.join(folder(), name)), { recursive: true });
  writeFileSync(path.join(folder(), name), content);
}

const bytesIn = (name: string) => readFileSync(path.join(folder(), name));

function altered(name: Fixture, at: number): Buffer {
  const bytes = fixtureBytes(name);
  bytes[at] = (bytes[at] as number) ^ 0xff;
  return bytes;
}

describe("snapshot status", () => {
  // What Go's etcdutl 3.7.1 prints of the same file.
  test.each([
    ["simple", "6cded435, 47, 33, 86 kB, \n"],
    ["fields", '"Hash" : 1826542645\n"Revision" : 47\n"Keys" : 33\n"Size" : 86016\n"Version" : \n'],
    ["json", '{"hash":1826542645,"revision":47,"totalKey":33,"totalSize":86016,"version":""}\n'],
  ])("status prints the format %s", async (format, stdout) => {
    file("a.db", fixtureBytes("etcd-3.7.snapshot"));
    expect(await etcdutl("snapshot", "status", "a.db", "-w", format)).toMatchObject({
      exit: 0,
      stdout,
      stderr: "",
    });
  });

  test("the table of a file without a storage version has an empty cell", async () => {
    file("a.db", fixtureBytes("etcd-3.4.snapshot"));
    const { stdout } = await etcdutl("-w", "table", "snapshot", "status", "a.db");
    expect(stdout.split("\n")[1]).toBe("│   HASH   │ REVISION │ TOTAL KEYS │ TOTAL SIZE │ VERSION │");
    expect(stdout.split("\n")[3]).toMatch(/^│ d93238be │ {7}47 │ {9}33 │ {6}61 kB │ {9}│$/);
  });

  test("unknown and unsupported formats end with exit code 4, in Go's order of checks", async () => {
    file("a.db", fixtureBytes("etcd-3.5.snapshot"));
    const of = async (...words: string[]) => {
      const { exit, stderr } = await etcdutl("snapshot", "status", ...words);
      return { exit, stderr };
    };
    expect(await of("a.db", "-w", "toml")).toEqual({ exit: 4, stderr: "Error: unsupported output format\n" });
    expect(await of("a.db", "-w", "protobuf")).toEqual({
      exit: 4,
      stderr: "Error: protobuf not supported as output format\n",
    });
    expect(await of("no.db", "-w", "toml")).toEqual({
      exit: 1,
      stderr: "Error: stat no.db: no such file or directory\n",
    });
    expect(await of()).toEqual({
      exit: 128,
      stderr: "Error: snapshot status requires exactly one argument\n",
    });
  });

  test("status reports why a file is no database or is truncated", async () => {
    file("junk.db", "this is not a database");
    expect(await etcdutl("snapshot", "status", "junk.db")).toMatchObject({
      exit: 1,
      stderr: "Error: invalid database\n",
      hints: ["junk.db: no bbolt database: it has only 22 bytes"],
    });
    file("cut.db", fixtureBytes("etcd-3.5.snapshot").subarray(0, 30_000));
    const { exit, stderr } = await etcdutl("snapshot", "status", "cut.db");
    expect(exit).toBe(1);
    expect(stderr).toMatch(/^Error: cut\.db: truncated: 30000 of \d+ bytes are there\n$/);
  });

  test("status finds every altered byte by the structure or by the hash", async () => {
    const size = fixtureBytes("etcd-3.7.snapshot").length;
    for (let at = 0; at < size; at += 499) {
      file("altered.db", altered("etcd-3.7.snapshot", at));
      expect((await etcdutl("snapshot", "status", "altered.db")).exit).toBe(1);
    }
    file("altered.db", altered("etcd-3.7.snapshot", ROOT_PAGE * 4096 + 8));
    const { stderr } = await etcdutl("snapshot", "status", "altered.db");
    expect(stderr).toMatch(
      /^Error: snapshot file integrity check failed\. \d+ errors found\.\n.*altered\.db: page 20: .* \(at byte 81920\)/,
    );
  });

  test("status reads a snapshot from stdin for `-` and leaves no copy", async () => {
    const before = readdirSync(path.dirname(folder())).filter((name) => name.startsWith("etcdutl-"));
    const options = { cwd: folder(), stdin: fixtureBytes("etcd-3.7.snapshot") };
    const { stdout } = await run(["snapshot", "status", "-"], options);
    expect(stdout).toContain("6cded435, 47, 33, 86 kB, \n");
    const after = readdirSync(path.dirname(folder())).filter((name) => name.startsWith("etcdutl-"));
    expect(after).toEqual(before);
    const junk = await run(["snapshot", "status", "-"], { cwd: folder(), stdin: Buffer.from("junk") });
    expect(junk.hints).toEqual(["standard input: no bbolt database: it has only 4 bytes"]);
  });
});

describe("etcdctl snapshot status", () => {
  test("`etcdctl snapshot status` counts and prints as etcdctl 3.5 for every version", async () => {
    file("a.db", fixtureBytes("etcd-3.7.snapshot"));
    const ran = await runProgram("etcdctl", ["snapshot", "status", "a.db"], { cwd: folder() });
    expect(ran).toMatchObject({ exit: 0, stderr: "Deprecated: Use `etcdutl snapshot status` instead.\n\n" });
    expect(ran.stdout).toMatch(/^6cded435, 47, 66, 86 kB\n$/);
    const words = ["snapshot", "status", "a.db", "-w", "table", "--compat", "3.5"];
    const table = await runProgram("etcdctl", words, { cwd: folder() });
    expect(table.stdout.split("\n").slice(0, 2)).toEqual([
      "+----------+----------+------------+------------+",
      "|   HASH   | REVISION | TOTAL KEYS | TOTAL SIZE |",
    ]);
    const json = await runProgram("etcdctl", ["-w", "json", "snapshot", "status", "a.db"], { cwd: folder() });
    expect(Object.keys(JSON.parse(json.stdout) as object)).toEqual([
      "hash",
      "revision",
      "totalKey",
      "totalSize",
    ]);
  });
});

describe("hashkv", () => {
  test("hashkv hashes up to a revision and refuses invalid revisions with etcd's texts", async () => {
    file("a.db", fixtureBytes("etcd-3.7.snapshot"));
    const { stdout } = await etcdutl("hashkv", "a.db", "-w", "json");
    expect(JSON.parse(stdout)).toEqual({ hash: 772828933, hashRevision: 47, compactRevision: 20 });
    expect(await etcdutl("hashkv", "a.db", "--rev", "30")).toMatchObject({
      stdout: expect.stringMatching(/^\d+, 30, 20\n$/) as string,
    });
    const errorOf = async (rev: string) => (await etcdutl("hashkv", "a.db", "--rev", rev)).stderr;
    expect(await errorOf("19")).toBe("Error: mvcc: required revision has been compacted\n");
    expect(await errorOf("48")).toBe("Error: mvcc: required revision is a future revision\n");
    expect(bytesIn("a.db")).toEqual(fixtureBytes("etcd-3.7.snapshot"));
  });
});

describe("the command line", () => {
  test("etcdutl prints command line errors twice, as Go's etcdutl does", async () => {
    expect(await etcdutl("nope")).toMatchObject({
      exit: 1,
      stderr: `Error: unknown command "nope" for "etcdutl"\nRun 'etcdutl --help' for usage.\nError: unknown command "nope" for "etcdutl"\n`,
    });
    const { exit, stderr } = await etcdutl("defrag");
    expect({ exit, twice: stderr.split('Error: required flag(s) "data-dir" not set\n').length }).toEqual({
      exit: 1,
      twice: 3,
    });
    expect((await etcdutl("migrate")).stderr).toContain(
      'required flag(s) "data-dir", "target-version" not set',
    );
    expect((await etcdutl("hashkv")).stderr).toContain("Error: accepts 1 arg(s), received 0\n");
  });

  test.each(["bash", "zsh", "fish", "powershell"])(
    "completion %s prints a script that calls etcdutl",
    async (shell) => {
      const { exit, stdout, stderr } = await etcdutl("completion", shell);
      expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
      expect(stdout).toContain("etcdutl");
      expect(stdout).toContain("__complete");
      expect(stdout).not.toMatch(/etcdctl/i);
    },
  );

  test("completion offers etcdutl's commands, flags, values and files", async () => {
    const offered = async (...words: string[]) => {
      const { stdout } = await etcdutl("__complete", ...words);
      return stdout.replaceAll(/\t.*/g, "").trimEnd().split("\n");
    };
    expect(await offered("snapshot", "")).toEqual(["restore", "status", ":4"]);
    expect(await offered("migrate", "--ta")).toEqual(["--target-version", ":4"]);
    expect(await offered("-w", "ta")).toEqual(["table", ":4"]);
    expect(await offered("snapshot", "status", "")).toEqual([":0"]);
    expect(await offered("defrag", "--data-dir", "")).toEqual([":16"]);
  });

  test("help prints the flags of every command, and version prints etcdutl's version", async () => {
    const { stdout } = await etcdutl("help", "snapshot", "restore");
    for (const flag of ["--bump-revision", "--timeout", "--write-out"]) expect(stdout).toContain(flag);
    expect(stdout).not.toContain("etcdctl");
    expect((await etcdutl("version", "-w", "json")).stdout).toBe(
      "etcdutl version: 3.7.1\nAPI version: 3.7\n",
    );
  });
});

/** A stopped member with the db file of etcd 3.7 and the log of a restored member. */
async function member(fixture: Fixture): Promise<void> {
  file("a.db", fixtureBytes(fixture));
  expect((await etcdutl("snapshot", "restore", "a.db", "--data-dir", "m.etcd")).exit).toBe(0);
}

describe("migrate", () => {
  const versionOf = async () => {
    const { stdout } = await etcdutl("snapshot", "status", "m.etcd/member/snap/db", "-w", "json");
    return (JSON.parse(stdout) as { version: string }).version;
  };
  const migrate = (to: string, ...more: string[]) =>
    etcdutl("migrate", "--data-dir", "m.etcd", "--target-version", to, ...more);

  test("migrate sets a higher version, and removes the storage version for 3.5", async () => {
    await member("etcd-3.7.snapshot");
    expect(await versionOf()).toBe("");
    for (const [to, version] of [
      ["3.7", "3.7.0"],
      ["3.6", "3.6.0"],
      ["3.5", ""],
      ["3.7", "3.7.0"],
    ] as const) {
      expect(await migrate(to)).toMatchObject({
        exit: 0,
        stderr: "",
        log: [
          expect.stringMatching(/^updated storage version/),
          ...(to === "3.7" ? [expect.anything()] : []),
        ],
      });
      expect(await versionOf()).toBe(version);
    }
    expect((await migrate("3.7")).log).toEqual(['storage version up-to-date\t{"storage-version": "3.7"}']);
  });

  test("migrate refuses an impossible migration and does it with --force", async () => {
    await member("etcd-3.5.snapshot");
    expect(await migrate("3.8")).toMatchObject({
      exit: 1,
      stderr: 'Error: cannot create migration plan: version "3.8.0" is not supported\n',
    });
    expect(await migrate("3.4")).toMatchObject({
      exit: 128,
      stderr: 'Error: target version "3.4" not supported. Minimal "3.5"\n',
    });
    expect(await migrate("3")).toMatchObject({
      exit: 128,
      stderr: 'Error: wrong target version format, expected "X.Y", got "3"\n',
    });
    expect(await versionOf()).toBe("");
    expect((await migrate("3.8", "--force")).exit).toBe(0);
    expect(await versionOf()).toBe("3.8.0");
  });
});

describe("defrag", () => {
  test("defrag releases unused pages and keeps the contents", async () => {
    await member("etcd-3.5.snapshot");
    const db = path.join(folder(), "m.etcd/member/snap/db");
    copyFileSync(path.join(folder(), "a.db"), db);
    const status = async () => {
      const { stdout } = await etcdutl("snapshot", "status", "m.etcd/member/snap/db", "-w", "json");
      return JSON.parse(stdout) as { totalSize: number };
    };
    const { totalSize, ...contents } = await status();
    expect(await etcdutl("defrag", "--data-dir", "m.etcd")).toMatchObject({
      exit: 0,
      stdout: "",
      stderr: "",
    });
    const after = await status();
    expect(after).toMatchObject(contents);
    expect(after.totalSize).toBeLessThan(totalSize);
    expect(statSync(db).mode & 0o777).toBe(0o600);
    expect(readdirSync(path.dirname(db)).filter((name) => name.startsWith("db"))).toEqual(["db"]);
  });

  test("defrag without a member fails, also in etcdctl", async () => {
    const message = "stat no.etcd/member/snap/db: no such file or directory";
    expect(await etcdutl("defrag", "--data-dir", "no.etcd")).toMatchObject({
      exit: 1,
      stderr: `Error: Failed to defragment etcd data[no.etcd] (${message})\n`,
    });
    const old = await runProgram("etcdctl", ["defrag", "--data-dir", "no.etcd"], { cwd: folder() });
    expect(old).toMatchObject({
      exit: 1,
      stderr: `Use \`etcdutl defrag\` instead. The --data-dir is going to be decomissioned in v3.6.\n\nError: ${message}\n`,
    });
  });
});

describe("snapshot restore", () => {
  const restore = (...words: string[]) => etcdutl("snapshot", "restore", ...words);
  beforeEach(() => file("a.db", fixtureBytes("etcd-3.7.snapshot")));

  test("restore creates a data dir that only the owner can read, and logs it on stderr", async () => {
    const { exit, stdout, stderr, log } = await restore("a.db", "--data-dir", "deep/new.etcd");
    expect({ exit, stdout, stderr }).toEqual({ exit: 0, stdout: "", stderr: "" });
    expect(log.map((line) => line.split("\t")[0])).toEqual([
      "restoring snapshot",
      "Trimming membership information from the backend...",
      "added member",
      "restored snapshot",
    ]);
    const found = readdirSync(path.join(folder(), "deep"), { recursive: true, encoding: "utf8" }).sort();
    expect(found).toEqual([
      "new.etcd",
      "new.etcd/member",
      "new.etcd/member/snap",
      "new.etcd/member/snap/0000000000000001-0000000000000001.snap",
      "new.etcd/member/snap/db",
      "new.etcd/member/wal",
      "new.etcd/member/wal/0000000000000000-0000000000000000.wal",
    ]);
    const mode = (name: string) => statSync(path.join(folder(), "deep/new.etcd", name)).mode & 0o777;
    expect([mode("."), mode("member/wal"), mode("member/snap/db")]).toEqual([0o700, 0o700, 0o600]);
    expect(
      statSync(path.join(folder(), "deep/new.etcd/member/wal/0000000000000000-0000000000000000.wal")).size,
    ).toBe(64_000_000);
  });

  test("restore accepts an empty data dir and refuses a full one and an existing log directory", async () => {
    mkdirSync(path.join(folder(), "empty.etcd"));
    expect((await restore("a.db", "--data-dir", "empty.etcd")).exit).toBe(0);
    expect(await restore("a.db", "--data-dir", "empty.etcd")).toMatchObject({
      exit: 1,
      stderr: 'Error: data-dir "empty.etcd" not empty or could not be read\n',
    });
    expect(await restore("a.db", "--data-dir", "x", "--wal-dir", "empty.etcd")).toMatchObject({
      exit: 1,
      stderr: 'Error: wal-dir "empty.etcd" exists\n',
    });
  });

  test("restore puts the log into --wal-dir", async () => {
    expect((await restore("a.db", "--name", "default", "--wal-dir", "logs/wal")).exit).toBe(0);
    expect(readdirSync(path.join(folder(), "logs/wal"))).toEqual(["0000000000000000-0000000000000000.wal"]);
    expect(readdirSync(path.join(folder(), "default.etcd/member"))).toEqual(["snap"]);
    for (const place of ["member/log", "member/snap/log", "member/wal/sub"]) {
      const dir = `${path.basename(place)}.etcd`;
      expect((await restore("a.db", "--data-dir", dir, "--wal-dir", `${dir}/${place}`)).exit).toBe(0);
      expect(readdirSync(path.join(folder(), dir, place))).toEqual(["0000000000000000-0000000000000000.wal"]);
      expect(readdirSync(path.join(folder(), dir))).toEqual(["member"]);
      rmSync(path.join(folder(), dir), { recursive: true });
    }
  });

  test.each([
    ["", "member"],
    ["/member", "snap"],
    ["/member/snap", "db"],
  ])("restore refuses DATA_DIR%s as the log directory", async (place, inside) => {
    const ran = await restore("a.db", "--data-dir", "x", "--wal-dir", `x${place}`);
    expect(ran.stderr).toBe(`Error: expected "x${place}" to be empty, got ["${inside}"]\n`);
    expect(existsSync(path.join(folder(), "x"))).toBe(false);
  });

  test.each([
    [["--bump-revision", "10"], 128, "--mark-compacted required if --revision-bump > 0"],
    [["--mark-compacted"], 128, "--mark-compacted required if --revision-bump > 0"],
    [["--name", "other"], 1, 'couldn\'t find local name "other" in the initial cluster configuration'],
    [["--initial-cluster", "default=foo"], 1, "URL scheme must be http, https, unix, or unixs: foo"],
    [
      ["--initial-cluster", "default=http://127.0.0.1:2380"],
      1,
      "--initial-cluster has default=http://127.0.0.1:2380 but missing from --initial-advertise-peer-urls=http://localhost:2380 " +
        '(resolved urls: "http://localhost:2380" != "http://127.0.0.1:2380")',
    ],
    [
      ["--initial-advertise-peer-urls", "http://localhost:2380,http://localhost:2381"],
      1,
      "--initial-advertise-peer-urls has http://localhost:2381 but missing from --initial-cluster=" +
        "default=http://localhost:2380,default=http://localhost:2381",
    ],
    [
      ["--initial-cluster", "default=http://localhost:2380,b=http://localhost:2380"],
      1,
      "initial cluster b=http://localhost:2380,default=http://localhost:2380 has duplicate url",
    ],
  ])("restore refuses %j with etcd's text before it reads the snapshot", async (flags, exit, message) => {
    const ran = await restore("no.db", "--data-dir", "x", ...flags);
    expect({ exit: ran.exit, stderr: ran.stderr }).toEqual({ exit, stderr: `Error: ${message}\n` });
    expect(existsSync(path.join(folder(), "x"))).toBe(false);
  });

  test("an empty name is no file, and not the working directory", async () => {
    expect((await restore("", "--data-dir", "x")).stderr).toBe("Error: open : no such file or directory\n");
    for (const words of [
      ["hashkv", ""],
      ["snapshot", "status", ""],
    ]) {
      expect((await etcdutl(...words)).stderr).toBe("Error: stat : no such file or directory\n");
    }
  });

  test("restore reports the damage of a snapshot and its place, and leaves no files", async () => {
    file("junk.db", "this is not a database");
    expect((await restore("junk.db", "--data-dir", "x")).stderr).toBe(
      "Error: seek junk.db: invalid argument\n",
    );
    file("copied.db", fixtureBytes("etcd-3.7.snapshot").subarray(0, -32));
    expect((await restore("copied.db", "--data-dir", "x")).stderr).toBe(
      "Error: snapshot missing hash but --skip-hash-check=false\n",
    );
    file("altered.db", altered("etcd-3.7.snapshot", ROOT_PAGE * 4096 + 8));
    const wrongHash = await restore("altered.db", "--data-dir", "x");
    expect(wrongHash.stderr).toMatch(/^Error: expected sha256 \[\d+( \d+){31}\], got \[\d+( \d+){31}\]\n$/);
    expect(wrongHash.hints.join()).toMatch(/first damage found: altered\.db: page 20: .* \(at byte 81920\)/);
    const unchecked = await restore("altered.db", "--data-dir", "x", "--skip-hash-check");
    expect(unchecked.stderr).toMatch(/^Error: altered\.db: page 20: .* \(at byte 81920\)\n$/);
    expect(existsSync(path.join(folder(), "x"))).toBe(false);
    expect((await restore("copied.db", "--data-dir", "x", "--skip-hash-check")).exit).toBe(0);
  });

  testUnless(
    notLinux,
    "a place where no directory can be made is named, and does not hold up for ever",
    async () => {
      const ran = await restore("a.db", "--data-dir", "/proc/nowhere/x");
      expect(ran.stderr).toMatch(/^Error: mkdir \/proc\/nowhere\/x\/.*: no such file or directory\n$/);
    },
  );

  test("restore names a directory that it cannot write", async () => {
    mkdirSync(path.join(folder(), "sealed"));
    chmodSync(path.join(folder(), "sealed"), 0o500);
    const { exit, stderr } = await restore("a.db", "--data-dir", "a.db/x");
    expect({ exit, stderr }).toMatchObject({
      exit: 1,
      stderr: expect.stringMatching(/^Error: mkdir .*: not a directory\n$/) as string,
    });
  });
});
