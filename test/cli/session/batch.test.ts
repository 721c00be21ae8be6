import { writeFileSync } from "node:fs";
import path from "node:path";
import { main } from "../../../src/cli/main";
import { CliError, ExitCode } from "../../../src/errors";
import { BrokenPipe } from "../../../src/io";
import { startEmbeddedServer, type EmbeddedServer } from "../../../src/index";
import { runMain } from "../../support/run-main";
import { testIo, type TestIoOptions } from "../../support/test-io";
import { until } from "../../support/until";
import { workFolder } from "../../support/work-folder";

let server: EmbeddedServer;
beforeEach(async () => {
  server = await startEmbeddedServer({ auth: { bcryptCost: 4 } });
});
afterEach(() => server.stop());

const folder = workFolder();

function batch(lines: readonly string[], flags: readonly string[] = [], options: TestIoOptions = {}) {
  const stdin = lines.map((line) => `${line}\n`).join("");
  const env = { ETCDCTL_ENDPOINTS: server.endpoint, ...options.env };
  return runMain(["batch", ...flags], { stdin, ...options, env });
}

async function revision(): Promise<number> {
  const { header } = await server.client().kv.range({ key: "x" });
  return Number(header?.revision);
}

test("each line is a command, and the output is what the commands print alone", async () => {
  const { exit, stdout, stderr } = await batch([
    "# fill",
    "put a 1",
    "put b 'two words'",
    "",
    "get a b -w fields --keys-only",
    "get b --print-value-only",
    "del a --prev-kv",
  ]);
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
  expect(stdout).toMatch(/^OK\nOK\n"ClusterID" : [\s\S]*"Count" : 1\ntwo words\n1\na\n1\n$/);
});

test("a file is read in place of standard input, and - is standard input", async () => {
  const file = path.join(folder(), "commands.txt");
  writeFileSync(file, "put a from-file\n");
  expect((await batch([], [file])).stdout).toBe("OK\n");
  expect((await batch(["get a --print-value-only"], ["-"])).stdout).toBe("from-file\n");
  expect(await batch([], [path.join(folder(), "absent")])).toMatchObject({
    exit: 6,
    stderr: expect.stringMatching(/^Error: cannot read .*absent: no such file or directory\n$/) as string,
  });
});

test("arguments and inputs may have any bytes", async () => {
  await batch(['["put", {"base64": "/wA="}, "v"]', '{"args": ["put", "k"], "stdin": {"base64": "AP8K"}}']);
  const { kvs } = await server.client().kv.range({ key: Buffer.of(0), rangeEnd: Buffer.of(0) });
  expect(kvs.map(({ key, value }) => [[...key], [...value]])).toEqual([
    [[107], [0, 255, 10]],
    [[255, 0], [118]],
  ]);
});

test("the first line that fails ends the batch, with its number and its exit code", async () => {
  const { exit, stdout, stderr } = await batch(["put a 1", "put", "put b 2"]);
  expect(exit).toBe(128);
  expect(stdout).toBe("OK\n");
  expect(stderr).toContain(
    "line 2: Error: put command needs 1 argument and input from stdin or 2 arguments\n",
  );
  expect(stderr).toContain("1 of 2 lines failed; the lines after it were not carried out\n");
});

test("with --keep-going every line is carried out, and the first failure gives the exit code", async () => {
  const lines = ["put a 1", "nosuch", "get a --bad", "put", `put "b`, "put b 2"];
  const { exit, stdout, stderr } = await batch(lines, ["--keep-going"]);
  expect({ exit, stdout }).toEqual({ exit: 1, stdout: "OK\nOK\n" });
  expect(stderr.split("\n").filter((line) => line.startsWith("line "))).toEqual([
    'line 2: Error: unknown command "nosuch" for "etcdctl"',
    "line 3: Error: unknown flag: --bad",
    "line 4: Error: put command needs 1 argument and input from stdin or 2 arguments",
    'line 5: Error: the quote " is not closed',
  ]);
  expect(stderr).toContain("4 of 6 lines failed\n");
  expect(stderr).not.toContain("Flags:");
});

test("a command that only reports a failure by its exit code is named too", async () => {
  const dead = "--endpoints 127.0.0.1:1 --command-timeout 50ms";
  const { exit, stderr } = await batch([`endpoint health ${dead}`]);
  expect(exit).toBe(1);
  expect(stderr).toContain("line 1: ");
});

test("with --jobs the commands overlap and the output keeps the order of the lines", async () => {
  const lines = Array.from({ length: 200 }, (_, i) => `put key-${i} ${i}`);
  await batch(lines, ["--jobs", "32"]);
  const gets = lines.map((_, i) => `get key-${i} --print-value-only`);
  const { exit, stdout } = await batch(gets, ["-j", "32"]);
  expect(exit).toBe(0);
  expect(stdout).toBe(lines.map((_, i) => `${i}\n`).join(""));
});

test("with --jobs a server that does not respond is reported once", async () => {
  const flags = ["--jobs", "8", "--endpoints", "127.0.0.1:1", "--command-timeout", "50ms"];
  const { exit, stderr } = await batch(Array(20).fill("put a 1") as string[], flags);
  expect(exit).toBe(1);
  expect(stderr.match(/^line \d+: Error: /gm)).toHaveLength(1);
});

test("with --txn-size put lines that follow each other become transactions", async () => {
  const before = await revision();
  const lines = [
    ...Array.from({ length: 25 }, (_, i) => `put key-${i} ${i}`),
    "get key-24 --print-value-only",
    "put a 1",
    "put a 2",
    "put key-0 new --prev-kv",
  ];
  const { exit, stdout, stderr } = await batch(lines, ["--txn-size", "10"]);
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
  expect(stdout).toBe(`${"OK\n".repeat(25)}24\nOK\nOK\nOK\nkey-0\n0\n`);
  // 10 + 10 + 5 puts, then a, and a again with key-0.
  expect((await revision()) - before).toBe(5);
});

test("a joined put prints the header that it prints alone", async () => {
  const alone = JSON.parse((await batch(["put a 1 -w json"])).stdout) as { header: { revision: number } };
  const joined = await batch(["put a 2", "put b 2"], ["--txn-size", "5", "-w", "json"]);
  const [first, second] = joined.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as typeof alone);
  const header = { ...alone.header, revision: alone.header.revision + 1 };
  expect([first, second]).toEqual([{ header }, { header }]);
});

test("a refused transaction names its lines, and nothing of it is written", async () => {
  const lines = Array.from({ length: 200 }, (_, i) => `put key-${i} ${i}`);
  const { exit, stderr } = await batch(lines, ["--txn-size", "200"]);
  expect(exit).toBe(1);
  expect(stderr).toContain("lines 1-200: Error: etcdserver: too many operations in txn request\n");
  expect(stderr).toContain(
    "hint: most servers take 128 operations in a transaction: use a smaller --txn-size\n",
  );
  expect(await revision()).toBe(1);
});

test("global flags of batch count for every line that does not set them", async () => {
  const lines = ["put a 1", "get a -w simple", "get a"];
  const dead = { ETCDCTL_ENDPOINTS: "127.0.0.1:1" };
  const { stdout } = await batch(lines, ["-w", "json", "--command-timeout=50ms"], { env: dead });
  expect(stdout).toBe("");
  const flags = ["-w", "json", "--endpoints", server.endpoint];
  const [put, ...gets] = (await batch(lines, flags, { env: dead })).stdout.split("\n");
  expect(put).toMatch(/^\{"header"/);
  expect(gets.slice(0, 2)).toEqual(["a", "1"]);
  expect(gets[2]).toMatch(/^\{"header"/);
});

test("all lines use one connection, and a password is asked for once", async () => {
  const client = server.client();
  await client.auth.userAdd({ name: "root", password: "pw" });
  await client.auth.userGrantRole({ user: "root", role: "root" });
  await client.auth.authEnable();
  const { exit, io, stdout } = await batch(
    ["put a 1", "put b 2", "get a --print-value-only"],
    ["--user", "root"],
    {
      passwords: ["pw"],
    },
  );
  expect({ exit, prompts: io.prompts }).toEqual({ exit: 0, prompts: ["Password: "] });
  expect(stdout).toBe("Password: OK\nOK\n1\n");
});

test.each([
  ["its reader has gone", new BrokenPipe("gone"), 141, ""],
  ["the disk is full", new CliError(ExitCode.io, "could not write"), 6, "Error: could not write\n"],
])(
  "when the output fails since %s, the batch stops, also with --keep-going",
  async (_, failWith, exit, stderr) => {
    for (const flags of [[], ["--keep-going"], ["--keep-going", "--jobs=3"]]) {
      const before = await revision();
      const io = testIo({
        stdin: "put a 1\n".repeat(100),
        env: { ETCDCTL_ENDPOINTS: server.endpoint },
      });
      io.stdout.failWith = failWith;
      expect({ exit: await main(["batch", ...flags], io), stderr: io.stderr.text }).toEqual({ exit, stderr });
      expect((await revision()) - before).toBeLessThan(50);
    }
  },
);

test("Ctrl-C stops the command that runs and the batch", async () => {
  const io = testIo({ stdin: "put a 1\nwatch a\nput b 2\n", env: { ETCDCTL_ENDPOINTS: server.endpoint } });
  const ended = main(["batch"], io);
  await until("the watch prints an event", async () => {
    await server.client().kv.put({ key: "a", value: "2" });
    return io.stdout.text.includes("PUT");
  });
  io.sendSignal("SIGINT");
  expect({ exit: await ended, stderr: io.stderr.text }).toEqual({ exit: 130, stderr: "" });
  expect((await server.client().kv.range({ key: "b" })).kvs).toEqual([]);
});

test.each([
  [["--jobs", "0"], "--jobs must be at least 1"],
  [["--txn-size", "0"], "--txn-size must be at least 1"],
  [["a", "b"], "batch takes one file, or reads standard input"],
])("batch %j is refused", async (flags, message) => {
  const { exit, stderr } = await batch([], flags);
  expect({ exit, stderr }).toEqual({ exit: 128, stderr: `Error: ${message}\n` });
});

test("a batch cannot contain a batch or a shell", async () => {
  const { exit, stderr } = await batch(["batch x", "shell"], ["-k"]);
  expect(exit).toBe(128);
  expect(stderr).toContain("line 1: Error: batch cannot run inside a batch or a shell\n");
  expect(stderr).toContain("line 2: Error: shell cannot run inside a batch or a shell\n");
});

test("a line of a batch cannot ask for a password", async () => {
  const { stderr } = await batch(["get a --user bob"]);
  expect(stderr).toContain("line 1: Error: a line of a batch cannot ask for a password\n");
});
