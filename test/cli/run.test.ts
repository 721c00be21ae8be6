import { readFileSync } from "node:fs";
import { main } from "../../src/cli/main";
import { BrokenPipe } from "../../src/io";
import type { EmbeddedServer } from "../../src/server/server";
import { startEmbeddedServer } from "../../src/server/server";
import { runMain as etcdctl } from "../support/run-main";
import { testIo } from "../support/test-io";
import { until } from "../support/until";

describe("help", () => {
  test.each([[[]], [["--help"]], [["-h"]], [["help"]], [["h"]], [["--", "get"]]])(
    "of the program: %j",
    async (argv) => {
      const { exit, stdout, stderr } = await etcdctl(argv);
      expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
      expect(stdout).toMatch(/^Usage: etcdctl <command> \[flags\]\n/);
      expect(stdout).toMatch(/\nKeys and values:\n(.*\n)*\nCluster:\n(.*\n)*\nOther commands:\n/);
    },
  );

  test.each([
    [["get", "--help"]],
    [["help", "get"]],
    [["get", "-h", "a", "b", "c"]],
    [["ge", "--prefix", "--help"]],
  ])("of a command shows its flags: %j", async (argv) => {
    const { exit, stdout } = await etcdctl(argv);
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^Usage: etcdctl get \[flags\] <key> \[range_end\]\n/);
    expect(stdout).toMatch(/\n {2}--limit <int> +\S/);
    expect(stdout).not.toContain("--endpoints");
  });

  test.each([
    [["member"]],
    [["member", "foo"]],
    [["lease", "-h", "grant"]],
    [["snapshot", "lookat", "x.db"]],
  ])("of a parent command is printed for anything that it does not know: %j", async (argv) => {
    const { exit, stdout, stderr } = await etcdctl(argv);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
    expect(stdout).toContain(`Usage: etcdctl ${String(argv[0])} <command> [flags]\n`);
  });

  test("about an unknown topic goes to stderr and is not a failure", async () => {
    const { exit, stdout, stderr } = await etcdctl(["help", "nope", "a`b"]);
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: "" });
    expect(stderr).toMatch(/^Unknown help topic \[`nope` "a`b"\]\nUsage: etcdctl /);
  });

  test("about options lists the global flags without the old spellings", async () => {
    const { stdout } = await etcdctl(["options"]);
    expect(stdout).toMatch(/-w, --write-out <text> .*\n? +.*\(default\s+simple\)/);
    expect(stdout).toMatch(/--command-timeout <duration> .*\(default 5s\)/);
    expect(stdout).toContain("--offline[=path]");
    expect(stdout).not.toContain("--cert-file");
  });
});

describe("version", () => {
  test.each([[["version"]], [["version", "-w", "nope"]], [["version", "extra"]]])("%j", async (argv) => {
    const { exit, stdout, stderr } = await etcdctl(argv, { env: { ETCDCTL_API: "2", ETCDCTL_FOO: "x" } });
    expect({ exit, stdout, stderr }).toEqual({
      exit: 0,
      stdout: "etcdctl version: 3.7.1\nAPI version: 3.7\n",
      stderr: "",
    });
  });
});

describe("a wrong command line", () => {
  test("prints the usage of the command to stderr and exits with 1", async () => {
    const { exit, stdout, stderr } = await etcdctl(["get", "a", "--limt=3"]);
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: "" });
    expect(stderr).toMatch(/^Error: unknown flag: --limt\nUsage: etcdctl get /);
    expect(stderr).toMatch(/\nhint: did you mean --limit\?\n$/);
  });

  test.each([
    [["get", "a", "--limt=3"], "unknown flag: --limt", "get [flags] <key> [range_end]", "get"],
    [["lease", "--limt=3"], "unknown flag: --limt", "lease <command> [flags]", "lease"],
    [
      ["completion"],
      "accepts 1 arg(s), received 0",
      "completion [flags] <bash|zsh|fish|powershell>",
      "completion",
    ],
  ])("prints a short usage on a terminal: %j", async (argv, message, usage, name) => {
    const env = { NO_COLOR: "1" };
    const { exit, stdout, stderr } = await etcdctl(argv, { terminal: true, env });
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: "" });
    const lines = stderr.split("\n");
    expect(lines.slice(0, 3)).toEqual([
      `Error: ${message}`,
      `Usage: etcdctl ${usage}`,
      `Run 'etcdctl ${name} --help' for all flags.`,
    ]);
    expect(lines.length).toBeLessThanOrEqual(5);
  });

  test("ends with the flag that was meant, on a terminal and in a pipe", async () => {
    for (const terminal of [true, false]) {
      const { stderr } = await etcdctl(["get", "a", "--limt=3"], { terminal, env: { NO_COLOR: "1" } });
      expect(stderr).toMatch(/\nhint: did you mean --limit\?\n$/);
    }
  });

  test("with a command of version 2 ends with what it is now; only a pipe gets cobra's similar names", async () => {
    const error = `Error: unknown command "set" for "etcdctl"\n`;
    const end = `Run 'etcdctl --help' for usage.\nhint: set is a command of version 2; in version 3: etcdctl put KEY VALUE\n`;
    const onTerminal = await etcdctl(["set", "a", "1"], { terminal: true, env: { NO_COLOR: "1" } });
    expect(onTerminal.stderr).toBe(error + end);
    const inPipe = await etcdctl(["set", "a", "1"]);
    expect(inPipe.stderr).toBe(`${error}\nDid you mean this?\n\tget\n\tput\n\tdel\n\tuser\n\n${end}`);
  });

  test("proposes a command that etcd does not have in a hint, where none of etcd's is similar", async () => {
    expect((await etcdctl(["e"])).stderr).toContain(
      "Did you mean this?\n\tget\n\tdel\n\tendpoint\n\telect\n\n",
    );
    expect((await etcdctl(["histry"])).stderr).toBe(
      `Error: unknown command "histry" for "etcdctl"\nRun 'etcdctl --help' for usage.\nhint: did you mean history?\n`,
    );
  });

  test("with a subcommand of version 2 gets the help and a hint", async () => {
    const { exit, stdout, stderr } = await etcdctl(["user", "remove", "alice"]);
    expect({ exit, stderr }).toEqual({
      exit: 0,
      stderr: "hint: user remove is a command of version 2; in version 3: etcdctl user delete NAME\n",
    });
    expect(stdout).toContain("Usage: etcdctl user <command> [flags]\n");
  });

  test("prints the usage of the program when there is a flag without a command", async () => {
    const { exit, stderr } = await etcdctl(["--hex=1", "--versions"]);
    expect(exit).toBe(1);
    expect(stderr).toMatch(/^Error: unknown flag: --versions\nUsage: etcdctl <command>/);
  });

  test("prints suggestions for an unknown command", async () => {
    const { exit, stderr } = await etcdctl(["gte", "a"]);
    expect({ exit, stderr }).toEqual({
      exit: 1,
      stderr: `Error: unknown command "gte" for "etcdctl"\n\nDid you mean this?\n\tget\n\nRun 'etcdctl --help' for usage.\n`,
    });
  });
});

describe("a command that never reaches a server", () => {
  test.each([
    [["get"], 128, "get command needs one argument as key and an optional argument as range_end"],
    [["get", "a", "--cert="], 128, "empty string is passed to --cert option"],
    [["get", "a", "--cert=", "-w", "xml"], 128, "empty string is passed to --cert option"],
    [["get", "a", "-w", "xml", "--cacert=/none/ca.pem"], 4, "unsupported output format"],
    [
      ["get", "a", "--cacert=/none/ca.pem", "--endpoints="],
      128,
      "open /none/ca.pem: no such file or directory",
    ],
    [["get", "a", "--endpoints="], 2, "etcdclient: no available endpoints"],
    [
      ["get", "a", "--max-recv-bytes=1", "--max-request-bytes=2"],
      2,
      "gRPC message recv limit (1 bytes) must be greater than send limit (2 bytes)",
    ],
  ])("fails in Go's order: %j", async (argv, exit, message) => {
    const result = await etcdctl(argv);
    expect(result.exit).toBe(exit);
    expect(result.stderr.split("\n")[0]).toBe(`Error: ${message}`);
    expect(result.stdout).toBe("");
  });
});

describe("a command with a server", () => {
  let server: EmbeddedServer;
  let env: Record<string, string>;
  beforeAll(async () => {
    server = await startEmbeddedServer({ keys: { a: "1", ab: "2" } });
    env = { ETCDCTL_ENDPOINTS: server.endpoints.join(",") };
  });
  afterAll(() => server.stop());

  test("takes its flags anywhere and in every form", async () => {
    for (const argv of [
      ["-w", "fields", "get", "--prefix", "a", "--keys-only=false"],
      ["ge", "a", "--prefix", "-w=fields"],
      ["--prefix=true", "get", "-wfields", "--", "a"],
    ]) {
      const { exit, stdout } = await etcdctl(argv, { env });
      expect(exit).toBe(0);
      expect(stdout).toContain('"Count" : 2\n');
    }
  });

  test("accepts a long flag with one dash, with a hint", async () => {
    const { exit, stdout, stderr } = await etcdctl(["get", "a", "--prefix", "-keys-only"], { env });
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: "a\n\nab\n\n" });
    expect(stderr).toBe("hint: -keys-only was read as --keys-only: long flags begin with two dashes\n");
  });

  test("accepts the spellings of version 2, with hints", async () => {
    const argv = ["get", "a", "--no-sync", "--timeout", "5s", "--peers", env["ETCDCTL_ENDPOINTS"] as string];
    const { exit, stdout, stderr } = await etcdctl(argv);
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: "a\n1\n" });
    expect(stderr.split("\n")).toEqual([
      "hint: --no-sync has no effect any more",
      "hint: --timeout is now spelled --command-timeout",
      "hint: --peers is now spelled --endpoints",
      "",
    ]);
  });

  test("prefers the flag to the variable, without a message", async () => {
    const wrong = { ETCDCTL_ENDPOINTS: "127.0.0.1:1", ETCDCTL_UNKNOWN: "x", ETCDCTL_API: "3" };
    const { exit, stderr } = await etcdctl(["get", "a", "--endpoints", env["ETCDCTL_ENDPOINTS"] as string], {
      env: wrong,
    });
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
  });

  test("prints its settings with --debug", async () => {
    const { exit, stdout, stderr } = await etcdctl(["get", "a", "--debug", "--command-timeout=40s"], { env });
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: "a\n1\n" });
    expect(stderr).toContain("ETCDCTL_COMMAND_TIMEOUT=40000ms\nETCDCTL_COMPAT=3.7\n");
    expect(stderr).toContain("ETCDCTL_DIAL_TIMEOUT=2000ms\n");
  });

  test("prompts for a password only when it has none", async () => {
    const asked = await etcdctl(["get", "a", "--user", "root"], { env, passwords: ["pw"] });
    expect(asked.io.prompts).toEqual(["Password: "]);
    for (const credentials of [
      ["--user=root:pw"],
      ["--user=root", "--password=pw"],
      ["--user=:pw"],
      ["--password=pw"],
    ]) {
      const { io } = await etcdctl(["get", "a", ...credentials], { env });
      expect(io.prompts).toEqual([]);
    }
  });

  test("ends without a message when the reader of its output has gone", async () => {
    const io = testIo({ env });
    io.stdout.failWith = new BrokenPipe();
    expect(await main(["get", "a"], io)).toBe(141);
    expect(io.stderr.text).toBe("");
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)("ends without a message at %s", async (signal, exit) => {
    const grant = await etcdctl(["lease", "grant", "600"], { env });
    const id = /lease (\S+) granted/.exec(grant.stdout)?.[1] as string;
    const io = testIo({ env });
    const ended = main(["lease", "keep-alive", id], io);
    await until("the lease is kept alive", () => io.stdout.text.includes("keepalived"));
    io.sendSignal(signal);
    expect(await ended).toBe(exit);
    expect(io.stderr.text).toBe("");
  });
});

describe("the version of this program", () => {
  const own = `etcdctl for Node: ${(JSON.parse(readFileSync("package.json", "utf8")) as { version: string }).version}\n`;
  const lines = (name: string) => `${name} version: 3.7.1\nAPI version: 3.7\n`;

  test("is a third line of `version` on a terminal; a script reads Go's two lines", async () => {
    expect((await etcdctl(["version"], { terminal: true })).stdout).toBe(lines("etcdctl") + own);
    expect((await etcdctl(["version"])).stdout).toBe(lines("etcdctl"));
  });

  test("is in `--version` of both programs", async () => {
    expect(await etcdctl(["--version"])).toMatchObject({
      exit: 0,
      stdout: lines("etcdctl") + own,
      stderr: "",
    });
    expect(await etcdctl(["--version"], {}, "etcdutl")).toMatchObject({
      exit: 0,
      stdout: lines("etcdutl") + own,
    });
    expect((await etcdctl(["get", "--version"])).exit).toBe(1);
  });
});
