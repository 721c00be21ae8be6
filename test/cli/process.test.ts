// The program as a process: streams, signals, the code cache. Needs `npm run build`, which `npm test` runs first.
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { WebSocket } from "ws";
import type { EmbeddedServer } from "../../src/server/server";
import { startEmbeddedServer } from "../../src/server/server";
import { Child, run } from "../support/child";
import { executable, noNodeProgram, program } from "../support/etcdctl";
import { patience } from "../support/patience";
import { describeUnless, notLinux, testUnless } from "../support/skip";
import { sharedFolder } from "../support/work-folder";

const root = path.join(__dirname, "..", "..");
const etcdctl = (...words: string[]): string[] => [...program, ...words];

/** Whether another user can use what is in the folder. */
function isReachable(dir: string): boolean {
  return (statSync(dir).mode & 0o001) !== 0 && (dir === path.dirname(dir) || isReachable(path.dirname(dir)));
}

/** For the copies that another user runs. */
const reachableFolder = (): string =>
  [tmpdir(), "/dev/shm", "/tmp"].find((dir) => existsSync(dir) && isReachable(dir)) ?? tmpdir();

const cannotChangeUser =
  process.getuid?.() !== 0 || spawnSync("setpriv", ["--version"]).status === 0
    ? undefined
    : "setpriv is missing, and root can write everywhere";
const noOtherUser =
  cannotChangeUser ??
  (isReachable(path.dirname(process.execPath)) ? undefined : "another user cannot run this node");

let server: EmbeddedServer;
let env: Record<string, string | undefined>;
const folder = sharedFolder(reachableFolder());

beforeAll(async () => {
  expect(existsSync(path.join(root, "dist", "etcdctl.js"))).toBe(true);
  server = await startEmbeddedServer({ keys: { big: "x".repeat(300_000), small: "1" } });
  env = { PATH: process.env["PATH"], ...patience, ETCDCTL_ENDPOINTS: server.endpoints.join(",") };
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

// YAML's parser is a package in CommonJS, which the program loads with import().
test("edit without a folder for temporary files names it", async () => {
  const { stderr, exit } = await shell("TMPDIR=missing $ETCDCTL edit small --editor true");
  expect({ stderr: stderr.toString(), exit }).toEqual({
    ...{ stderr: "Error: mkdir missing: no such file or directory\n", exit: 1 },
  });
});

const notThere = executable ? "Bun ends with another message before our code runs" : notLinux;

testUnless(notThere, "serve in a directory that was removed says so", async () => {
  const { stderr } = await shell(
    `mkdir removed && cd removed && rmdir ../removed && $ETCDCTL serve --data-dir x --listen-client-urls http://127.0.0.1:0`,
  );
  expect(stderr.toString()).toContain("Error: getwd: no such file or directory\n");
});

test("YAML is read from files of keys and of encryption keys", async () => {
  const stdoutOf = async (...words: string[]) => (await run(etcdctl(...words), { env })).stdout.toString();
  const keys = path.join(folder, "keys.yaml");
  writeFileSync(
    keys,
    "---\netcdctl_export: 1\nrevision: 1\n---\nkey: yaml\nvalue: read\n---\nend: true\nkeys: 1\n",
  );
  expect(await stdoutOf("import", keys)).toMatch(/^1 added/);
  const config = path.join(folder, "encryption.yaml");
  const providers = "providers: [{identity: {}}]";
  writeFileSync(
    config,
    `kind: EncryptionConfiguration\nresources:\n- {resources: [secrets], ${providers}}\n`,
  );
  await stdoutOf("put", "/registry/secrets/default/a", "plain");
  const listing = await stdoutOf("k8s", "encryption", "--encryption-config", config);
  expect(listing).toContain("UNREADABLE");
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

describeUnless(noNodeProgram, "the Node package", () => {
  const copyOfProgram = (name: string, ...files: string[]): string => {
    const copy = path.join(folder, name);
    cpSync(path.join(root, "bin"), path.join(copy, "bin"), { recursive: true });
    for (const file of files) cpSync(path.join(root, "dist", file), path.join(copy, "dist", file));
    return copy;
  };
  const partsOf = (...names: string[]) => ["etcdctl.js", ...names.map((name) => `etcdctl-${name}.js`)];
  const complete = partsOf("connect", "read", "tls", "server", "files", "rest");
  const caches = (dir: string): string[] => readdirSync(dir).filter((file) => file.includes(".cache"));
  const words = (copy: string) => [process.execPath, path.join(copy, "bin", "etcdctl.js")];
  const start = (copy: string, ...args: string[]) => run([...words(copy), ...args], { env });

  test("loads small files for the most used commands", async () => {
    const printer = (copy: string) => async (words: string) => {
      const { exit, stdout, stderr } = await start(copy, ...words.split(" "));
      expect({ exit, stderr: stderr.toString() }).toEqual({ exit: 0, stderr: "" });
      return stdout.toString();
    };
    const [forVersion, forPut, forGet] = [1, 2, 3].map((count) =>
      printer(copyOfProgram(`small-${count}`, ...complete.slice(0, count))),
    );
    expect(await forVersion?.("version")).toMatch(/^etcdctl version/);
    expect(await forPut?.("put hot 1")).toBe("OK\n");
    expect(await forGet?.("get hot")).toBe("hot\n1\n");
    expect(await forGet?.("get hot --prefix -w json")).toMatch(/^{"header"/);
    expect(await forGet?.("del hot")).toBe("1\n");
  });

  test("loads neither the rest nor Node's modules for HTTP/1, TLS, files and threads to serve a put", async () => {
    const copy = copyOfProgram("server", ...partsOf("connect", "tls", "server", "store", "files"));
    const listModules = "process.on('exit', () => console.error(process.moduleLoadList.join()))";
    const hook = path.join(copy, "hook.js");
    writeFileSync(hook, listModules);
    const [node = "", file = ""] = words(copy);
    const args = ["serve", "--listen-client-urls", "http://127.0.0.1:0"];
    const served = new Child([node, "--require", hook, file, ...args], { env });
    await served.printed("stdout", "serving on");
    const [endpoint = ""] = /http:\S+/.exec(served.stdout.toString()) ?? [];
    expect((await run([...program, "put", "k", "v", "--endpoints", endpoint], { env })).exit).toBe(0);
    served.signal("SIGTERM");
    const { exit, stderr } = await served.finish();
    expect({ exit, late: false }).toEqual({ exit: 0, late: false });
    const modules = stderr.toString();
    expect(modules).toContain("NativeModule net,");
    for (const name of ["http", "tls", "fs/promises", "worker_threads"]) {
      expect(modules).not.toContain(`NativeModule ${name},`);
    }
  });

  test("loads the server's files, not the rest, for a put without a server", async () => {
    const copy = copyOfProgram("offline", ...partsOf("connect", "tls", "server", "store", "files"));
    const { exit, stdout } = await start(copy, "put", "k", "v", `--offline=${path.join(copy, "data")}`);
    expect({ exit, stdout: stdout.toString() }).toEqual({ exit: 0, stdout: "OK\n" });
  });

  test("has the compiled code of every file since the build", () => {
    const dist = path.join(root, "dist");
    const built = caches(dist).map((file) => file.slice(0, file.indexOf(".js.") + 3));
    expect(built).toEqual(expect.arrayContaining(complete));
  });

  // Node 20.9 loads its network code for every pipe, so there `version` looks like a command that connects.
  const loadsNetForPipes = process.version.startsWith("v20.9.")
    ? "Node 20.9 loads net for a pipe"
    : undefined;
  testUnless(
    loadsNetForPipes,
    "writes its code cache in the first command that connects to a server",
    async () => {
      const copy = copyOfProgram("first", ...complete);
      const dist = path.join(copy, "dist");
      expect((await start(copy, "version")).exit).toBe(0);
      expect(caches(dist)).toEqual([]);
      expect((await start(copy, "put", "k", "v")).exit).toBe(0);
      expect(caches(dist)).toHaveLength(2);
      expect((await start(copy, "get", "k")).stdout.toString()).toBe("k\nv\n");
      expect(caches(dist)).toHaveLength(3);
      expect((await start(copy, "endpoint", "health")).exit).toBe(0);
      expect(caches(dist)).toHaveLength(4);
    },
  );

  test("replaces a code cache that is damaged", async () => {
    const copy = copyOfProgram("damaged", ...complete);
    await start(copy, "put", "k", "v");
    const file = path.join(copy, "dist", caches(path.join(copy, "dist"))[0] as string);
    writeFileSync(file, "damaged");
    expect((await start(copy, "get", "k")).stdout.toString()).toBe("k\nv\n");
    expect(statSync(file).size).toBeGreaterThan(1000);
  });

  describeUnless(noOtherUser, "installed where the user cannot write", () => {
    /** Runs as a user who may write only to `home`. */
    const startAt = (copy: string, home: string, ...args: string[]) => {
      const user =
        process.getuid?.() === 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];
      return run([...user, ...words(copy), ...args], { env: { ...env, HOME: home } });
    };
    const installed = (name: string): { copy: string; home: string; cache: string } => {
      chmodSync(folder, 0o755);
      const copy = copyOfProgram(name, ...complete);
      const home = path.join(folder, `${name}-home`);
      mkdirSync(home);
      if (process.getuid?.() === 0) chownSync(home, 65534, 65534);
      chmodSync(path.join(copy, "dist"), 0o555);
      return { copy, home, cache: path.join(home, ".cache", "etcdctl-node") };
    };
    const get = async (copy: string, home: string) => {
      const { exit, stdout, stderr } = await startAt(copy, home, "get", "small");
      expect({ exit, stdout: stdout.toString(), stderr: stderr.toString() }).toEqual({
        exit: 0,
        stdout: "small\n1\n",
        stderr: "",
      });
    };

    test("it keeps the code cache in the user's cache directory, which only the user can change", async () => {
      const { copy, home, cache } = installed("read-only");
      await get(copy, home);
      expect(caches(path.join(copy, "dist"))).toEqual([]);
      const [file = ""] = caches(cache);
      expect(statSync(cache).mode & 0o777).toBe(0o700);
      const { ino } = statSync(path.join(cache, file));
      await get(copy, home);
      expect(statSync(path.join(cache, file)).ino).toBe(ino); // it was good
    });

    test("it does not use a cache directory that others can change", async () => {
      const { copy, home, cache } = installed("open");
      await get(copy, home);
      chmodSync(cache, 0o777);
      const file = path.join(cache, caches(cache)[0] as string);
      writeFileSync(file, "planted");
      await get(copy, home);
      expect(statSync(file).size).toBe("planted".length);
    });

    test("it runs without a home directory", async () => {
      const { copy } = installed("homeless");
      await get(copy, "/nonexistent");
    });
  });
});

test("serve takes WebSockets, whose package extends a class of Node", async () => {
  const served = new Child(etcdctl("serve", "--listen-client-urls", "http://127.0.0.1:0"), {});
  await served.printed("stdout", "serving on");
  const [endpoint = ""] = /http:\S+/.exec(served.stdout.toString()) ?? [];
  const socket = new WebSocket(`${endpoint.replace("http:", "ws:")}/v3/watch`);
  socket.on("open", () => socket.send('{"create_request":{"key":"YQ=="}}'));
  const text = await new Promise<string>((resolve, reject) => {
    socket.on("error", reject).on("message", (data: Buffer) => resolve(data.toString()));
  });
  expect(text).toContain('"created":true');
  socket.terminate();
  served.signal("SIGTERM");
  expect((await served.finish()).exit).toBe(0);
});
