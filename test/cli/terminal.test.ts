// A real terminal, from the program `script` of util-linux: del asks before it deletes more than one key
// where the user has set ETCDCTL_CONFIRM=1, and nowhere else; txn -i asks again.
import { testIo } from "../support/test-io";
import { readFile } from "node:fs/promises";
import { EtcdError, StatusCode } from "../../src/errors";
import { reportFailure } from "../../src/cli/exit";
import { startEmbeddedServer, type EmbeddedServer } from "../../src/index";
import type { Child } from "../support/child";
import { etcdctl } from "../support/etcdctl";
import { describeUnless } from "../support/skip";
import { noTerminal, startOnTerminal } from "../support/terminal";

describeUnless(noTerminal, "on a terminal", () => {
  let server: EmbeddedServer;
  beforeEach(async () => {
    server = await startEmbeddedServer({ keys: { "a/1": "1", "a/2": "2", b: "3" } });
  });
  afterEach(() => server.stop());

  const start = (env: Readonly<Record<string, string>>, ...words: readonly string[]): Child =>
    startOnTerminal(["--endpoints", server.endpoint, ...words], env);

  const question = 'This deletes 2 keys beginning with "a/". Continue? [y/N] ';

  test.each([
    ["y\r", 0, "2\r\n", 0],
    ["yes\r", 0, "2\r\n", 0],
    ["n\r", 1, "Error: not confirmed: nothing has been deleted\r\n", 2],
    ["\r", 1, "Error: not confirmed: nothing has been deleted\r\n", 2],
    ["\x04", 1, "Error: not confirmed: nothing has been deleted\r\n", 2],
    ["\x03", 130, "", 2],
  ])("del --prefix with the answer %j exits with %d", async (answer, exit, shown, left) => {
    const child = start({ ETCDCTL_CONFIRM: "1" }, "del", "a/", "--prefix");
    await child.printed("stdout", question);
    child.write(answer);
    const result = await child.finish();
    expect({ exit: result.exit, left: await countOfA() }).toEqual({ exit, left });
    expect(result.stdout.toString()).toContain(shown);
  });

  test.each([
    [{ ETCDCTL_CONFIRM: "1" }, ["b"], "1\r\n"],
    [{ ETCDCTL_CONFIRM: "1" }, ["a/", "--prefix", "--yes"], "2\r\n"],
    [{}, ["a/", "--prefix"], "2\r\n"],
    [{}, ["a", "b", "--range"], "2\r\n"],
  ])("del asks nothing with the environment %j and the arguments %j", async (env, words, shown) => {
    expect((await start(env, "del", ...words).finish()).stdout.toString()).toBe(shown);
  });

  test("txn -i asks again for a line with a mistake", async () => {
    const child = start({}, "txn", "-i");
    await child.printed("stdout", "compares:");
    child.write('value("b") = "3"\rvalue("b")="3"\r');
    await child.printed("stdout", "hint: type this line again; the lines before it are kept");
    child.write("\rput c 1\r\r\r");
    const { exit, stdout } = await child.finish();
    expect({ exit, end: stdout.toString().replaceAll("\r", "").slice(-12) }).toEqual({
      exit: 0,
      end: "SUCCESS\n\nOK\n",
    });
  });

  test("endpoint health prints healthy and unhealthy endpoints in their order", async () => {
    const bad = server.endpoint.replace("http:", "https:");
    const child = startOnTerminal(
      ["endpoint", "health", "--endpoints", `${bad},${server.endpoint},${bad}`],
      {},
    );
    const { exit, stdout } = await child.finish();
    const lines = stdout.toString().replaceAll(server.endpoint, "GOOD").replaceAll(bad, "BAD").split("\r\n");
    expect({ exit, begins: lines.slice(0, 4).map((line) => line.split(":")[0]) }).toEqual({
      exit: 1,
      begins: ["BAD is unhealthy", "GOOD is healthy", "BAD is unhealthy", "Error"],
    });
  });

  async function countOfA(): Promise<number> {
    const { stdout } = await etcdctl(["get", "a/", "--prefix", "--count-only"], {
      endpoint: server.endpoint,
    });
    return Number(stdout);
  }
});

test("a hint with a server's text cannot move the cursor, hide text or forge a line", async () => {
  const io = testIo();
  const error = new EtcdError(StatusCode.Unavailable, "gone", false, {
    hints: ["a\x1b[1A\x1b[2K: \nroot# \x9b2J"],
  });
  await reportFailure(error, io);
  expect(io.stderr.text).toBe(
    "Error: rpc error: code = Unavailable desc = gone\nhint: a\\x1b[1A\\x1b[2K: \\x0aroot# \\x9b2J\n",
  );
});

test("an error of the system that no command expects is no bug, and has its path", async () => {
  const io = testIo();
  await reportFailure(await readFile("/does/not/exist").catch((error: unknown) => error), io);
  await reportFailure(Object.assign(new Error("x"), { code: "ENOSPC", syscall: "write" }), io);
  expect(io.stderr.text).toBe(
    "Error: open /does/not/exist: no such file or directory\nError: write: no space left on device\n",
  );
});
