// etcdutl's log on stderr has the messages and the fields of Go's, since scripts and etcd's own tests wait for them. The
// expected lines are recorded from etcdutl 3.7.1 on the same files, without time and source line.
import { copyFileSync, mkdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { zapConsoleLine } from "../../src/go/zap";
import { fixtureBytes, type Fixture } from "../storage/fixture-files";
import { workFolder } from "../support/work-folder";
import { etcdutl as run, runProgram } from "./run-etcdutl";

const folder = workFolder();
const etcdutl = (...words: string[]) => run(words, { cwd: folder() });

function snapshotFile(fixture: Fixture): void {
  writeFileSync(path.join(folder(), "a.db"), fixtureBytes(fixture));
}

const added = (cluster: string, id: string, urls: string) =>
  `added member\t{"cluster-id": "${cluster}", "local-member-id": "0", "added-peer-id": "${id}", ` +
  `"added-peer-peer-urls": [${urls}], "added-peer-is-learner": false}`;

const restoreFields = (memoryMapSize: number) =>
  '{"path": "a.db", "wal-dir": "m.etcd/member/wal", "data-dir": "m.etcd", "snap-dir": "m.etcd/member/snap", ' +
  `"initial-memory-map-size": ${memoryMapSize}}`;

describe("snapshot restore", () => {
  beforeEach(() => snapshotFile("etcd-3.7.snapshot"));

  test.each([
    ["etcdutl", 10_737_418_240],
    ["etcdctl", 0],
  ] as const)("restore of %s logs its steps and the new member", async (program, memoryMapSize) => {
    const words = ["snapshot", "restore", "a.db", "--data-dir", "m.etcd"];
    const { log } = await runProgram(program, words, { cwd: folder() });
    expect(log).toEqual([
      `restoring snapshot\t${restoreFields(memoryMapSize)}`,
      "Trimming membership information from the backend...",
      added("cdf818194e3a8c32", "8e9e05c52164694d", '"http://localhost:2380"'),
      `restored snapshot\t${restoreFields(memoryMapSize)}`,
    ]);
  });

  test("restore logs the addresses of URLs that differ, and resolves no localhost", async () => {
    const { exit, log } = await etcdutl(
      ...["snapshot", "restore", "a.db"],
      ...["--initial-cluster", "default=http://127.0.0.1:1,default=http://[::1]:2"],
      ...["--initial-advertise-peer-urls", "http://localhost:2380,http://127.0.0.2:3"],
    );
    const resolved = (address: string) =>
      `resolved URL Host\t{"url": "http://${address}", "host": "${address}", "resolved-addr": "${address}"}`;
    expect(exit).toBe(1);
    expect(log).toEqual(["127.0.0.2:3", "127.0.0.1:1", "[::1]:2"].map(resolved));
  });

  test("restore --for-kubernetes raises the revision by ten billion, however old the file is", async () => {
    const words = ["snapshot", "restore", "a.db", "--data-dir", "k.etcd", "--for-kubernetes"];
    const longAgo = Date.now() / 1000 - 300 * 86_400;
    utimesSync(path.join(folder(), "a.db"), longAgo, longAgo);
    const { exit, hints, log } = await runProgram("etcdutl", words, { cwd: folder() });
    expect({ exit, hints: hints.slice(0, 3) }).toEqual({
      exit: 0,
      hints: [
        "--for-kubernetes is --bump-revision 10000000000 --mark-compacted",
        "the revision rises so far that API servers and controllers see no revision again that they have cached: ten billion is what 77 days of 1500 writes a second need, or a year of 300",
        "older revisions count as compacted, so every watch ends and its client reads all objects again",
      ],
    });
    expect(log).toContain(`marking revision compacted\t{"revision": 10000000047}`);
  });

  test.each(["--bump-revision=1", "--mark-compacted", "--bump-revision=1 --mark-compacted"])(
    "restore --for-kubernetes chooses the revision itself, and refuses %s",
    async (typed) => {
      const words = ["snapshot", "restore", "a.db", "--for-kubernetes", ...typed.split(" ")];
      expect(await runProgram("etcdutl", words, { cwd: folder() })).toMatchObject({
        exit: 128,
        stderr:
          "Error: --for-kubernetes chooses --bump-revision and --mark-compacted itself; leave these out\n",
      });
    },
  );

  test("restore logs a raised revision, and then the members in order of their IDs", async () => {
    const cluster = "a=http://127.0.0.1:1,b=http://127.0.0.1:2,a=http://127.0.0.1:3,c=http://127.0.0.1:4";
    const { log } = await etcdutl(
      ...["snapshot", "restore", "a.db", "--data-dir", "m.etcd", "--name", "a", "--initial-cluster", cluster],
      ...["--initial-advertise-peer-urls", "http://127.0.0.1:1,http://127.0.0.1:3"],
      ...["--bump-revision", "10", "--mark-compacted"],
    );
    const clusterId = "a75291ed9db31689";
    expect(log.slice(1, -1)).toEqual([
      "Trimming membership information from the backend...",
      'bumping latest revision\t{"latest-revision": 47, "bump-amount": 10, "new-latest-revision": 57}',
      'marking revision compacted\t{"revision": 57}',
      added(clusterId, "43ccf13c9d84d8d2", '"http://127.0.0.1:2"'),
      added(clusterId, "84b20586997d4f13", '"http://127.0.0.1:4"'),
      added(clusterId, "ee3c1e8d92c8305a", '"http://127.0.0.1:1", "http://127.0.0.1:3"'),
    ]);
  });
});

describe("defrag", () => {
  test.each([
    ["etcdutl", "etcd-3.5.snapshot", 61_440, "61 kB"],
    ["etcdctl", "etcd-3.7.snapshot", 86_016, "86 kB"],
  ] as const)("defrag of %s logs the sizes before and after", async (program, fixture, bytes, shown) => {
    snapshotFile(fixture);
    mkdirSync(path.join(folder(), "m.etcd/member/snap"), { recursive: true });
    copyFileSync(path.join(folder(), "a.db"), path.join(folder(), "m.etcd/member/snap/db"));
    const { log } = await runProgram(program, ["defrag", "--data-dir", "m.etcd"], { cwd: folder() });
    const file = '"path": "m.etcd/member/snap/db"';
    const sizes = (size: number, text: string) =>
      `"current-db-size-bytes": ${size}, "current-db-size": "${text}"`;
    const inUse = (size: number, text: string) =>
      `"current-db-size-in-use-bytes": ${size}, "current-db-size-in-use": "${text}"`;
    expect(log[0]).toBe(`defragmenting\t{${file}, ${sizes(bytes, shown)}, ${inUse(45_056, "45 kB")}}`);
    // Our file has one page less than Go's after a defrag, and none is free.
    const after = 49_152;
    expect(log[1]?.replace(/"took": "[\d.]+m?s"/, '"took": ""')).toBe(
      `finished defragmenting directory\t{${file}, "current-db-size-bytes-diff": ${after - bytes}, ` +
        `${sizes(after, "49 kB")}, "current-db-size-in-use-bytes-diff": ${after - 45_056}, ` +
        `${inUse(after, "49 kB")}, "took": ""}`,
    );
    expect(log).toHaveLength(2);
  });
});

describe("migrate", () => {
  const migrate = (to: string, ...more: string[]) =>
    etcdutl("migrate", "--data-dir", "m.etcd", "--target-version", to, ...more);
  const updated = (version: string) => `updated storage version\t{"new-storage-version": "${version}"}`;
  const otherMajor = (from: string, to: string) =>
    `Changing major storage version is not supported\t{"storage-version": "${from}", "target-storage-version": "${to}"}`;
  const tryingForce = (reason: string) =>
    `normal migrate failed, trying with force\t{"error": "cannot create migration plan: ${reason}"}`;

  beforeEach(async () => {
    snapshotFile("etcd-3.5.snapshot");
    expect((await etcdutl("snapshot", "restore", "a.db", "--data-dir", "m.etcd")).exit).toBe(0);
  });

  test("migrate logs each minor version on its way", async () => {
    expect((await migrate("3.7")).log).toEqual([updated("3.6.0"), updated("3.7.0")]);
    expect((await migrate("3.6")).log).toEqual([updated("3.6.0")]);
    expect((await migrate("3.7")).log).toEqual([updated("3.7.0")]);
    expect((await migrate("3.5")).log).toEqual([updated("3.6.0"), updated("3.5.0")]);
    expect((await migrate("3.5")).log).toEqual(['storage version up-to-date\t{"storage-version": "3.5"}']);
  });

  test("migrate with --force logs why it was refused, and that the version was set or cleared", async () => {
    expect((await migrate("3.6")).exit).toBe(0);
    expect((await migrate("4.0")).log).toEqual([otherMajor("3.6.0", "4.0.0")]);
    expect((await migrate("4.0", "--force")).log).toEqual([
      otherMajor("3.6.0", "4.0.0"),
      tryingForce("changing major storage version is not supported"),
      'forcefully set storage version\t{"storage-version": "4.0"}',
    ]);
    expect((await migrate("3.5", "--force")).log).toEqual([
      otherMajor("4.0.0", "3.5.0"),
      tryingForce("changing major storage version is not supported"),
      "forcefully cleared storage version",
    ]);
    expect((await migrate("3.9", "--force")).log).toEqual([
      tryingForce(String.raw`version \"3.8.0\" is not supported`),
      'forcefully set storage version\t{"storage-version": "3.9"}',
    ]);
  });

  test("migrate logs why it cannot read the log", async () => {
    rmSync(path.join(folder(), "m.etcd/member/wal"), { recursive: true });
    const { exit, log } = await migrate("3.6");
    const wal = path.join(folder(), "m.etcd/member/wal");
    const error = `cannot read ${wal}: no such file or directory`;
    expect({ exit, log }).toEqual({ exit: 1, log: [`Failed to finalize config\t{"error": "${error}"}`] });
  });

  test("migrate logs that it cannot detect the version of older files", async () => {
    mkdirSync(path.join(folder(), "old.etcd/member/snap"), { recursive: true });
    writeFileSync(path.join(folder(), "old.etcd/member/snap/db"), fixtureBytes("etcd-3.4.snapshot"));
    const { exit, log } = await etcdutl("migrate", "--data-dir", "old.etcd", "--target-version", "3.6");
    expect({ exit, log }).toEqual({
      exit: 1,
      log: [
        "failed to detect storage version. Please make sure you are using data dir from etcd v3.5 and older",
      ],
    });
  });
});

test("a log line has zap's form: tabs, and fields with blanks after colons and commas", () => {
  const fields = { a: 'q"\b\f\n\u001b', b: 1n, c: true, d: ["x", "y"] };
  expect(zapConsoleLine(0, { level: "warn", logger: "etcdutl", message: "it is so", fields })).toBe(
    '1970-01-01T00:00:00Z\twarn\tetcdutl\tit is so\t{"a": "q\\"\\u0008\\u000c\\n\\u001b", "b": 1, "c": true, "d": ["x", "y"]}\n',
  );
});
