// Ways of ending `serve --data-dir`, as real processes: signals, and a data dir that cannot be written at the stop.
import { readdirSync, rmSync, writeFileSync } from "node:fs";
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

test("a data dir that cannot be written ends with exit code 1, and the error says where the data is", async () => {
  const server = await serve();
  rmSync(path.join(folder(), "d"), { recursive: true });
  writeFileSync(path.join(folder(), "d"), "");
  server.signal("SIGTERM");
  const { exit, stderr } = await server.finish();
  expect(exit).toBe(1);
  const [, kept = ""] = /^hint: all data is in (\S+): --offline=/m.exec(stderr.toString()) ?? [];
  expect(await countIn(kept)).toBe("a");
});

test("a disk that is full everywhere ends with exit code 1 and leaves no rest", async () => {
  // A limit of 8 KiB for each file: enough for the lock, too little for a db file.
  const server = await serve('trap "" XFSZ; ulimit -f 16; exec "$@"');
  server.signal("SIGTERM");
  const { exit, stderr } = await server.finish();
  expect(exit).toBe(1);
  expect(stderr.toString()).toMatch(/^Error: cannot save .*: file too large$/m);
  expect(stderr.toString()).toContain("hint: all changes since the start are lost\n");
  expect(readdirSync(folder(), { recursive: true }).sort()).toEqual(["d", "d/member", "d/member/snap"]);
});
