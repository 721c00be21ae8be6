// What `watch` has beyond Go's: --exec-batch, --timestamps and --diff. With --offline a watch of the history ends, so most of these
// tests wait for nothing.
import path from "node:path";
import { systemClock } from "../../src/clock";
import { loadProgram, main } from "../../src/cli/main";
import { startEmbeddedServer, type EmbeddedServer } from "../../src/index";
import { Child } from "../support/child";
import { program } from "../support/etcdctl";
import { runMain } from "../support/run-main";
import { testIo, type TestChild, type TestIo, type TestIoOptions } from "../support/test-io";
import { until } from "../support/until";
import { sharedFolder } from "../support/work-folder";

const data = path.join(sharedFolder(), "data");
const time = "2026-11-27T20:00:00.000Z";
const clock = { ...systemClock, now: () => Date.parse(time) };

beforeAll(async () => {
  for (const words of [
    ["put", "a", "1\n2"],
    ["put", "a", "1\n3"],
    ["put", "b", "x"],
    ["del", "a"],
  ]) {
    expect((await runMain([`--offline=${data}`, ...words])).exit).toBe(0);
  }
});

const history = (words: readonly string[], options: TestIoOptions = {}) =>
  runMain([`--offline=${data}`, "watch", "", "--prefix", "--rev=1", ...words], { clock, ...options });

describe("--timestamps", () => {
  test("prints when each event arrived, in the formats for people and scripts", async () => {
    const { stdout } = await history(["--timestamps"]);
    expect(stdout).toBe(
      `${time}\nPUT\na\n1\n2\n${time}\nPUT\na\n1\n3\n${time}\nPUT\nb\nx\n${time}\nDELETE\na\n\n`,
    );
    const jsonl = (await history(["--timestamps", "-w", "jsonl"])).stdout.split("\n");
    expect(jsonl[3]).toBe(`{"time":"${time}","type":"DELETE","key":"a","mod_revision":5}`);
    expect((await history(["--timestamps", "-w", "yaml"])).stdout).toContain(
      `---\ntime: "${time}"\ntype: PUT\n`,
    );
  });
});

describe("--diff", () => {
  test("prints how each value changed", async () => {
    const { exit, stdout } = await history(["--diff"]);
    expect({ exit, stdout }).toEqual({
      exit: 0,
      stdout: [
        "revision 2  put  a  version 1, 3 bytes\n    +1\n    +2\n",
        "revision 3  put  a  version 2, 3 bytes\n     1\n    -2\n    +3\n",
        "revision 4  put  b  version 1, 1 byte\n    +x\n",
        "revision 5  delete  a\n    -1\n    -3\n",
      ].join(""),
    });
    expect((await history(["--diff", "--timestamps"])).stdout).toContain(`${time}  revision 5  delete  a\n`);
  });
});

test.each([
  [["--timestamps", "-w", "json"], 4, "--timestamps is for the formats simple, yaml and jsonl, not for json"],
  [["--diff", "-w", "jsonl"], 4, "--diff is for the format simple, not for jsonl"],
  [["--diff", "-i"], 128, "--timestamps and --diff cannot be set with --interactive or --exec-batch"],
  [["--exec-batch"], 128, "--exec-batch needs a command after --"],
])("watch %j is refused", async (words, exit, message) => {
  expect(await history(words)).toMatchObject({ exit, stdout: "", stderr: `Error: ${message}\n` });
});

describe("--exec-batch", () => {
  const batch = ["--exec-batch", "--debounce=10ms", "--", "handle", "it"];
  const linesOf = ({ input }: TestChild) =>
    Buffer.from(input ?? "")
      .toString()
      .split("\n")
      .slice(0, -1);

  test("runs the command once for all events, which are JSON lines on its stdin", async () => {
    const { exit, stdout, io } = await history(["--prev-kv", ...batch]);
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: "" });
    const [child, ...others] = io.children as [TestChild];
    expect(others).toEqual([]);
    expect(child.argv).toEqual(["handle", "it"]);
    expect(child.env).toEqual({ ETCD_WATCH_REVISION: "5", ETCD_WATCH_EVENT_COUNT: "4" });
    expect(linesOf(child).map((line) => (JSON.parse(line) as { type: string; key: string }).type)).toEqual([
      ...["PUT", "PUT", "PUT", "DELETE"],
    ]);
    expect(linesOf(child)[1]).toBe(
      '{"type":"PUT","key":"a","value":"1\\n3","create_revision":2,"mod_revision":3,"version":2,' +
        '"prev_kv":{"key":"a","value":"1\\n2","create_revision":2,"mod_revision":2,"version":1}}',
    );
  });

  test("ends the watch when the command fails or cannot be started", async () => {
    const failed = await history(batch, { onChild: (child) => child.end({ exitCode: 3 }) });
    expect(failed).toMatchObject({ exit: 1, stderr: 'command ["handle" "it"] error (exit status 3)\n' });
    const real = new Child(
      [...program, `--offline=${data}`, "watch", "a", "--rev=1", "--exec-batch", "--", "/none/x"],
      {},
    );
    const { exit, stderr } = await real.finish();
    expect({ exit, stderr: stderr.toString() }).toEqual({
      exit: 1,
      stderr: expect.stringMatching(/^command \["\/none\/x"\] error \(.*no such file or directory\)\n$/),
    });
  });

  test("gives a real command its input, whether the command reads it or not", async () => {
    const watch = [`--offline=${data}`, "watch", "a", "--rev=1", "--exec-batch", "--"];
    const counted = await new Child([...program, ...watch, "wc", "-l"], {}).finish();
    expect({ exit: counted.exit, stdout: counted.stdout.toString().trim() }).toEqual({
      exit: 0,
      stdout: "3",
    });
    const ignored = await new Child([...program, ...watch, "true"], {}).finish();
    expect(ignored.exit).toBe(0);
  });

  describe("on a server", () => {
    let server: EmbeddedServer;
    beforeAll(async () => {
      server = await startEmbeddedServer();
    });
    afterAll(() => server.stop());

    test("collects what comes while the command runs into the next batch, and Ctrl-C ends it", async () => {
      const { kv } = server.client();
      const put = (key: string) => kv.put({ key, value: "1" });
      await put("first");
      const onChild = (child: TestChild, io: TestIo): void => {
        if (io.children.length > 0) return io.sendSignal("SIGINT");
        void (async () => {
          for (let i = 0; i < 50; i++) await put(`more${i}`);
          child.end({ exitCode: 0 });
        })();
      };
      const words = ["watch", "", "--prefix", "--rev=1", ...batch];
      const { exit, io } = await runMain(words, { env: { ETCDCTL_ENDPOINTS: server.endpoint }, onChild });
      expect({ exit, batches: io.children.length }).toEqual({ exit: 130, batches: 2 });
      const [first, second] = io.children as [TestChild, TestChild];
      expect(linesOf(first)).toHaveLength(1);
      expect(linesOf(second).length).toBeGreaterThan(0);
      expect(linesOf(second)[0]).toContain('"more0"');
    });
  });
});

test("a terminal hears why no member responds, and a pipe nothing; both wait", async () => {
  const words = ["watch", "a", "--endpoints", "127.0.0.1:1"];
  const program = await loadProgram("etcdctl");
  const [pipe, terminal] = [testIo(), testIo({ terminal: true })];
  const ends = [pipe, terminal].map((io) => main(words, io, program));
  await until("the hint", () => terminal.stderr.text !== "");
  expect(terminal.stderr.text).toBe(
    "\u001b[2mhint: no member responds (127.0.0.1:1: connection refused; start etcd there or correct --endpoints); " +
      "the watch starts when a member answers\u001b[22m\n",
  );
  expect({ stdout: pipe.stdout.text, stderr: pipe.stderr.text }).toEqual({ stdout: "", stderr: "" });
  for (const io of [pipe, terminal]) io.sendSignal("SIGINT");
  expect(await Promise.all(ends)).toEqual([130, 130]);
});
