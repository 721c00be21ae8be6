import path from "node:path";
import { startEmbeddedServer, type EmbeddedServer } from "../../../src/index";
import { runMain } from "../../support/run-main";
import { workFolder } from "../../support/work-folder";

let one: EmbeddedServer;
let two: EmbeddedServer;
beforeEach(async () => {
  const keys = { a: "1", b: "line 1\nline 2\nline 3", c: "3" };
  [one, two] = await Promise.all([startEmbeddedServer({ keys }), startEmbeddedServer({ keys })]);
});
afterEach(() => Promise.all([one.stop(), two.stop()]));

const folder = workFolder();

async function diff(...words: string[]) {
  const { exit, stdout, stderr } = await runMain(["diff", ...words], {
    env: { ETCDCTL_ENDPOINTS: one.endpoint },
    cwd: folder(),
  });
  return { exit, stdout, stderr };
}

async function change(server: EmbeddedServer): Promise<void> {
  const { kv } = server.client();
  await kv.put({ key: "b", value: "line 1\nline two\nline 3" });
  await kv.deleteRange({ key: "c" });
  await kv.put({ key: "d", value: Buffer.of(0, 1) });
}

test("equal places have no difference and exit code 0", async () => {
  expect(await diff("@latest", two.endpoint)).toEqual({ exit: 0, stdout: "", stderr: "" });
});

test("added, removed and changed keys are one line each, and the exit code is 1", async () => {
  await change(two);
  expect(await diff("@latest", two.endpoint)).toEqual({ exit: 1, stdout: "~ b\n- c\n+ d\n", stderr: "" });
  expect((await diff(two.endpoint, one.endpoint)).stdout).toBe("~ b\n+ c\n- d\n");
});

test("--values shows how values differ, binary ones by size and hash", async () => {
  await change(two);
  expect((await diff("@latest", two.endpoint, "--values")).stdout).toBe(
    [
      "~ b",
      "     line 1",
      "    -line 2",
      "    +line two",
      "     line 3",
      "- c",
      "    -3",
      "+ d",
      "    +2 bytes, sha256 b413f47d13ee2fe6…",
      "",
    ].join("\n"),
  );
});

test("a prefix limits the keys", async () => {
  await change(two);
  expect(await diff("@latest", two.endpoint, "a")).toMatchObject({ exit: 0, stdout: "" });
  expect(await diff("@latest", two.endpoint, "c")).toMatchObject({ exit: 1, stdout: "- c\n" });
});

test("revisions of a cluster, backups and data dirs are places", async () => {
  const backup = path.join(folder(), "backup.db");
  const env = { ETCDCTL_ENDPOINTS: one.endpoint };
  await runMain(["snapshot", "save", backup], { env, cwd: folder() });
  await change(one);
  expect((await diff("@2", "@latest")).stdout).toBe("~ b\n- c\n+ d\n");
  expect((await diff("backup.db", "@latest")).stdout).toBe("~ b\n- c\n+ d\n");
  expect(await diff("backup.db", two.endpoint)).toMatchObject({ exit: 0 });
  await runMain(["snapshot", "restore", backup, "--data-dir", "restored"], { env, cwd: folder() }, "etcdutl");
  expect(await diff("restored", "backup.db")).toMatchObject({ exit: 0 });
});

test("jsonl has an object for each key with both values", async () => {
  await change(two);
  const { stdout } = await diff("@latest", two.endpoint, "-w", "jsonl");
  expect(stdout.split("\n")).toEqual([
    '{"change":"changed","key":"b","a":{"value":"line 1\\nline 2\\nline 3","create_revision":2,"mod_revision":2,"version":1},"b":{"value":"line 1\\nline two\\nline 3","create_revision":2,"mod_revision":3,"version":2}}',
    '{"change":"removed","key":"c","a":{"value":"3","create_revision":2,"mod_revision":2,"version":1}}',
    '{"change":"added","key":"d","b":{"value_base64":"AAE=","create_revision":5,"mod_revision":5,"version":1}}',
    "",
  ]);
});

test("--count-only prints the numbers", async () => {
  await change(two);
  expect(await diff("@latest", two.endpoint, "--count-only")).toMatchObject({
    exit: 1,
    stdout: "1 added, 1 removed, 1 changed\n",
  });
});

test("a key with bytes that a terminal obeys is quoted", async () => {
  await two.client().kv.put({ key: "x\x1b[31m", value: "\x1b]0;title\x07" });
  expect((await diff("@latest", two.endpoint, "--values")).stdout).toBe(
    String.raw`+ "x\x1b[31m"` + "\n    +10 bytes, sha256 af817d0cad12d99c…\n",
  );
});

test.each<[string[], RegExp]>([
  [["@latest"], /^Error: diff takes two places and an optional prefix\n/],
  [
    ["@latest", "nosuch"],
    /^Error: nosuch is neither an endpoint, nor a file or directory, nor a profile, nor a revision\n/,
  ],
  [["", "@latest"], /^Error: a place of diff is empty\nhint: write /],
  [
    ["@latest", "@0"],
    /^Error: @0 is no revision: write @ and a positive number, a time such as @10m, or @latest\n/,
  ],
  [["@latest", "@99"], /^Error: etcdserver: mvcc: required revision is a future revision\n/],
  [["@latest", "@latest", "-w", "table"], /^Error: table not supported as output format\n/],
])("diff %j is trouble: exit code 2", async (words, message) => {
  const { exit, stderr } = await diff(...words);
  expect(exit).toBe(2);
  expect(stderr).toMatch(message);
});
