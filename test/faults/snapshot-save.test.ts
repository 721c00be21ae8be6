// snapshot save that fails: the disk is full, the user interrupts, the connection breaks. Neither FILE nor FILE.part is left,
// and an older FILE stays unchanged.
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { startEmbeddedServer, type EmbeddedServer } from "../../src/index";
import { Child } from "../support/child";
import { etcdctl, program, startEtcdctl } from "../support/etcdctl";
import { startRelay } from "../support/relay";
import { until } from "../support/until";
import { workFolder } from "../support/work-folder";

let server: EmbeddedServer;
beforeAll(async () => {
  const keys = Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`key${at}`, "x".repeat(100_000)]));
  server = await startEmbeddedServer({ keys });
});
afterAll(() => server.stop());

const folder = workFolder();

/** A failed run leaves the older file and nothing else. */
function expectUntouched(): void {
  expect(readdirSync(folder())).toEqual(["backup.db"]);
  expect(readFileSync(path.join(folder(), "backup.db"), "utf8")).toBe("older backup");
}

beforeEach(() => writeFileSync(path.join(folder(), "backup.db"), "older backup"));

/** Runs etcdctl with a limit of 100 KiB for each file. */
function withFullDisk(...words: string[]): Child {
  const script = 'trap "" XFSZ; ulimit -f 200; exec "$@"';
  const env = { PATH: process.env["PATH"], ETCDCTL_ENDPOINTS: server.endpoint, HOME: folder() };
  return new Child(["sh", "-c", script, "sh", ...program, ...words], { cwd: folder(), env });
}

test("a full disk ends with exit code 5 and an error that names the file, and leaves nothing", async () => {
  const { exit, stdout, stderr } = await withFullDisk("snapshot", "save", "backup.db").finish();
  expect(exit).toBe(5);
  expect(stdout.toString()).toBe("");
  expect(stderr.toString()).toMatch(/^Error: .*backup\.db/m);
  expectUntouched();
});

test("a full disk on stdout is an error too", async () => {
  const script = 'exec "$@" >/dev/full';
  const words = ["sh", ...program, "snapshot", "save", "-"];
  const env = { PATH: process.env["PATH"], ETCDCTL_ENDPOINTS: server.endpoint };
  const { exit, stderr } = await new Child(["sh", "-c", script, ...words], { env, cwd: folder() }).finish();
  expect(exit).not.toBe(0);
  expect(stderr.toString()).toMatch(/^Error: .*(ENOSPC|no space left)/im);
  expectUntouched();
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)("%s during the save ends with exit code %i and leaves nothing", async (signal, code) => {
  const relay = await startRelay(server.port, { limitBytes: 1_000_000 });
  const words = ["snapshot", "save", "backup.db"];
  const child = startEtcdctl(words, { cwd: folder(), endpoint: relay.endpoint });
  const part = path.join(folder(), "backup.db.part");
  await until("a part has arrived", () => statSync(part).size > 200_000 || child.result !== undefined);
  expect(statSync(part).mode & 0o777).toBe(0o600);
  child.signal(signal);
  expect((await child.finish()).exit).toBe(code);
  expectUntouched();
  await relay.close();
});

test("a connection that breaks during the save is an error and leaves nothing", async () => {
  const relay = await startRelay(server.port, { limitBytes: 1_000_000 });
  const words = ["snapshot", "save", "backup.db"];
  const child = startEtcdctl(words, { cwd: folder(), endpoint: relay.endpoint });
  const part = path.join(folder(), "backup.db.part");
  await until("a part has arrived", () => statSync(part).size > 200_000 || child.result !== undefined);
  await relay.close();
  const { exit, stderr } = await child.finish();
  expect(exit).toBe(5);
  expect(stderr.toString()).toMatch(/^Error: /m);
  expectUntouched();
});

test("a missing folder is an error before any request is sent, as in Go", async () => {
  const { exit, stderr } = await etcdctl(["snapshot", "save", "none/backup.db"], {
    cwd: folder(),
    endpoint: server.endpoint,
  });
  expect(exit).toBe(5);
  expect(stderr).toContain(
    "Error: could not open none/backup.db.part (open none/backup.db.part: no such file or directory)",
  );
  expectUntouched();
});

test("a successful run replaces the older file and leaves nothing else", async () => {
  const { exit } = await etcdctl(["snapshot", "save", "backup.db"], {
    cwd: folder(),
    endpoint: server.endpoint,
  });
  expect(exit).toBe(0);
  expect(readdirSync(folder())).toEqual(["backup.db"]);
  const { size, mode } = statSync(path.join(folder(), "backup.db"));
  expect(size).toBeGreaterThan(4_000_000);
  expect(mode & 0o777).toBe(0o600);
});
