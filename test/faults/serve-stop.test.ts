// Ways of ending `serve --data-dir`, as real processes: signals, and a data dir that cannot be written at the stop.
import { rmSync } from "node:fs";
import path from "node:path";
import { Child } from "../support/child";
import { etcdctl, program } from "../support/etcdctl";
import { workFolder } from "../support/work-folder";

const folder = workFolder();

/** Starts a server on the data dir `d`, with a key. `script` is a shell's, which runs the server as "$@". */
async function serve(script = 'exec "$@"'): Promise<Child> {
  const flags = ["serve", "--listen-client-urls", "http://127.0.0.1:0", "--data-dir", "d"];
  const env = { PATH: process.env["PATH"], HOME: folder(), TMPDIR: folder() };
  const argv = ["sh", "-c", script, "sh", ...program, ...flags];
  const server = new Child(argv, { cwd: folder(), env });
  await server.printed("stdout", "serving on ");
  const [, endpoint = ""] = /^serving on (\S+)/.exec(server.stdout.toString()) ?? [];
  expect((await etcdctl(["put", "a", "x".repeat(100_000)], { endpoint, cwd: folder() })).exit).toBe(0);
  return server;
}

async function countIn(offline: string): Promise<string> {
  const words = [`--offline=${offline}`, "get", "", "--prefix", "--keys-only"];
  return (await etcdctl(words, { cwd: folder() })).stdout.trim();
}

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s stops the server with exit code 0 and saves",
  async (signal) => {
    const server = await serve();
    server.signal(signal);
    expect((await server.finish()).exit).toBe(0);
    expect(await countIn("d")).toBe("a");
  },
);

test("signals during the stop do not end the process before the data is saved", async () => {
  const server = await serve();
  for (const signal of ["SIGINT", "SIGTERM", "SIGINT", "SIGHUP"] as const) server.signal(signal);
  await server.finish();
  expect(await countIn("d")).toBe("a");
});

test("a kill loses no write that was acknowledged, and the next start says what it replayed", async () => {
  const server = await serve();
  server.signal("SIGKILL");
  await server.finish();
  expect(await countIn("d")).toBe("a");
  const again = await serve();
  expect(again.stderr.toString()).toMatch(
    /^note: \d+ (entry of the log was|entries of the log were) not in the db file and (has|have) been replayed$/m,
  );
  again.signal("SIGTERM");
  await again.finish();
});

test("a data dir that was deleted is made again at the stop", async () => {
  const server = await serve();
  rmSync(path.join(folder(), "d"), { recursive: true });
  server.signal("SIGTERM");
  expect((await server.finish()).exit).toBe(0);
  expect(await countIn("d")).toBe("a");
});

test("a disk that is full at the start ends with exit code 1 and leaves no half directory", async () => {
  // A limit of 8 KiB for each file: enough for the lock, too little for a log.
  const flags = ["serve", "--listen-client-urls", "http://127.0.0.1:0", "--data-dir", "d"];
  const script = 'trap "" XFSZ; ulimit -f 16; exec "$@"';
  const argv = ["sh", "-c", script, "sh", ...program, ...flags];
  const server = new Child(argv, { cwd: folder(), env: { PATH: process.env["PATH"], TMPDIR: folder() } });
  const { exit, stderr } = await server.finish();
  expect(exit).toBe(1);
  expect(stderr.toString()).toMatch(/^Error: cannot make \S+: .*: file too large$/m);
  expect((await etcdctl(["--offline=d", "put", "a", "1"], { cwd: folder() })).exit).toBe(0);
});
