// The program as a process: streams, signals, the code cache. Needs `npm run build`, which `npm test` runs first.
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { EmbeddedServer } from "../../src/server/server";
import { startEmbeddedServer } from "../../src/server/server";
import { Child, run } from "../support/child";
import { noNodeProgram, program } from "../support/etcdctl";
import { describeUnless, notLinux } from "../support/skip";
import { sharedFolder } from "../support/work-folder";

const root = path.join(__dirname, "..", "..");
const etcdctl = (...words: string[]): string[] => [...program, ...words];

let server: EmbeddedServer;
let env: Record<string, string | undefined>;
const folder = sharedFolder();

beforeAll(async () => {
  expect(existsSync(path.join(root, "dist", "etcdctl.js"))).toBe(true);
  server = await startEmbeddedServer({ keys: { big: "x".repeat(300_000), small: "1" } });
  env = { PATH: process.env["PATH"], ETCDCTL_ENDPOINTS: server.endpoints.join(",") };
});

afterAll(() => server.stop());

const shell = (script: string) =>
  run(["bash", "--norc", "-c", script], { env: { ...env, ETCDCTL: etcdctl().join(" ") }, cwd: folder });

describeUnless(notLinux, "arguments that are not UTF-8", () => {
  test("keep their bytes in keys, values, names and transactions", async () => {
    const { stdout, stderr } = await shell(`
      for byte in fe ff; do key=$(printf "raw\\x$byte"); $ETCDCTL put "$key" "$(printf "v\\x$byte")"; done
      $ETCDCTL get raw --prefix | od -An -c -v
      $ETCDCTL txn --then "del $(printf 'raw\\xff')"
      $ETCDCTL del "$(printf 'raw\\xfe')" "$(printf 'raw\\xff')" --range
      $ETCDCTL lock "$(printf 'l\\xff')" -- echo locked
      $ETCDCTL lock l -- echo "$(printf '\\xff')"`);
    expect(stderr.toString()).toBe('Error: exec: "echo": an argument is not UTF-8 and Node cannot pass it\n');
    expect(stdout.toString().replaceAll(/ +/g, " ")).toBe(
      "OK\nOK\n r a w 376 \\n v 376 \\n r a w 377 \\n v 377 \\n\nSUCCESS\n\n1\n1\nlocked\n",
    );
  });
});

describe("output", () => {
  test("into a pipe is complete, also when it is large", async () => {
    const { exit, stdout } = await run(etcdctl("get", "big", "--print-value-only"), { env });
    expect({ exit, length: stdout.length }).toEqual({ exit: 0, length: 300_001 });
  });

  test("into a pipe with a slow reader is complete", async () => {
    const { stdout } = await shell("$ETCDCTL get big --print-value-only | (sleep 0.5; cat) | wc -c");
    expect(stdout.toString().trim()).toBe("300001");
  });

  test("whose reader exits early ends the command without a message, as SIGPIPE ends Go's", async () => {
    const { stdout, stderr } = await shell("$ETCDCTL get '' --prefix | head -c 1; echo ${PIPESTATUS[0]}");
    expect({ stdout: stdout.toString(), stderr: stderr.toString() }).toEqual({
      stdout: "b141\n",
      stderr: "",
    });
  });

  test("to a full device is an error", async () => {
    if (!existsSync("/dev/full")) return;
    const { exit, stderr } = await shell("$ETCDCTL get small > /dev/full");
    expect(exit).toBe(6);
    expect(stderr.toString()).toMatch(/^Error: could not write to standard output \(ENOSPC/);
  });

  test("into a pipe without a reader does not stop a signal from ending the command", async () => {
    const script =
      "mkfifo unread; sleep 600 < unread & reader=$!; $ETCDCTL get big --print-value-only > unread & pid=$!; " +
      "sleep 1; kill -TERM $pid; wait $pid; echo $?; kill $reader";
    const { stdout } = await shell(script);
    expect(stdout.toString()).toBe("143\n");
  });
});

describe("a signal", () => {
  test.each([
    ["SIGINT", 2],
    ["SIGTERM", 15],
  ] as const)("%s is what the process dies of, for its parent", async (signal, number) => {
    const grant = await run(etcdctl("lease", "grant", "600"), { env });
    const id = /lease (\S+) granted/.exec(grant.stdout.toString())?.[1] as string;
    const child = new Child(etcdctl("lease", "keep-alive", id), { env });
    await child.printed("stdout", "keepalived");
    child.signal(signal);
    const { exit, stderr } = await child.finish();
    expect({ exit, stderr: stderr.toString() }).toEqual({ exit: 128 + number, stderr: "" });
  });
});

describe("input", () => {
  test("is the value of a put without one", async () => {
    const put = await run(etcdctl("put", "from-stdin"), { env, input: "line 1\nline 2\n" });
    expect(put.stdout.toString()).toBe("OK\n");
    const got = await run(etcdctl("get", "from-stdin", "--print-value-only"), { env });
    expect(got.stdout.toString()).toBe("line 1\nline 2\n\n");
  });

  test("without a terminal gives a password from its first line", async () => {
    const { stdout } = await run(etcdctl("get", "small", "--user", "root"), { env, input: "pw\nmore\n" });
    expect(stdout.toString()).toMatch(/^Password: \n/);
  });
});

describe("a login without a password", () => {
  let secured: EmbeddedServer;
  beforeAll(async () => {
    secured = await startEmbeddedServer();
    const on = (...words: string[]) => run(etcdctl("--endpoints", secured.endpoint, ...words), { env });
    for (const words of [
      ["user", "add", "root", "--new-user-password", "pw"],
      ["user", "grant-role", "root", "root"],
      ["auth", "enable"],
    ])
      expect((await on(...words)).exit).toBe(0);
  });
  afterAll(() => secured.stop());

  const ways = "use --password-file FILE, --user root:PASSWORD or ETCDCTL_PASSWORD";
  test.each([
    [["get", "x"], "root", "Error: etcdserver: user name is empty"],
    [
      ["endpoint", "status"],
      "root",
      /^Failed to get the status of endpoint .* \(etcdserver: user name is empty\)$/,
    ],
    [["get", "x"], "root:", "Error: etcdserver: user name is empty"],
  ])("fails with Go's error, and a hint that it was not given: %j as %s", async (words, user, error) => {
    const argv = etcdctl("--endpoints", secured.endpoint, "--user", user, ...words);
    const { exit, stderr } = await run(argv, { env, input: "" });
    expect(exit).toBe(1);
    const why =
      user === "root" ? "standard input ended, or its first line is empty" : "nothing follows the colon";
    expect(stderr.toString().trimEnd().split("\n")).toEqual([
      typeof error === "string" ? error : expect.stringMatching(error),
      `hint: no password was given for user root (${why}): ${ways}`,
    ]);
  });

  test("of a new user says how a script gives it", async () => {
    const { exit, stderr } = await run(etcdctl("user", "add", "u"), { env, input: "" });
    expect(exit).toBe(128);
    expect(stderr.toString()).toMatch(/^Error: empty password\nhint: .*--new-user-password-file FILE/);
  });
});

describeUnless(noNodeProgram, "the code cache", () => {
  const copyOfProgram = (name: string): string => {
    const copy = path.join(folder, name);
    cpSync(path.join(root, "bin"), path.join(copy, "bin"), { recursive: true });
    cpSync(path.join(root, "dist", "etcdctl.js"), path.join(copy, "dist", "etcdctl.js"));
    return copy;
  };
  const caches = (copy: string): string[] =>
    readdirSync(path.join(copy, "dist")).filter((file) => file.includes(".cache"));
  const start = (copy: string, ...words: string[]) =>
    run([process.execPath, path.join(copy, "bin", "etcdctl.js"), ...words], { env });

  test("is written by the first command that connects to a server, and is one file", async () => {
    const copy = copyOfProgram("first");
    expect((await start(copy, "version")).exit).toBe(0);
    expect(caches(copy)).toEqual([]);
    expect((await start(copy, "put", "k", "v")).exit).toBe(0);
    expect(caches(copy)).toHaveLength(1);
    expect((await start(copy, "get", "k")).stdout.toString()).toBe("k\nv\n");
    expect(caches(copy)).toHaveLength(1);
  });

  test("is replaced when it is damaged", async () => {
    const copy = copyOfProgram("damaged");
    await start(copy, "put", "k", "v");
    const file = path.join(copy, "dist", caches(copy)[0] as string);
    writeFileSync(file, "damaged");
    expect((await start(copy, "get", "k")).stdout.toString()).toBe("k\nv\n");
    expect(spawnSync("wc", ["-c", file]).stdout.toString()).not.toMatch(/^7 /);
  });

  test("is not needed where the program cannot write", async () => {
    const copy = copyOfProgram("read-only");
    chmodSync(path.join(copy, "dist"), 0o555);
    const { exit, stdout, stderr } = await start(copy, "get", "small");
    chmodSync(path.join(copy, "dist"), 0o755);
    expect({ exit, stdout: stdout.toString(), stderr: stderr.toString() }).toEqual({
      exit: 0,
      stdout: "small\n1\n",
      stderr: "",
    });
  });
});
