// What the page reads of keys: levels, counts, values, versions, searches and sizes.
import { parse } from "yaml";
import { startEmbeddedServer, type EmbeddedServer } from "../../src/index";
import { encodeStored, type TreeObject } from "../../src/kubernetes/stored";
import type { RangeRequest } from "../../src/proto/gen/etcdserverpb";
import type { Entry, Level } from "../../src/ui/api";
import { seeded } from "../support/seeded";
import { key64, UiPage } from "../support/ui-page";

let server: EmbeddedServer;
let page: UiPage;
beforeEach(async () => {
  server = await startEmbeddedServer();
  page = await UiPage.start([], { env: { ETCDCTL_ENDPOINTS: server.endpoint } });
});
afterEach(async () => {
  await page[Symbol.asyncDispose]();
  await server.stop();
});

const put = (key: string | Buffer, value: string | Buffer = "") => server.client().kv.put({ key, value });

/** Writes keys fast. */
async function putAll(keys: readonly string[]): Promise<void> {
  for (let at = 0; at < keys.length; at += 100) {
    const some = keys
      .slice(at, at + 100)
      .map((key) => ({ request: { case: "requestPut", value: { key } } }) as const);
    await server.client().kv.txn({ success: some });
  }
}

const numbered = (count: number, prefix: string) =>
  Array.from({ length: count }, (_, at) => `${prefix}${String(at).padStart(5, "0")}`);

const shown = ({ kind, key, label }: Entry) =>
  `${kind} ${label} ${Buffer.from(key, "base64").toString("latin1")}`;

async function level(prefix: string | Buffer, after: string | null = null) {
  return page.call("level", { prefix: key64(prefix), after });
}

/** All entries of a level: a slow server sends them in several pages. */
async function wholeLevel(prefix: string): Promise<Entry[]> {
  const found: Entry[] = [];
  for (let after: string | null = null; ;) {
    const { entries, next }: Level = await level(prefix, after);
    found.push(...entries);
    after = next;
    if (after === null) return found;
  }
}

describe("a level", () => {
  test("has folders and keys in the order of their bytes", async () => {
    for (const key of ["/", "/a", "/a/1", "/a/b/2", "/a//3", "/b/", "plain", "plain/x"]) await put(key);
    expect((await level("")).entries.map(shown)).toEqual([
      "folder / /",
      "key plain plain",
      "folder plain/ plain/",
    ]);
    expect((await level("/")).entries.map(shown)).toEqual([
      "key  /",
      "key a /a",
      "folder a/ /a/",
      "folder b/ /b/",
    ]);
    expect((await level("/a/")).entries.map(shown)).toEqual([
      "folder / /a//",
      "key 1 /a/1",
      "folder b/ /a/b/",
    ]);
    expect((await level("/b/")).entries.map(shown)).toEqual(["key  /b/"]);
    expect(await level("/c/")).toEqual({ entries: [], next: null });
  });

  test("of an empty store is empty", async () => {
    expect(await level("")).toEqual({ entries: [], next: null });
  });

  test("reads few keys, however many are in its folders", async () => {
    await putAll(["x", "y", "z"].flatMap((folder) => numbered(3000, `/${folder}/`)));
    server.requests.clear();
    expect((await wholeLevel("/")).map(({ label }) => label)).toEqual(["x/", "y/", "z/"]);
    const ranges = server.requests.of("kv.range").map(({ request }) => request);
    expect(ranges.every(({ keysOnly, limit }) => keysOnly === true && (limit as bigint) <= 64n)).toBe(true);
    expect(ranges.length).toBeLessThanOrEqual(12);
  });

  test("of many keys comes in pages", async () => {
    await putAll(numbered(450, "/k/"));
    const labels: string[] = [];
    let pages = 0;
    for (let after: string | null = null; ; pages++) {
      const { entries, next } = await level("/k/", after);
      expect(entries.length).toBeLessThanOrEqual(200);
      labels.push(...entries.map(({ label }) => label));
      after = next;
      if (after === null) break;
    }
    expect({ labels, pages }).toEqual({ labels: numbered(450, ""), pages: expect.any(Number) as number });
    expect(pages).toBeGreaterThan(1);
  });

  test("has every name once, whatever the keys are", async () => {
    const random = seeded(13);
    const pick = (from: readonly string[]) => from[random(from.length)] ?? "";
    const parts = ["a", "ab", "b", "/", "web-0000000000000000000000", "1", "\x00", "\u00ff", "z", "~"];
    const keys = new Set<string>();
    while (keys.size < 2000) keys.add(Array.from({ length: 7 }, () => pick(parts)).join(""));
    for (let at = 0; at < 7000; at++) keys.add(`web-${pick(["x", "y"])}/${at}`);
    for (let at = 0; at < 7000; at++) keys.add(`ab/${String(at).padStart(40, "0")}`);
    await putAll([...keys]);
    for (const prefix of ["", "a", "ab/", "web-x/", "b/"]) {
      const names = new Set<string>();
      for (const key of keys) {
        if (!key.startsWith(prefix)) continue;
        const end = key.indexOf("/", prefix.length);
        names.add(Buffer.from(end < 0 ? key : key.slice(0, end + 1)).toString("base64"));
      }
      const found = (await wholeLevel(prefix)).map(({ key }) => key);
      expect({ prefix, names: found.sort() }).toEqual({ prefix, names: [...names].sort() });
    }
  });

  test("makes the server count few keys, however many folders are beside each other", async () => {
    await putAll(Array.from({ length: 40 }, (_, at) => numbered(1500, `/ns-${at}/`)).flat());
    let counted = 0;
    server.requests.clear();
    const entries = await wholeLevel("/");
    const ranges = server.requests.of("kv.range").map(({ request }) => request as unknown as RangeRequest);
    for (const { key, rangeEnd } of ranges) {
      counted += Number((await server.client().kv.range({ key, rangeEnd, countOnly: true })).count);
    }
    expect(entries).toHaveLength(40);
    // 60,000 keys; a range to the end for each folder would count 1,230,000.
    expect(counted).toBeLessThan(700_000);
  });

  test("with bytes that are no text, or that a page or a terminal would obey, has harmless labels", async () => {
    const names = ["<b>", "\x1b]0;x\x07", "\u202egnp", "\u0085", "a\nb"].map((name) => Buffer.from(name));
    names.push(Buffer.of(0xff), Buffer.of(0xff, 0xff), Buffer.of(0));
    for (const name of names) await put(name);
    const { entries } = await level("");
    expect(entries.map(({ label }) => label).sort()).toEqual(
      ["<b>", "\\x1b]0;x\\x07", "\\u202egnp", "\\x85", "a\\x0ab", "\\xff", "\\xff\\xff", "\\x00"].sort(),
    );
    for (const { key } of entries) expect((await page.call("key", { key })).exists).toBe(true);
  });

  test("ends after a folder of 0xff bytes", async () => {
    await put(Buffer.from([0xff, 0x2f, 0x61]));
    await put(Buffer.from([0xff, 0xff]));
    expect((await level("")).entries.map(({ label }) => label)).toEqual(["\\xff/", "\\xff\\xff"]);
  });
});

test("counts are those of all keys below", async () => {
  await putAll([...numbered(30, "/a/b/"), ...numbered(12, "/a/c/"), "x"]);
  const prefixes = ["", "/a/", "/a/b/", "/none/"].map(key64);
  expect(await page.call("counts", { prefixes })).toEqual({ counts: [43, 42, 30, 0] });
});

describe("a key", () => {
  const value = async (key: string, more: object = {}) =>
    (await page.call("key", { key: key64(key), ...more })).value;

  test("is shown with what the store knows of it", async () => {
    const { ID } = await server.client().lease.leaseGrant({ TTL: 1000n });
    await put("a", "1");
    await server.client().kv.put({ key: "a", value: "hello", lease: ID });
    expect(await page.call("key", { key: key64("a") })).toEqual({
      ...{ label: "a", exists: true, sizeBytes: 5, version: "2", createRevision: "2", modRevision: "3" },
      ...{ lease: ID.toString(16), leaseSeconds: expect.any(Number) as number, editable: "hello" },
      value: { kind: "text", text: "hello", note: "" },
    });
    expect((await page.call("key", { key: key64("a"), revision: "2" })).value.text).toBe("1");
  });

  test("that does not exist is said to be absent", async () => {
    expect(await page.call("key", { key: key64("none") })).toMatchObject({ exists: false, sizeBytes: 0 });
  });

  test("with JSON is indented, and its numbers stay as they are", async () => {
    await put("a", '{"n":12345678901234567890,"e":[],"o":{},"s":"a{,\\"b","l":[1.50,null]}');
    expect(await value("a")).toEqual({
      kind: "json",
      note: "",
      text: [
        "{",
        '  "n": 12345678901234567890,',
        '  "e": [],',
        '  "o": {},',
        '  "s": "a{,\\"b",',
        '  "l": [',
        "    1.50,",
        "    null",
        "  ]",
        "}",
      ].join("\n"),
    });
  });

  test("with other bytes is a hex dump, and base64 on demand", async () => {
    await put("a", Buffer.from([0, 1, 0xff, 0x41]));
    expect(await value("a")).toEqual({
      ...{ kind: "binary", note: "" },
      text: "00000000  00 01 ff 41                                      |...A|",
    });
    expect(await value("a", { encoding: "base64" })).toMatchObject({ text: "AAH/QQ==" });
    expect(await value("a", { encoding: "text" })).toMatchObject({ text: "\\x00\\x01\\xffA" });
    expect((await page.call("key", { key: key64("a") })).editable).toBeNull();
    expect((await page.send("raw", { key: key64("a") })).body).toEqual(Buffer.from([0, 1, 0xff, 0x41]));
  });

  test("of two MiB is cut, and downloads whole", async () => {
    await server.stop();
    server = await startEmbeddedServer({ limits: { maxRequestBytes: 4 << 20 } });
    await page[Symbol.asyncDispose]();
    page = await UiPage.start([], { env: { ETCDCTL_ENDPOINTS: server.endpoint } });
    await put("a", "x".repeat(1_500_000));
    const { text, note } = await value("a");
    expect({ size: text.length, note }).toEqual({
      size: 1 << 20,
      note: "the first 1024 KiB; download it to see all",
    });
    expect((await page.send("raw", { key: key64("a") })).body.length).toBe(1_500_000);
  });

  test("with escapes of a terminal and marks of the writing direction shows them as text", async () => {
    await put("a", "\x1b[31mred\u202e\nnext\r\n\ttab");
    expect(await value("a")).toEqual({ kind: "text", note: "", text: "\\x1b[31mred\\u202e\nnext\n\ttab" });
  });

  test("that is a secret is not sent before it is asked for, in no form and in no diff", async () => {
    await put("/registry/secrets/default/s", "password-1");
    await put("/registry/secrets/default/s", "password-2");
    const key = key64("/registry/secrets/default/s");
    for (const encoding of ["decoded", "text", "hex", "base64"] as const) {
      const { body } = await page.send("key", { key, encoding });
      expect(body.toString()).toContain('"kind":"hidden"');
      expect(body.toString()).not.toMatch(/password|70 61 73|cGFzc3/);
    }
    expect((await value("/registry/secrets/default/s", { reveal: true })).text).toBe("password-2");
    const diff = { key, from: "2", to: "3" };
    expect(await page.call("diff", diff)).toMatchObject({ lines: [], isHidden: true });
    expect((await page.call("diff", { ...diff, reveal: true })).lines).toEqual([
      { kind: "removed", text: "password-1" },
      { kind: "added", text: "password-2" },
    ]);
  });
});

describe("an object of Kubernetes", () => {
  const stored = (object: object) => encodeStored(object as TreeObject);
  const secret = {
    ...{ apiVersion: "v1", kind: "Secret", type: "Opaque" },
    metadata: {
      name: "s",
      annotations: {
        "kubectl.kubernetes.io/last-applied-configuration": '{"data":"cGFzc3dvcmQ="}',
        other: "1",
      },
    },
    data: { password: "cGFzc3dvcmQ=" },
  };

  test("is shown as kubectl shows it", async () => {
    const configMap = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "c" }, data: { a: "1" } };
    await put("/registry/configmaps/default/c", stored(configMap));
    const { value, editable } = await page.call("key", { key: key64("/registry/configmaps/default/c") });
    expect({ kind: value.kind, object: parse(value.text) as unknown, editable }).toEqual({
      ...{ kind: "yaml", object: configMap, editable: null },
    });
  });

  test("that is a Secret hides its values, wherever it is, until they are asked for", async () => {
    await put("/elsewhere/s", stored(secret));
    const key = key64("/elsewhere/s");
    const { body } = await page.send("key", { key });
    expect(body.toString()).not.toContain("cGFzc3dvcmQ");
    const { value } = await page.call("key", { key });
    expect(value.kind).toBe("hidden");
    expect(parse(value.text)).toMatchObject({
      metadata: { name: "s", annotations: { other: "1" } },
      data: { password: "(hidden, 8 bytes)" },
    });
    expect((await page.call("key", { key, encoding: "base64" })).value).toMatchObject({ kind: "hidden" });
    expect(parse((await page.call("key", { key, reveal: true })).value.text)).toMatchObject(secret);
  });

  test("that is encrypted names the provider and the key", async () => {
    await put("/registry/x", "k8s:enc:aescbc:v1:key1:\x01\x02");
    const { value } = await page.call("key", { key: key64("/registry/x") });
    expect(value).toMatchObject({
      kind: "binary",
      note: "Encrypted by Kubernetes: provider aescbc v1, key key1.",
    });
  });
});

describe("the history of a key", () => {
  test("has every version, newest first, deletions too", async () => {
    await put("a", "one");
    await put("b", "other");
    await put("a", "two");
    await server.client().kv.deleteRange({ key: "a" });
    await put("a", "four");
    const { versions, compactedAt, omitted } = await page.call("history", { key: key64("a") });
    expect(
      versions.map(({ revision, change, version, sizeBytes }) => [revision, change, version, sizeBytes]),
    ).toEqual([
      ["6", "put", "1", 4],
      ["5", "delete", "0", 0],
      ["4", "put", "2", 3],
      ["2", "put", "1", 3],
    ]);
    expect({ compactedAt, omitted }).toEqual({ compactedAt: "", omitted: 0 });
  });

  test("shows the version that a compaction kept, though its revision is compacted", async () => {
    await put("a", "one");
    await put("a", "two");
    for (let i = 0; i < 3; i++) await put("other", String(i));
    await server.client().kv.compact({ revision: 5n });
    const key = key64("a");
    const { versions } = await page.call("history", { key });
    expect(versions.map(({ revision }) => revision)).toEqual(["3"]);
    const { lines } = await page.call("diff", { key, from: "0", to: "3" });
    expect(lines).toEqual([{ kind: "added", text: "two" }]);
    expect((await page.call("key", { key, revision: "3" })).value).toMatchObject({ text: "two" });
    expect((await page.send("key", { key, revision: "2" })).status).toBe(502);
  });

  test("begins at the compaction, and says so", async () => {
    for (const value of ["1", "2", "3"]) await put("a", value);
    await server.client().kv.compact({ revision: 3n });
    const { versions, compactedAt } = await page.call("history", { key: key64("a") });
    expect({ revisions: versions.map(({ revision }) => revision), compactedAt }).toEqual({
      ...{ revisions: ["4", "3"], compactedAt: "3" },
    });
  });

  test("of a key that never existed is empty", async () => {
    expect((await page.call("history", { key: key64("none") })).versions).toEqual([]);
  });

  test("shows what changed between two versions, line by line", async () => {
    await put("a", '{"a":1,"b":2}');
    await put("a", '{"a":1,"b":3}');
    const { lines } = await page.call("diff", { key: key64("a"), from: "2", to: "3" });
    expect(lines).toEqual([
      { kind: "same", text: "{" },
      { kind: "same", text: '  "a": 1,' },
      { kind: "removed", text: '  "b": 2' },
      { kind: "added", text: '  "b": 3' },
      { kind: "same", text: "}" },
    ]);
    expect(
      (await page.call("diff", { key: key64("a"), from: "0", to: "2" })).lines.map(({ kind }) => kind),
    ).toEqual(Array(4).fill("added"));
    expect((await page.call("diff", { key: key64("a"), from: "2", to: "2" })).note).toBe(
      "Both values are the same.",
    );
  });
});

describe("a search", () => {
  test("finds keys below a prefix, without regard to case unless the text has a capital", async () => {
    for (const key of ["/a/Web-1", "/a/web-2", "/b/web-3", "/a/db"]) await put(key);
    const found = async (text: string, prefix = "") =>
      (await page.lines("search", { prefix: key64(prefix), text })).flatMap((line) =>
        "found" in line ? line.found.map(({ label }) => label) : [],
      );
    expect(await found("web")).toEqual(["/a/Web-1", "/a/web-2", "/b/web-3"]);
    expect(await found("Web")).toEqual(["/a/Web-1"]);
    expect(await found("web", "/a/")).toEqual(["/a/Web-1", "/a/web-2"]);
    expect(await found("none")).toEqual([]);
  });

  test("ends at 500 keys, and reads no values", async () => {
    await putAll(numbered(1200, "/k/"));
    server.requests.clear();
    const lines = await page.lines("search", { prefix: "", text: "k" });
    expect(lines.flatMap((line) => ("found" in line ? line.found : []))).toHaveLength(500);
    expect(lines.at(-1)).toEqual({ end: "limit" });
    expect(server.requests.of("kv").every(({ request }) => request["keysOnly"] === true)).toBe(true);
  });
});

test("sizes are summed for each name below a prefix, the largest first", async () => {
  await put("/a/x/1", "12345");
  await put("/a/x/2", "1");
  await put("/a/key", "1234567890123");
  await put("/b", "far away");
  const [line] = (await page.lines("sizes", { prefix: key64("/a/") })).slice(-1);
  expect(line).toEqual({
    ...{ scanned: 3, total: 3, bytes: 37, others: { names: 0, keys: 0, bytes: 0 } },
    sizes: [
      { kind: "key", key: key64("/a/key"), label: "key", keys: 1, keyBytes: 6, valueBytes: 13 },
      { kind: "folder", key: key64("/a/x/"), label: "x/", keys: 2, keyBytes: 12, valueBytes: 6 },
    ],
  });
});

test("sizes of many names are joined, and none is lost", async () => {
  await putAll(numbered(1000, "/k/"));
  const [line] = (await page.lines("sizes", { prefix: key64("/k/") })).slice(-1);
  expect(line?.sizes).toHaveLength(100);
  expect(line?.others).toEqual({ names: 900, keys: 900, bytes: 900 * 8 });
});
