// `diff` of two backups or data dirs, which compares the files themselves, and places that are profiles.
import { gzipSync } from "node:zlib";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { startEmbeddedServer, type EmbeddedServer } from "../../../src/index";
import { configText, encryptedValues, storedValue } from "../../kubernetes/encrypted-values";
import { runMain } from "../../support/run-main";
import { seeded } from "../../support/seeded";
import { workFolder } from "../../support/work-folder";

const folder = workFolder();
let server: EmbeddedServer;
beforeEach(async () => {
  server = await startEmbeddedServer({
    keys: { a: "1", b: "line 1\nline 2", c: "3", "x/1": "", "x/2": "2" },
  });
});
afterEach(() => server.stop());

async function etcdctl(...words: string[]) {
  const env = { ETCDCTL_ENDPOINTS: server.endpoint, HOME: folder() };
  const { exit, stdout, stderr } = await runMain(words, { env, cwd: folder() });
  return { exit, stdout, stderr };
}

const diff = (...words: string[]) => etcdctl("diff", ...words);
const save = (name: string) => etcdctl("snapshot", "save", name);

async function change(): Promise<void> {
  const { kv } = server.client();
  await kv.put({ key: "a", value: "2" });
  await kv.put({ key: "a", value: "1" }); // as before
  await kv.put({ key: "b", value: "line 1\nline two" });
  await kv.deleteRange({ key: "c" });
  await kv.put({ key: "d", value: Buffer.alloc(5000, "d") });
  await kv.put({ key: "x/1", value: "no longer empty" });
  await kv.put({ key: "short", value: "lived" });
  await kv.deleteRange({ key: "short" });
}

test("equal backups have no difference", async () => {
  await save("one.db");
  await save("two.db");
  expect(await diff("one.db", "two.db")).toEqual({ exit: 0, stdout: "", stderr: "" });
  expect(await diff("one.db", "one.db")).toEqual({ exit: 0, stdout: "", stderr: "" });
});

test("two backups differ as the cluster does at their revisions, in every format", async () => {
  await save("one.db");
  const before = `@${(await server.client().kv.range({ key: "a" })).header?.revision}`;
  await change();
  await save("two.db");
  for (const words of [[], ["x/"], ["--values"], ["--count-only"], ["-w", "jsonl"], ["-w", "yaml", "x"]]) {
    const [at, ...flags] = words[0]?.startsWith("x") === true ? words : ["", ...words];
    const prefix = at === "" ? [] : [at as string];
    const ofFiles = await diff("one.db", "two.db", ...prefix, ...flags);
    expect(ofFiles).toEqual(await diff(before, "@latest", ...prefix, ...flags));
    expect(ofFiles).toMatchObject({ exit: 1, stderr: "" });
  }
  expect((await diff("one.db", "two.db")).stdout).toBe("~ b\n- c\n+ d\n~ x/1\n");
  expect((await diff("two.db", "one.db", "--count-only")).stdout).toBe("1 added, 1 removed, 2 changed\n");
});

test("a compressed backup and a data dir are read like a backup", async () => {
  await save("one.db");
  writeFileSync(path.join(folder(), "one.db.gz"), gzipSync(readFileSync(path.join(folder(), "one.db"))));
  await runMain(["snapshot", "restore", "one.db", "--data-dir", "dir"], { cwd: folder() }, "etcdutl");
  await change();
  await save("two.db");
  const expected = { exit: 1, stdout: "~ b\n- c\n+ d\n~ x/1\n", stderr: "" };
  expect(await diff("one.db.gz", "two.db")).toEqual(expected);
  expect(await diff("dir", "two.db")).toEqual(expected);
  expect(await diff("dir", "one.db.gz")).toEqual({ exit: 0, stdout: "", stderr: "" });
});

test("changes that are only in the log of a data dir count", async () => {
  await save("one.db");
  await runMain(["snapshot", "restore", "one.db", "--data-dir", "dir"], { cwd: folder() }, "etcdutl");
  cpSync(path.join(folder(), "dir"), path.join(folder(), "own"), { recursive: true });
  writeFileSync(path.join(folder(), "own", "etcdctl.own"), "");
  const put = await etcdctl(`--offline=${path.join(folder(), "own")}`, "put", "late", "1");
  expect(put.exit).toBe(0);
  expect(await diff("dir", "own")).toEqual({ exit: 1, stdout: "+ late\n", stderr: "" });
  expect((await etcdctl(`--offline=${path.join(folder(), "own")}`, "usage", "--top", "1")).stdout).toMatch(
    /^total +6 /m,
  );
});

test("an altered backup is trouble, with the reason", async () => {
  await save("one.db");
  const bytes = readFileSync(path.join(folder(), "one.db"));
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 40) ^ 1, bytes.length - 40);
  writeFileSync(path.join(folder(), "bad.db"), bytes);
  const { exit, stdout, stderr } = await diff("one.db", "bad.db");
  expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
  expect(stderr).toContain("bad.db: altered or truncated: the SHA-256");
});

test("many keys with a random history differ as the cluster does", async () => {
  const random = seeded(11);
  const { kv } = server.client();
  const step = async (count: number) => {
    for (let at = 0; at < count; at++) {
      const key = `many/${random(150)}`;
      if (random(4) === 0) await kv.deleteRange({ key });
      else await kv.put({ key, value: "v".repeat(random(3) * 1500) + String(random(2)) });
    }
  };
  await step(300);
  await save("one.db");
  const { header } = await kv.range({ key: "a" });
  await step(100);
  await save("two.db");
  const ofFiles = await diff("one.db", "two.db", "--values");
  expect(ofFiles).toEqual(await diff(`@${header?.revision}`, "@latest", "--values"));
  expect(ofFiles.stdout).toMatch(/^[-+~] many/m);
});

test("a profile is a place", async () => {
  const other = await startEmbeddedServer({ keys: { a: "1", e: "5" } });
  try {
    const file = path.join(folder(), ".config", "etcdctl", "profiles.yaml");
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, `profiles:\n  prod:\n    endpoints: [${other.endpoint}]\n`, { mode: 0o600 });
    expect((await diff("@latest", "prod")).stdout).toBe("- b\n- c\n+ e\n- x/1\n- x/2\n");
    await save("one.db");
    expect((await diff("prod", "one.db", "--count-only")).stdout).toBe("4 added, 1 removed, 0 changed\n");
    const { exit, stderr } = await diff("nosuch", "@latest");
    expect(exit).toBe(2);
    expect(stderr).toMatch(/^Error: nosuch is neither an endpoint, nor a file or directory, nor a profile,/);
  } finally {
    await other.stop();
  }
});

describe("--encryption-config", () => {
  const [value] = encryptedValues.filter(({ provider }) => provider === "aesgcm");
  if (value === undefined) throw new Error("no fixture");
  const { key } = value;
  const config = ["--encryption-config", "enc.yaml"];

  /** An encrypted object, and then the same one as plain text. */
  beforeEach(async () => {
    const keys = [{ name: "key1", secret: value.secret }];
    writeFileSync(path.join(folder(), "enc.yaml"), configText([{ provider: "aesgcm", keys }]));
    const { kv } = server.client();
    await kv.put({ key, value: storedValue(value, "key1") });
    await save("one.db");
    const opened = await etcdctl("get", key, ...config, "--print-value-only", "--decode=false");
    await kv.put({ key, value: Buffer.from(opened.stdout.slice(0, -1), "latin1") });
    await save("two.db");
  });

  test("values that the API server reads as the same do not differ", async () => {
    const plain = await diff("one.db", "two.db", "--count-only");
    expect(plain.stdout).toBe("0 added, 0 removed, 1 changed\n");
  });

  test("history and watch show opened values", async () => {
    for (const words of [
      ["history", key],
      ["watch", key, "--rev", "1"],
    ]) {
      const closed = await etcdctl(`--offline=${path.join(folder(), "one.db")}`, ...words, "-w", "yaml");
      expect(closed.stdout).not.toContain("kind: Secret");
      const opened = await etcdctl(
        `--offline=${path.join(folder(), "one.db")}`,
        ...words,
        "-w",
        "yaml",
        ...config,
      );
      expect(opened.stdout).toContain("kind: Secret");
    }
  });
});
