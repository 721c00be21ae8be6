import { writeFileSync } from "node:fs";
import path from "node:path";
import { startEmbeddedServer, type EmbeddedServer } from "../../../src/index";
import { runMain } from "../../support/run-main";
import { seeded } from "../../support/seeded";
import { workFolder } from "../../support/work-folder";

let source: EmbeddedServer;
let target: EmbeddedServer;
beforeEach(async () => {
  [source, target] = await Promise.all([startEmbeddedServer(), startEmbeddedServer()]);
});
afterEach(() => Promise.all([source.stop(), target.stop()]));

const folder = workFolder();
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const all = { key: Buffer.of(0), rangeEnd: Buffer.of(0) };

const run = (server: EmbeddedServer, words: readonly string[], stdin: string | Uint8Array = "") =>
  runMain(words, { stdin, env: { ETCDCTL_ENDPOINTS: server.endpoint }, cwd: folder() });

/** Keys, values and leases with their times to live, without revisions. */
async function contents(server: EmbeddedServer) {
  const client = server.client();
  const { kvs } = await client.kv.range(all);
  const { leases } = await client.lease.leaseLeases({});
  const ttls = leases.map(async ({ ID }) => [ID, (await client.lease.leaseTimeToLive({ ID })).grantedTTL]);
  return {
    kvs: kvs.map(({ key, value, lease }) => [hex(key), hex(value), lease]),
    leases: await Promise.all(ttls),
  };
}

async function revision(server: EmbeddedServer): Promise<bigint> {
  return (await server.client().kv.range({ key: "x" })).header?.revision ?? 0n;
}

async function fill(server: EmbeddedServer): Promise<void> {
  const client = server.client();
  const { ID } = await client.lease.leaseGrant({ TTL: 600 });
  const other = await client.lease.leaseGrant({ TTL: 60, ID: 77 });
  await client.kv.put({ key: "text", value: "line\nline" });
  await client.kv.put({ key: "empty", value: "" });
  await client.kv.put({ key: Buffer.of(0xff, 0, 0x0a), value: Buffer.of(0, 1, 2, 0xfe) });
  await client.kv.put({ key: "yaml: [", value: "--- {\u2028}\n---\n" });
  await client.kv.put({ key: "leased/a", value: "1", lease: ID });
  await client.kv.put({ key: "leased/b", value: "2", lease: other.ID });
  await client.kv.put({ key: "leased/c", value: "3", lease: ID });
}

test.each(["jsonl", "yaml"])(
  "import(export(x)) equals x in %s: empty and binary values and leases too",
  async (format) => {
    await fill(source);
    const exported = await run(source, ["export", "-w", format]);
    expect(exported.exit).toBe(0);
    const imported = await run(target, ["import", "-"], exported.io.stdout.bytes);
    expect(imported).toMatchObject({
      exit: 0,
      stdout: "7 added, 0 changed, 0 unchanged, 0 skipped\n",
      stderr: "",
    });
    expect(await contents(target)).toEqual(await contents(source));
  },
);

test("a second import changes nothing and makes no revision", async () => {
  await fill(source);
  const exported = (await run(source, ["export"])).io.stdout.bytes;
  await run(target, ["import", "-"], exported);
  const before = await revision(target);
  const again = await run(target, ["import", "-", "-w", "json"], exported);
  expect(again.stdout).toBe('{"added":0,"changed":0,"unchanged":7,"skipped":0}\n');
  expect(await revision(target)).toBe(before);
});

test("absent keys are written without reading them first, and a key that exists ends that", async () => {
  const lines = (from: number) =>
    Array.from({ length: 300 }, (_, at) => `{"key":"k${from + at}","value":"1"}\n`).join("");
  target.requests.clear();
  await run(target, ["import", "-"], lines(0));
  expect([...target.requests].map(({ method }) => method)).toEqual(["kv.txn", "kv.txn", "kv.txn"]);
  const again = await run(target, ["import", "-"], lines(100));
  expect(again.stdout).toBe("100 added, 0 changed, 200 unchanged, 0 skipped\n");
});

test("import makes the data dir of --offline", async () => {
  const offline = `--offline=${path.join(folder(), "new")}`;
  const imported = await runMain(["import", "-", offline], { stdin: `{"key":"a","value":"1"}\n` });
  expect(imported).toMatchObject({ exit: 0, stdout: "1 added, 0 changed, 0 unchanged, 0 skipped\n" });
  expect((await runMain(["get", "a", offline])).stdout).toBe("a\n1\n");
});

test("an export that was cut off is imported and reported, and a second run completes it", async () => {
  const entries = Array.from({ length: 500 }, (_, i) => [`key-${String(i).padStart(4, "0")}`, `${i}`]);
  await Promise.all(entries.map(([key = "", value = ""]) => source.client().kv.put({ key, value })));
  const { stdout } = await run(source, ["export"]);
  const lines = stdout.split("\n");
  const cut = await run(target, ["import", "-"], `${lines.slice(0, 300).join("\n")}\n`);
  expect(cut.exit).toBe(1);
  expect(cut.stderr).toContain("Error: the export is not complete: its last line is missing\n");
  const half = await run(
    target,
    ["import", "-"],
    `${[...lines.slice(0, 200), ...lines.slice(201)].join("\n")}\n`,
  );
  expect(half.stderr).toContain("Error: the export is not complete: it has 499 keys of 500\n");
  expect((await run(target, ["import", "-"], stdout)).exit).toBe(0);
  expect(await contents(target)).toEqual(await contents(source));
});

test("the output of get -w jsonl can be imported", async () => {
  await source.client().kv.put({ key: "a/1", value: "x" });
  const { stdout } = await run(source, ["get", "--prefix", "a/", "-w", "jsonl"]);
  expect((await run(target, ["import", "-"], stdout)).stdout).toBe(
    "1 added, 0 changed, 0 unchanged, 0 skipped\n",
  );
});

test("--prefix selects keys and --map renames them", async () => {
  const lines = ["a/1", "a/2", "b/1", "c"].map((key) => `{"key":"${key}","value":"${key}"}`).join("\n");
  writeFileSync(path.join(folder(), "keys.jsonl"), lines);
  await run(target, ["import", "keys.jsonl", "--prefix", "a/", "--map", "a/=new/"]);
  await run(target, [
    "import",
    "keys.jsonl",
    "--prefix",
    "b/",
    "--map",
    "a/=x",
    "--map",
    "b/=",
    "--map",
    "=no",
  ]);
  const { kvs } = await target.client().kv.range(all);
  expect(kvs.map(({ key }) => key.toString())).toEqual(["1", "new/1", "new/2"]);
});

test("--if-absent leaves keys that exist, --dry-run writes nothing", async () => {
  await target.client().kv.put({ key: "a", value: "old" });
  const lines = `{"key":"a","value":"new"}\n{"key":"b","value":"new"}\n`;
  const before = await revision(target);
  const dry = await run(target, ["import", "-", "--dry-run"], lines);
  expect(dry.stdout).toBe("1 added, 1 changed, 0 unchanged, 0 skipped\n");
  expect(await revision(target)).toBe(before);
  const absent = await run(target, ["import", "-", "--if-absent"], lines);
  expect(absent.stdout).toBe("1 added, 0 changed, 0 unchanged, 1 skipped\n");
  const { kvs } = await target.client().kv.range(all);
  expect(kvs.map(({ value }) => value.toString())).toEqual(["old", "new"]);
});

test("a transaction above the limit of the server is written in parts", async () => {
  const small = await startEmbeddedServer({ limits: { maxTxnOps: 5 } });
  try {
    const lines = Array.from({ length: 23 }, (_, i) => `{"key":"k${i}","value":"${i}"}\n`).join("");
    expect((await run(small, ["import", "-"], lines)).stdout).toBe(
      "23 added, 0 changed, 0 unchanged, 0 skipped\n",
    );
  } finally {
    await small.stop();
  }
});

test("the last of two lines for one key counts", async () => {
  const lines = `{"key":"a","value":"1"}\n{"key":"a","value":"2"}\n`;
  expect((await run(target, ["import", "-"], lines)).stdout).toBe(
    "1 added, 1 changed, 0 unchanged, 0 skipped\n",
  );
});

test("a lease whose time to live is unknown is refused, or ignored on demand", async () => {
  const line = `{"key":"a","value":"1","lease":"000000000000004d"}`;
  const refused = await run(target, ["import", "-"], line);
  expect(refused).toMatchObject({ exit: 1, stdout: "" });
  expect(refused.stderr).toContain(
    'the key "a" has lease 000000000000004d, whose time to live is not in the file\n',
  );
  expect((await run(target, ["import", "-", "--ignore-leases"], line)).exit).toBe(0);
});

test("--rev exports the keys as they were, and a prefix limits the keys", async () => {
  await source.client().kv.put({ key: "a", value: "1" });
  await source.client().kv.put({ key: "a", value: "2" });
  const { stdout } = await run(source, ["export", "a", "--rev", "2"]);
  expect(stdout.split("\n").slice(0, 3)).toEqual([
    '{"etcdctl_export":1,"revision":2}',
    '{"key":"a","value":"1","create_revision":2,"mod_revision":2,"version":1}',
    '{"end":true,"keys":1}',
  ]);
  expect((await run(source, ["export", "b"])).stdout).toBe(
    '{"etcdctl_export":1,"revision":3}\n{"end":true,"keys":0}\n',
  );
});

test("what export prints does not depend on the bytes: random keys and values come back", async () => {
  const client = source.client();
  const random = seeded(7);
  const bytes = (most: number) => Buffer.from(Array.from({ length: random(most) }, () => random(256)));
  for (let i = 0; i < 40; i++) {
    await client.kv.put({ key: Buffer.concat([Buffer.of(random(256)), bytes(9)]), value: bytes(40) });
  }
  for (const format of ["jsonl", "yaml"]) {
    await run(target, ["del", "", "--prefix"]);
    await run(target, ["import", "-"], (await run(source, ["export", "-w", format])).io.stdout.bytes);
    expect(await contents(target)).toEqual(await contents(source));
  }
});

test.each<[string, string]>([
  ['{"key":"a"}', "line 1: a key without value; --keys-only cannot be imported"],
  ['{"value":"a"}', "line 1: an object without key"],
  ['{"key":"a","key_base64":"YQ==","value":""}', "line 1: both key and key_base64"],
  ['{"key_base64":"%","value":""}', "line 1: key_base64 is not base64"],
  ['{"key":"a","value":1}', "line 1: value is not a text"],
  ['{"key":"a","value":"","x":1}', 'line 1: unknown field "x"'],
  ['{"key":"a","value":""}\n\n[1]', "line 3: not an object"],
  ['{"key":"a","value":""}\nnonsense', "line 2: Unexpected token"],
  ['{"etcdctl_export":2}', "line 1: an export of a newer etcdctl"],
  ["key: a\nvalue: b\n---\nkey: 1\nvalue: c", "the document at line 4: key is not a text"],
  ["key: a\n  value: [", "the document at line 1: "],
])("import refuses %j: %s", async (input, message) => {
  const { exit, stderr } = await run(target, ["import", "-"], input);
  expect(exit).toBe(1);
  expect(stderr).toContain(`Error: ${message}`);
});

test.each<[string[], string]>([
  [["import"], "import takes one file, or - for standard input"],
  [["import", "-", "--map", "x"], "--map x: there is no = between the old and the new prefix"],
  [["import", "-", "--max-txn-ops", "0"], "--max-txn-ops must be at least 1"],
  [["export", "a", "b"], "export takes one prefix, or none for all keys"],
])("%j is refused", async (words, message) => {
  expect(await run(target, words)).toMatchObject({ exit: 128, stderr: `Error: ${message}\n` });
});

test("export prints no other format", async () => {
  const { exit, stderr } = await run(source, ["export", "-w", "table"]);
  expect(exit).toBe(4);
  expect(stderr).toContain("Error: table not supported as output format\n");
});
