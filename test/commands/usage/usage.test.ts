import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { startEmbeddedServer, type EmbeddedServer } from "../../../src/index";
import { runMain } from "../../support/run-main";
import { workFolder } from "../../support/work-folder";

const folder = workFolder();

let server: EmbeddedServer;
beforeEach(async () => {
  server = await startEmbeddedServer();
});
afterEach(() => server.stop());

async function put(key: string, sizeBytes: number): Promise<void> {
  await server.client().kv.put({ key, value: "v".repeat(sizeBytes) });
}

/** Pods with a history, a deleted event, a custom resource and a key that is not Kubernetes'. */
async function fill(prefix = "/registry"): Promise<void> {
  await put(`${prefix}/namespaces/default`, 50);
  for (const size of [1000, 2000, 3000]) await put(`${prefix}/pods/default/web`, size);
  await put(`${prefix}/pods/kube-system/dns`, 500);
  await put(`${prefix}/services/specs/default/web`, 100);
  await put(`${prefix}/example.com/widgets/default/w`, 200);
  await put(`${prefix}/events/default/e1`, 4000);
  await server.client().kv.deleteRange({ key: `${prefix}/events/default/e1` });
  await put("app", 10);
}

const live = (...words: string[]) =>
  runMain(["usage", ...words], { env: { ETCDCTL_ENDPOINTS: server.endpoint }, cwd: folder() });

async function backup(): Promise<string> {
  const file = path.join(folder(), "backup.db");
  await runMain(["snapshot", "save", file], { env: { ETCDCTL_ENDPOINTS: server.endpoint } });
  return file;
}

const offline = (file: string, ...words: string[]) =>
  runMain([`--offline=${file}`, "usage", ...words], { cwd: folder() });

/** The first word and the number of keys of each line of the first table, without its head and its total. */
function groups(stdout: string): Record<string, number> {
  const [table = ""] = stdout.split("\n\n");
  const rows = table.trim().split("\n").slice(1, -1);
  return Object.fromEntries(rows.map((row) => [row.split(/ +/)[0], Number(row.split(/ +/)[1])]));
}

test("of a backup it shows present values and all revisions, the largest group first", async () => {
  await fill();
  const { exit, stdout, stderr } = await offline(await backup());
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
  const lines = stdout.replaceAll(/ +(?:SHARE|\d+\.\d %)/g, "").split("\n");
  expect(lines.slice(0, 10)).toEqual([
    "PREFIX                  KEYS  VALUES  REVISIONS  ALL REVISIONS",
    "/registry/pods/            2  3.5 kB          4         6.7 kB",
    "/registry/events/          0     0 B          2         4.1 kB",
    "/registry/example.com/     1   200 B          1          267 B",
    "/registry/services/        1   100 B          1          163 B",
    "/registry/namespaces/      1    50 B          1          105 B",
    '""                         1    10 B          1           40 B',
    "total                      6  3.9 kB         10          11 kB",
    "",
    "LARGEST KEYS                               VALUE  REVISIONS  ALL REVISIONS",
  ]);
  expect(lines.slice(10, 12)).toEqual([
    "/registry/pods/default/web                3.0 kB          3         6.2 kB",
    "/registry/events/default/e1              deleted          2         4.1 kB",
  ]);
  expect(stdout).toMatch(/\n\ndatabase: \d+ kB, \d+ kB in use, revision 11\n$/);
});

test("of a live cluster it shows the present revision, and a hint says what is missing", async () => {
  await fill();
  const { exit, stdout, stderr } = await live();
  expect(exit).toBe(0);
  expect(groups(stdout)).toEqual({
    "/registry/pods/": 2,
    "/registry/example.com/": 1,
    "/registry/services/": 1,
    "/registry/namespaces/": 1,
    '""': 1,
  });
  expect(stdout).not.toContain("REVISIONS");
  expect(stderr).toMatch(/^hint: a live server does not report what old revisions take; a backup does: /);
});

test("a data dir shows the same as a backup of it", async () => {
  await fill();
  const file = await backup();
  const restored = path.join(folder(), "restored");
  await runMain(["snapshot", "restore", file, "--data-dir", restored], { cwd: folder() }, "etcdutl");
  const tables = (text: string) => text.slice(0, text.indexOf("database:")).replaceAll(/ +\S+ %/g, "");
  const [ofFile, ofDir] = [await offline(file), await offline(restored)];
  expect(ofDir.exit).toBe(0);
  expect(tables(ofDir.stdout)).toBe(tables(ofFile.stdout));
});

test("a prefix limits the keys, and --depth counts from its end", async () => {
  await fill();
  const file = await backup();
  expect(groups((await offline(file, "/registry/pods/")).stdout)).toEqual({
    "/registry/pods/default/": 1,
    "/registry/pods/kube-system/": 1,
  });
  expect(groups((await offline(file, "/registry", "--depth", "2")).stdout)).toMatchObject({
    "/registry/example.com/widgets/": 1,
    "/registry/namespaces/": 1,
    "/registry/pods/default/": 1,
  });
  expect(groups((await live("/registry/services", "--depth", "2")).stdout)).toEqual({
    "/registry/services/specs/default/": 1,
  });
});

test.each(["/registry", "/kubernetes.io", "/k8s/cluster-7"])(
  "--by resource and --by namespace know the keys of Kubernetes under %s",
  async (prefix) => {
    await fill(prefix);
    const file = await backup();
    const byResource = {
      pods: 2,
      events: 0,
      "widgets.example.com": 1,
      services: 1,
      namespaces: 1,
      "(other)": 1,
    };
    expect(groups((await offline(file, "--by", "resource")).stdout)).toEqual(byResource);
    const present = Object.entries(byResource).filter(([, keys]) => keys > 0);
    expect(groups((await live("--by", "resource")).stdout)).toEqual(Object.fromEntries(present));
    expect(groups((await live("--by", "namespace")).stdout)).toEqual({
      default: 3,
      "kube-system": 1,
      "(cluster)": 1,
      "(other)": 1,
    });
  },
);

test("--registry-prefix names the prefix", async () => {
  await put("/mine/pods/default/web", 10);
  await put("/registry/pods/default/web", 10);
  expect(groups((await live("--by", "resource", "--registry-prefix", "mine/")).stdout)).toEqual({
    pods: 1,
    "(other)": 1,
  });
});

test("--top limits the largest keys", async () => {
  await fill();
  const file = await backup();
  const largest = async (...words: string[]) => (await offline(file, ...words)).stdout.split("\n\n")[1];
  expect((await largest("--top", "1"))?.trim().split("\n")).toHaveLength(2);
  expect(await largest("--top", "0")).toMatch(/^database/);
});

test("a terminal shows a bar for each group, the longest for the largest", async () => {
  await fill();
  const { stdout } = await runMain([`--offline=${await backup()}`, "usage"], { terminal: true });
  const bars = Array.from(stdout.matchAll(/% {2}(█*[▏▎▍▌▋▊▉]?)$/gm), ([, bar = ""]) => bar);
  const lengths = bars.map((bar) => bar.length);
  expect(lengths[0]).toBeGreaterThan(3);
  expect(lengths).toEqual([...lengths].sort((a, b) => b - a));
  expect((await offline(path.join(folder(), "backup.db"))).stdout).not.toContain("█");
});

test("a key or group with bytes that a terminal obeys is quoted", async () => {
  await put("/a/\x1b[31m/b", 5);
  const { stdout } = await live();
  expect(stdout).toContain(String.raw`"/a/\x1b[31m/"`);
  expect(stdout).not.toContain("\x1b");
});

test("json, jsonl and yaml have exact numbers, and bytes that are no text in base64", async () => {
  await put("/a/b", 5);
  await server.client().kv.put({ key: Buffer.of(0xff), value: "1" });
  const file = await backup();
  const { stdout } = await offline(file, "-w", "json");
  const report = JSON.parse(stdout) as Record<string, unknown>;
  expect(report).toMatchObject({
    by: "prefix",
    groups: [
      { group: "/a/b".slice(0, 3), keys: 1, value_bytes: 5, revisions: 1, all_bytes: 36 },
      { group: "", keys: 1, value_bytes: 1, revisions: 1, all_bytes: 29 },
    ],
    largest: [
      { key: "/a/b", value_bytes: 5, revisions: 1, all_bytes: 36 },
      { key_base64: "/w==", value_bytes: 1, revisions: 1, all_bytes: 29 },
    ],
    total: { keys: 2, value_bytes: 6, revisions: 2, all_bytes: 65 },
    database: { revision: 3, compact_revision: 0 },
  });
  const lines = (await offline(file, "-w", "jsonl")).stdout.trim().split("\n");
  expect(lines.map((line) => Object.keys(JSON.parse(line) as object)[0])).toEqual([
    ...["group", "group", "key", "key_base64", "by"],
  ]);
  expect((await offline(file, "-w", "yaml")).stdout).toMatch(
    /^---\nby: prefix\ngroups:\n {2}- group: \/a\/\n/,
  );
  expect((await offline(file, "-w", "table")).stdout).toMatch(/│ +PREFIX +│/);
});

test.each<[string[], RegExp]>([
  [["a", "b"], /^Error: usage takes one prefix, or none for all keys\n/],
  [["--by", "size"], /^Error: --by must be one of prefix, resource, namespace\n/],
  [["-w", "fields"], /^Error: fields not supported as output format\n/],
])("usage %j is refused", async (words, message) => {
  const { exit, stderr } = await live(...words);
  expect(exit).toBeGreaterThan(0);
  expect(stderr).toMatch(message);
});

test("of a damaged backup it shows nothing, and reports the wrong hash whether its pages can be walked or not", async () => {
  await fill();
  const file = await backup();
  const bytes = readFileSync(file);
  const place = bytes.indexOf("vvvvvvvv");
  for (const damaged of [place, Math.floor(place / 4096) * 4096 + 16]) {
    const copy = Buffer.from(bytes);
    copy.fill(0xff, damaged, damaged + 4);
    writeFileSync(file, copy);
    const { exit, stdout, stderr } = await offline(file);
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: "" });
    expect(stderr).toContain("backup.db: altered or truncated: the SHA-256");
  }
});
