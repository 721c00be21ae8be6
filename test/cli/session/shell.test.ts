// The shell with lines of a test, and on a real terminal from the program `script` of util-linux.
import { existsSync, readFileSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { completeLine } from "../../../src/cli/session/shell-completion";
import { startSession } from "../../../src/cli/session/session";
import { etcdctl as etcdctlProgram, main } from "../../../src/cli/main";
import { run } from "../../../src/cli/run";
import { startEmbeddedServer, type EmbeddedServer } from "../../../src/index";
import type { Child } from "../../support/child";
import { describeUnless } from "../../support/skip";
import { noTerminal, startOnTerminal } from "../../support/terminal";
import { testIo } from "../../support/test-io";
import { until } from "../../support/until";
import { workFolder } from "../../support/work-folder";

let server: EmbeddedServer;
beforeEach(async () => {
  server = await startEmbeddedServer({
    auth: { bcryptCost: 4 },
    keys: { "app/a": "1", "app/b": "2", "app/sub/c": "3", "with blank": "4" },
  });
});
afterEach(() => server.stop());

const folder = workFolder();
const env = () => ({ ETCDCTL_ENDPOINTS: server.endpoint, HOME: folder(), XDG_STATE_HOME: folder() });

async function shell(lines: readonly string[], flags: readonly string[] = []) {
  const io = testIo({ terminal: true, lines, env: { ...env(), NO_COLOR: "1" } });
  const exit = await main(["shell", ...flags], io);
  return { exit, stdout: io.stdout.text, stderr: io.stderr.text };
}

test("a failed command does not end the shell, and the shell ends with 0", async () => {
  const { exit, stdout, stderr } = await shell([
    "put a 1",
    "get",
    "nosuch",
    'get "',
    "get a --print-value-only",
  ]);
  expect({ exit, stdout }).toEqual({ exit: 0, stdout: "OK\n1\n" });
  expect(stderr.match(/^Error: .*/gm)).toEqual([
    "Error: get command needs one argument as key and an optional argument as range_end",
    'Error: unknown command "nosuch" for "etcdctl"',
    'Error: the quote " is not closed',
  ]);
});

test.each(["exit", "quit", " exit "])("%j ends the shell", async (word) => {
  expect((await shell([word, "put a 1"])).stdout).toBe("");
});

test("a command reads what is typed after it, up to Ctrl-D", async () => {
  const { stdout } = await shell(["put typed"]);
  expect(stdout).toBe("");
  expect((await shell(["txn", 'value("app/a") = "1"', "", "get app/b", "", ""])).stdout).toBe(
    "SUCCESS\n\napp/b\n2\n",
  );
});

test("lines from a pipe run without a prompt", async () => {
  const io = testIo({ stdin: "put a 1\nnosuch\nget a --print-value-only", env: env() });
  expect(await main(["shell"], io)).toBe(0);
  expect(io.stdout.text).toBe("OK\n1\n");
});

test("the history is private to the user and has no line with a password", async () => {
  await shell([
    "put a 1",
    "user add bob:pw",
    "get a --user root:pw",
    "get a --password pw",
    " get secret",
    "get b",
  ]);
  const file = path.join(folder(), "etcdctl", "history");
  expect(readFileSync(file, "utf8")).toBe("put a 1\nget b\n");
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("without a home directory the shell works, and keeps no history", async () => {
  const noHome = jest.spyOn(os, "homedir").mockImplementation(() => {
    throw new Error("uv_os_homedir returned ENOENT");
  });
  try {
    const { ETCDCTL_ENDPOINTS } = env();
    const io = testIo({ terminal: true, lines: ["put a 1"], env: { ETCDCTL_ENDPOINTS, HOME: "" } });
    expect({ exit: await main(["shell"], io), stdout: io.stdout.text }).toEqual({ exit: 0, stdout: "OK\n" });
    expect(existsSync(".local")).toBe(false);
  } finally {
    noHome.mockRestore();
  }
});

async function completions(line: string) {
  const io = testIo({ env: env(), cwd: folder() });
  const parsed = { values: { endpoints: [server.endpoint] }, given: new Set(["endpoints"]) };
  const values = { ...defaults(), ...parsed.values };
  const session = await startSession(etcdctlProgram, { values, given: parsed.given }, io, run);
  try {
    return await completeLine(line, session, io);
  } finally {
    await session.clients.close();
  }
}

function defaults() {
  return Object.fromEntries(
    Object.entries(etcdctlProgram.globalFlags).map(([name, flag]) => [name, flag.default]),
  );
}

test.each<[string, string, string[]]>([
  ["mem", "mem", ["member "]],
  ["etcdctl mem", "mem", ["member "]],
  ["member pro", "pro", ["promote "]],
  ["get --keys-o", "--keys-o", ["--keys-only "]],
  ["get -w js", "js", ["json ", "jsonl "]],
  ["get app/", "app/", ["app/a ", "app/b ", "app/sub/"]],
  ["get wi", "wi", ["with\\ blank "]],
  ["get with\\ b", "with\\ b", ["with\\ blank "]],
  ['get "app', "", []],
  ["nosuch x", "x", []],
])("the tab key after %j replaces %j by %j", async (line, replaced, texts) => {
  const found = await completions(line).catch(() => ({ replaced: "x", texts: [] }));
  expect({ replaced: found.replaced, texts: [...found.texts].sort() }).toEqual({ replaced, texts });
});

describeUnless(noTerminal, "on a terminal", () => {
  const start = (): Child => startOnTerminal(["shell"], { ...env(), TERM: "xterm" });

  const prompt = () => `etcdctl ${server.endpoint}> `;
  /** At the prompt: what is typed while a command runs belongs to the terminal, which has another meaning for Ctrl-D. */
  async function end(child: Child): Promise<void> {
    child.write("\x04");
    expect(await child.finish()).toMatchObject({ exit: 0, late: false });
  }

  test("Ctrl-C stops the command and not the shell, Ctrl-D ends the shell", async () => {
    const child = start();
    await child.printed("stdout", prompt());
    child.write("watch app/a\r");
    await until("the watch prints an event", async () => {
      await server.client().kv.put({ key: "app/a", value: "new" });
      return child.stdout.toString().includes("PUT");
    });
    child.write("\x03");
    await child.printed("stdout", prompt(), 2);
    child.write("put b 2\r");
    await child.printed("stdout", prompt(), 3);
    child.write("half a line\x03");
    await child.printed("stdout", "^C\r\n");
    await end(child);
    expect(await server.client().kv.range({ key: "b" })).toMatchObject({ count: 1n });
  });

  test("Ctrl-C stops a command that waits for a line or a password", async () => {
    const child = start();
    await child.printed("stdout", prompt());
    child.write("txn -i\r");
    await child.printed("stdout", "compares:\r\n");
    child.write("\x03");
    await child.printed("stdout", prompt(), 2);
    // Before the command reads, the terminal itself shows the ^C.
    expect(child.stdout.toString()).toMatch(/\^C[^]*\r\n[^]*etcdctl /);
    child.write("user add bob\r");
    await child.printed("stdout", "Password of bob: ");
    child.write("half\x03");
    await child.printed("stdout", prompt(), 3);
    child.write("get app/a --print-value-only\r");
    await child.printed("stdout", "1\r\n");
    await child.printed("stdout", prompt(), 4);
    await end(child);
    expect((await server.client().auth.userList({})).users).toEqual([]);
  });

  test("a password is asked for without echo", async () => {
    const child = start();
    await child.printed("stdout", prompt());
    child.write("get app/a --print-value-only --user nosuch\r");
    await child.printed("stdout", "Password: ");
    child.write("top-secret\r");
    await child.printed("stdout", prompt(), 2);
    await end(child);
    expect(child.stdout.toString()).not.toContain("top-secret");
  });

  test("the arrow brings back the line before, also in the next shell", async () => {
    const child = start();
    await child.printed("stdout", prompt());
    child.write("put counter 1\r");
    await child.printed("stdout", prompt(), 2);
    await end(child);
    const next = start();
    await next.printed("stdout", prompt());
    next.write("\x1b[A\r");
    await next.printed("stdout", "OK\r\n");
    await next.printed("stdout", `\x1b[0J${prompt()}`, 3);
    await end(next);
    expect(await server.client().kv.range({ key: "counter" })).toMatchObject({ kvs: [{ version: 2n }] });
  });

  test("the tab key completes a command and a key", async () => {
    const child = start();
    await child.printed("stdout", prompt());
    child.write("ge\t");
    await child.printed("stdout", "get ");
    child.write("app/su\t");
    await child.printed("stdout", "app/sub/");
    child.write("\t");
    await child.printed("stdout", "app/sub/c ");
    child.write("--print-value-only\r");
    await child.printed("stdout", "3\r\n");
    child.write("exit\r");
    expect((await child.finish()).exit).toBe(0);
  });
});
