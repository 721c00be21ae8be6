// The candidates for the tab key, from the call that the shell scripts make: `etcdctl __complete ARGS…`.
import { shells } from "../../src/cli/completion/scripts";
import type { FlagTable } from "../../src/input/flags";
import { globalFlags } from "../../src/cli/global-flags";
import { main } from "../../src/cli/main";
import type { CommandNode } from "../../src/cli/manifest/builders";
import { installNotes } from "../../src/cli/manifest/builders";
import { root } from "../../src/cli/manifest/etcdctl";
import type { EmbeddedServer } from "../../src/server/server";
import { startEmbeddedServer } from "../../src/server/server";
import { runMain } from "../support/run-main";
import { testIo } from "../support/test-io";

async function offered(words: readonly string[], env: Record<string, string> = {}) {
  const { exit, stdout, stderr } = await runMain(["__complete", ...words], { env });
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
  const lines = stdout.split("\n").slice(0, -1);
  const directive = Number(lines.pop()?.slice(1));
  return { texts: lines.map((line) => line.replace(/\t.*/, "")), directive };
}

const noFiles = 4;
const noSpace = 2;
const onlyDirectories = 16;

function everyNode(path: readonly CommandNode[] = [root]): (readonly CommandNode[])[] {
  const node = path.at(-1) as CommandNode;
  return [path, ...node.children.flatMap((child) => everyNode([...path, child]))];
}
const namesOf = (path: readonly CommandNode[]): string[] => path.slice(1).map(({ name }) => name);

describe("completion", () => {
  test("knows every command of the manifest", async () => {
    for (const nodes of everyNode().filter((each) => each.at(-1)?.children.length)) {
      const { texts, directive } = await offered([...namesOf(nodes), ""]);
      expect({ of: namesOf(nodes), texts, directive }).toEqual({
        of: namesOf(nodes),
        texts: nodes.at(-1)?.children.map(({ name }) => name),
        directive: noFiles,
      });
    }
  });

  test("knows every flag of every command, without hidden ones", async () => {
    for (const nodes of everyNode()) {
      const command = await nodes.at(-1)?.load?.();
      const own: FlagTable[] = nodes.map((node) => node.flags ?? {});
      const flags: FlagTable = Object.assign({}, globalFlags, ...own, command?.flags);
      const shown = Object.entries(flags).filter(([, flag]) => !flag.hidden);
      const { texts } = await offered([...namesOf(nodes), "--"]);
      expect([namesOf(nodes), [...texts].sort()]).toEqual([
        namesOf(nodes),
        shown.map(([name]) => `--${name}`).sort(),
      ]);
    }
  });

  test.each<[string[], string[], number]>([
    [["ge"], ["get"], noFiles],
    [["lease", "gr"], ["grant"], noFiles],
    [["le", "li", "--he"], ["--help", "--hex"], noFiles],
    [["--write-out", "json", "snap"], ["snapshot"], noFiles],
    [["nonsense", ""], [], noFiles],
    [["lease", "nonsense", ""], [], noFiles],
    [["help", "mem"], ["member"], noFiles],
    [["help", "member", "pr"], ["promote"], noFiles],
    [["completion", ""], ["bash", "zsh", "fish", "powershell"], noFiles],
    [["role", "grant-permission", "r", "re"], ["read", "readwrite"], noFiles],
    [["get", "-w", "pro"], ["protobuf"], noFiles],
    [["get", "--write-out", "t"], ["table"], noFiles],
    [["get", "--compat", ""], ["3.5", "3.7"], noFiles],
    [["get", "--write-out=t"], ["--write-out=table"], noFiles],
    [["get", "-w=t"], ["-w=table"], noFiles],
    [["get", "--hex="], ["--hex=true", "--hex=false"], noFiles],
    [["get", "--nonsense="], [], noFiles],
    [["check", "perf", "--load", ""], ["small", "medium", "large", "xLarge"], noFiles],
    [["get", "--cert", "x"], [], 0],
    [["get", "--cacert=x"], [], 0],
    [["snapshot", "save", ""], [], 0],
    [["serve", "--data-dir", ""], [], onlyDirectories],
    [["get", "a", "b", ""], [], noFiles],
    [["put", "--", "--"], [], noFiles],
    [["watch", "a", "--", "ec"], [], 0],
    [["--endpoints"], ["--endpoints"], noFiles],
  ])("of %j is %j", async (words, texts, directive) => {
    expect(await offered(words)).toEqual({ texts, directive });
  });

  test("does not offer a flag again, unless it may be repeated", async () => {
    const { texts } = await offered(["get", "--prefix", "--endpoints", "a", "-w", "json", "--"]);
    expect(texts).toContain("--endpoints");
    expect(texts).not.toContain("--prefix");
    expect(texts).not.toContain("--write-out");
  });

  test("accepts an empty argument as PowerShell spells it", async () => {
    expect((await offered(["auth", '""'])).texts).toEqual(["status", "enable", "disable"]);
  });
});

describe("names from the cluster", () => {
  let server: EmbeddedServer;
  let env: Record<string, string>;
  beforeAll(async () => {
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`reg/pods/p${at}`, "1"]));
    server = await startEmbeddedServer({
      keys: { ...many, "reg/svc/a": "1", "reg/x": "1", "reg/line\nbreak": "1", "wide/\u00e9t\u00e9/1": "1" },
    });
    env = { ETCDCTL_ENDPOINTS: server.endpoints.join(), ETCDCTL_COMPLETE_KEYS: "1" };
  });
  afterAll(() => server.stop());

  test("are completed only when the environment enables it", async () => {
    const quiet = { ETCDCTL_ENDPOINTS: env["ETCDCTL_ENDPOINTS"] ?? "" };
    expect(await offered(["get", "reg/"], quiet)).toEqual({ texts: [], directive: noFiles });
  });

  test("are keys one level at a time, without those that a line cannot contain", async () => {
    expect(await offered(["get", "r"], env)).toEqual({ texts: ["reg/"], directive: noFiles + noSpace });
    expect(await offered(["get", "reg/"], env)).toEqual({
      texts: ["reg/pods/", "reg/svc/", "reg/x"],
      directive: noFiles + noSpace,
    });
    expect(await offered(["del", "reg/svc/"], env)).toEqual({ texts: ["reg/svc/a"], directive: noFiles });
    expect((await offered(["watch", "wide/\u00e9"], env)).texts).toEqual(["wide/\u00e9t\u00e9/"]);
    expect((await offered(["put", "reg/pods/p29"], env)).texts).toHaveLength(11);
    expect((await offered(["get", "--prefix", "reg/pods/p0", "reg/s"], env)).texts).toEqual(["reg/svc/"]);
  });

  test("are leases and members, by id", async () => {
    const { ID } = await server.client().lease.leaseGrant({ TTL: 600n, ID: 0x1234n });
    expect((await offered(["lease", "revoke", ""], env)).texts).toEqual(["0000000000001234"]);
    expect((await offered(["put", "--lease", "0000"], env)).texts).toEqual(["0000000000001234"]);
    expect((await offered(["member", "remove", ""], env)).texts).toHaveLength(1);
    expect(ID).toBe(0x1234n);
  });

  test("come from the endpoints of the line, and a dead endpoint gives none", async () => {
    const endpoint = server.endpoints.join();
    const dead = { ...env, ETCDCTL_ENDPOINTS: "127.0.0.1:1" };
    expect((await offered(["get", "--endpoints", endpoint, "reg/s"], dead)).texts).toEqual(["reg/svc/"]);
    expect(await offered(["get", "reg/s"], dead)).toEqual({ texts: [], directive: noFiles });
  });
});

describe("the command", () => {
  test.each(Object.keys(shells))("prints a script for %s that calls the program", async (shell) => {
    const io = testIo();
    expect(await main(["completion", shell], io)).toBe(0);
    expect(io.stdout.text).toMatch(/__complete/);
    expect(io.stdout.text).not.toContain("undefined");
  });

  test("shows in its help how to load each script", async () => {
    const io = testIo();
    expect(await main(["completion", "--help"], io)).toBe(0);
    for (const shell of Object.keys(shells)) {
      expect(installNotes("etcdctl")).toContain(`etcdctl completion ${shell}`);
      expect(io.stdout.text).toContain(`etcdctl completion ${shell}`);
    }
  });

  test.each([
    [[], "accepts 1 arg(s), received 0"],
    [["bash", "zsh"], "accepts 1 arg(s), received 2"],
    [["tcsh"], 'invalid argument "tcsh" for "etcdctl completion"'],
  ])("rejects %j as cobra does", async (words, message) => {
    const io = testIo();
    expect(await main(["completion", ...words], io)).toBe(1);
    expect(io.stderr.text.split("\n")[0]).toBe(`Error: ${message}`);
  });
});
