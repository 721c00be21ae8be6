import { writeFileSync } from "node:fs";
import path from "node:path";
import { startEmbeddedServer, type EmbeddedServer } from "../../../src/index";
import { configText, encryptedValues, storedValue } from "../../kubernetes/encrypted-values";
import { runMain } from "../../support/run-main";
import { workFolder } from "../../support/work-folder";

const folder = workFolder();

let server: EmbeddedServer;
beforeEach(async () => {
  server = await startEmbeddedServer();
});
afterEach(() => server.stop());

const run = (...words: string[]) =>
  runMain(["k8s", "encryption", ...words], { env: { ETCDCTL_ENDPOINTS: server.endpoint }, cwd: folder() });

/** An old key of aescbc, a new one of aesgcm, a plain secret, a value of an unknown key, and configmaps. */
async function fill(): Promise<void> {
  const { kv } = server.client();
  const [old, current] = ["aescbc", "aesgcm"].map((name) => {
    return encryptedValues.find(({ provider }) => provider === name);
  });
  if (old === undefined || current === undefined) throw new Error("no fixtures");
  await kv.put({ key: "/registry/secrets/a/old", value: storedValue(old, "old") });
  await kv.put({ key: current.key, value: storedValue(current, "new") });
  await kv.put({ key: "/registry/secrets/a/plain", value: "k8s\0plain" });
  await kv.put({ key: "/registry/secrets/a/lost", value: "k8s:enc:secretbox:v1:lost:abc" });
  await kv.put({ key: "/registry/configmaps/a/1", value: "{}" });
  await kv.put({ key: "/registry/configmaps/a/2", value: "{}" });
  const config = configText([
    { provider: "aesgcm", keys: [{ name: "new", secret: current.secret }] },
    { provider: "aescbc", keys: [{ name: "old", secret: old.secret }] },
    { provider: "identity" },
  ]);
  writeFileSync(path.join(folder(), "encryption.yaml"), config);
}

test("counts values by resource, provider and key", async () => {
  await fill();
  const { exit, stdout, stderr } = await run();
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
  expect(stdout.split("\n")).toEqual([
    "RESOURCE    ENCRYPTION    KEY   VALUES",
    "configmaps  plain         -          2",
    "secrets     aescbc v1     old        1",
    "secrets     aesgcm v1     new        1",
    "secrets     plain         -          1",
    "secrets     secretbox v1  lost       1",
    "",
  ]);
});

test("with the configuration it finds old keys and values that do not open", async () => {
  await fill();
  const { exit, stdout, stderr } = await run("--encryption-config", "encryption.yaml");
  expect(exit).toBe(0);
  expect(stdout.split("\n")).toEqual([
    "RESOURCE    ENCRYPTION    KEY   VALUES  STALE  UNREADABLE",
    "configmaps  plain         -          2      0           0",
    "secrets     aescbc v1     old        1      1           0",
    "secrets     aesgcm v1     new        1      0           0",
    "secrets     plain         -          1      1           0",
    "secrets     secretbox v1  lost       1      0           1",
    "",
  ]);
  expect(stderr).toMatch(/^hint: 2 values are not encrypted by the first provider of the configuration; /);
});

test("--stale prints the keys to write again, and fails if some do not open", async () => {
  await fill();
  const { exit, stdout, stderr } = await run("--encryption-config", "encryption.yaml", "--stale");
  expect(stdout).toBe("/registry/secrets/a/lost\n/registry/secrets/a/old\n/registry/secrets/a/plain\n");
  expect(exit).toBe(1);
  expect(stderr).toMatch(/^Error: the configuration does not open 1 value\n/);
});

test("prints objects in the other formats", async () => {
  await fill();
  const { stdout } = await run("-w", "jsonl");
  expect(stdout.split("\n")[1]).toBe(
    '{"resource":"secrets","encryption":"aescbc v1","key":"old","values":1}',
  );
  expect((await run("-w", "json")).stdout).toMatch(/^\{"items":\[\{"resource":"configmaps"/);
  expect((await run("-w", "table")).stdout).toMatch(/│ +RESOURCE +│ +ENCRYPTION +│/);
});

test("works on a backup, and escapes what a hostile value holds", async () => {
  const { kv } = server.client();
  await kv.put({ key: "/registry/secrets/a/x", value: "k8s:enc:\x1b[31m:v1:\x1b]0;title\x07:x" });
  const file = path.join(folder(), "backup.db");
  await runMain(["snapshot", "save", file], { env: { ETCDCTL_ENDPOINTS: server.endpoint } });
  const { stdout } = await runMain(["k8s", "encryption", `--offline=${file}`]);
  expect(stdout).toContain(String.raw`\x1b[31m v1  \x1b]0;title\x07`);
});

test.each<[string[], RegExp]>([
  [["x"], /^Error: k8s encryption takes no arguments\n/],
  [["--stale"], /^Error: --stale needs the configuration: --encryption-config FILE\n/],
  [["--encryption-config", "missing.yaml"], /^Error: cannot read missing.yaml: no such file or directory\n/],
  [["-w", "fields"], /^Error: fields not supported as output format\n/],
  [[], /^Error: no objects of Kubernetes are stored here\n/],
])("k8s encryption %j is refused", async (words, message) => {
  const { exit, stderr } = await run(...words);
  expect(exit).toBeGreaterThan(0);
  expect(stderr).toMatch(message);
});
