// A data dir whose log has more than its db file: diff and usage read the file, and repeat the log with the keys that it needs.
import { cpSync } from "node:fs";
import path from "node:path";
import { startEmbeddedServer, type EmbeddedServer } from "../../src/index";
import { runMain } from "../support/run-main";
import { seeded } from "../support/seeded";
import { sharedFolder } from "../support/work-folder";

const folder = sharedFolder();
const dir = path.join(folder, "dir");
const copy = path.join(folder, "copy");

async function etcdctl(...words: string[]) {
  const { exit, stdout, stderr } = await runMain(words, { env: { HOME: folder }, cwd: folder });
  if (stderr !== "") throw new Error(stderr);
  return { exit, stdout };
}

const key = (number: number) => `/key/${number}`;

/** The keys that the log changes are among others that it does not name. */
beforeAll(async () => {
  const random = seeded(5);
  let server = await startEmbeddedServer();
  const save = (name: string) => etcdctl("--endpoints", server.endpoint, "snapshot", "save", name);
  await fill(server, random);
  await save("before.db");
  await server.stop();
  const restored = await runMain(
    ["snapshot", "restore", "before.db", "--data-dir", dir],
    { cwd: folder },
    "etcdutl",
  );
  if (restored.exit !== 0) throw new Error(restored.stderr);
  server = await startEmbeddedServer({ dataDir: dir, snapshotCount: 1_000_000 });
  await change(server, random);
  await save("after.db");
  cpSync(path.join(dir, "member"), path.join(copy, "member"), { recursive: true });
  await server.stop();
});

async function fill(server: EmbeddedServer, random: (below: number) => number): Promise<void> {
  const { kv, lease } = server.client();
  await lease.leaseGrant({ ID: 7n, TTL: 1000n });
  await lease.leaseGrant({ ID: 8n, TTL: 1000n });
  for (let at = 0; at < 300; at++) {
    const value = "v".repeat(random(3) * 1500) + String(at);
    await kv.put({ key: key(random(200)), value, lease: [0n, 7n, 8n][random(3)] ?? 0n });
    if (random(8) === 0) await kv.deleteRange({ key: key(random(200)) });
  }
}

async function change(server: EmbeddedServer, random: (below: number) => number): Promise<void> {
  const { kv, lease } = server.client();
  await lease.leaseRevoke({ ID: 7n });
  await lease.leaseGrant({ ID: 9n, TTL: 1000n });
  for (let at = 0; at < 60; at++) {
    await kv.put({ key: key(random(250)), value: `new ${at}`, lease: random(4) === 0 ? 9n : 0n });
  }
  await lease.leaseRevoke({ ID: 9n });
  await kv.deleteRange({ key: key(random(200)) });
  await kv.deleteRange({ key: "/key/1", rangeEnd: "/key/12" });
  const present = (await kv.range({ key: "/key/", rangeEnd: "/key0" })).kvs[5];
  if (present === undefined) throw new Error("no key");
  await kv.put({ key: present.key, ignoreValue: true, lease: 8n });
  await kv.txn({
    compare: [{ key: present.key, result: 1, target: 0, targetUnion: { case: "version", value: 1n } }],
    success: [{ request: { case: "requestPut", value: { key: "/key/then", value: "1" } } }],
    failure: [{ request: { case: "requestPut", value: { key: "/key/else", value: "1" } } }],
  } as never);
}

test("the directory has what a snapshot of its server has", async () => {
  expect(await etcdctl("diff", "copy", "after.db")).toEqual({ exit: 0, stdout: "" });
  expect(await etcdctl("diff", "after.db", "copy")).toEqual({ exit: 0, stdout: "" });
});

test("it differs from an earlier snapshot as a later one does, revisions and versions included", async () => {
  const found = await etcdctl("diff", "before.db", "copy", "-w", "jsonl");
  expect(found).toEqual(await etcdctl("diff", "before.db", "after.db", "-w", "jsonl"));
  const changes = new Set(found.stdout.split("\n").map((line) => /^\{"change":"(\w+)"/.exec(line)?.[1]));
  expect(changes).toEqual(new Set(["added", "removed", "changed", undefined]));
});

test("usage counts the revisions of the file and of the log", async () => {
  const groups = async (file: string) => {
    const { stdout } = await etcdctl("usage", `--offline=${file}`, "-w", "json", "--top", "300");
    const { groups: found, largest, total } = JSON.parse(stdout) as Record<string, object>;
    return { found, total: { ...total, share: 0 }, largest };
  };
  const ofDirectory = await groups("copy");
  const ofSnapshot = await groups("after.db");
  expect({ ...ofDirectory, found: [] }).toEqual({ ...ofSnapshot, found: [] });
  expect(ofDirectory.found).toMatchObject([{ group: "/key/" }]);
});
