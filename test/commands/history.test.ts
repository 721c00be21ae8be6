import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { startEmbeddedServer, type EmbeddedServer } from "../../src/index";
import { runMain } from "../support/run-main";
import { workFolder } from "../support/work-folder";

let server: EmbeddedServer;
beforeEach(async () => {
  server = await startEmbeddedServer();
});
afterEach(() => server.stop());

const folder = workFolder();

const run = (...words: string[]) =>
  runMain(words, { env: { ETCDCTL_ENDPOINTS: server.endpoint }, cwd: folder() });

async function put(key: string, value: string): Promise<void> {
  await server.client().kv.put({ key, value });
}

const del = (key: string) => server.client().kv.deleteRange({ key });

async function valueOf(key: string): Promise<string | undefined> {
  return (await server.client().kv.range({ key })).kvs[0]?.value.toString();
}

describe("history", () => {
  test("shows every version with what changed, deletions included", async () => {
    await put("a", "one\ntwo");
    await put("b", "x");
    await put("a", "one\n2");
    await del("a");
    await put("a", "new");
    const { exit, stdout, stderr } = await run("history", "a");
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
    expect(stdout).toBe(
      [
        "revision 2  put  a  version 1, 7 bytes",
        "    +one",
        "    +two",
        "revision 4  put  a  version 2, 5 bytes",
        "     one",
        "    -two",
        "    +2",
        "revision 5  delete  a",
        "    -one",
        "    -2",
        "revision 6  put  a  version 1, 3 bytes",
        "    +new",
        "",
      ].join("\n"),
    );
  });

  test("--prefix covers all keys below, --no-values leaves out the values", async () => {
    await put("a/1", "x");
    await put("b", "x");
    await put("a/2", "y");
    expect((await run("history", "a/", "--prefix", "--no-values")).stdout).toBe(
      "revision 2  put  a/1  version 1, 1 byte\nrevision 4  put  a/2  version 1, 1 byte\n",
    );
  });

  test("says from where on the history is known, and shows older keys as they were then", async () => {
    await put("a", "1");
    await put("a", "2");
    await put("c", "3");
    await put("a", "4");
    await server.client().kv.compact({ revision: 4, physical: true });
    const { stdout, stderr } = await run("history", "", "--prefix");
    expect(stderr).toContain("hint: changes before revision 4 are compacted");
    expect(stdout.match(/^revision.*/gm)).toEqual([
      "revision 3  put  a  version 2, 1 byte",
      "revision 4  put  c  version 1, 1 byte",
      "revision 5  put  a  version 3, 1 byte",
    ]);
  });

  test("prints events in the other formats", async () => {
    await put("a", "1");
    await del("a");
    expect((await run("history", "a", "-w", "jsonl")).stdout).toBe(
      [
        '{"type":"PUT","key":"a","value":"1","create_revision":2,"mod_revision":2,"version":1}',
        '{"type":"DELETE","key":"a","mod_revision":3,"prev_kv":{"key":"a","value":"1","create_revision":2,"mod_revision":2,"version":1}}',
        "",
      ].join("\n"),
    );
  });

  test("works on a backup and on a data dir", async () => {
    await put("a", "1");
    await put("a", "2");
    await run("snapshot", "save", "backup.db");
    const offline = await run(`--offline=${path.join(folder(), "backup.db")}`, "history", "a", "--no-values");
    expect(offline.stdout).toBe(
      "revision 2  put  a  version 1, 1 byte\nrevision 3  put  a  version 2, 1 byte\n",
    );
  });

  test("a key that was never there is an error", async () => {
    expect(await run("history", "a")).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining('Error: no version of "a" is stored\n') as string,
    });
  });
});

describe("revert", () => {
  test("writes the value that the key had at a revision", async () => {
    await put("a", "good");
    await put("a", "bad");
    expect(await run("revert", "a", "--rev", "2")).toMatchObject({ exit: 0, stdout: "OK\n" });
    expect(await valueOf("a")).toBe("good");
  });

  test("keeps the lease of the key, and writes a deleted key without one", async () => {
    const { ID } = await server.client().lease.leaseGrant({ TTL: 600 });
    await put("a", "good");
    await server.client().kv.put({ key: "a", value: "bad", lease: ID });
    await run("revert", "a", "--rev", "2");
    expect((await server.client().kv.range({ key: "a" })).kvs).toMatchObject([{ lease: ID }]);
    await del("a");
    await run("revert", "a", "--rev", "2");
    expect(await valueOf("a")).toBe("good");
  });

  test("--dry-run shows what would change", async () => {
    await put("a", "good");
    await put("a", "bad");
    const { stdout, stderr } = await run("revert", "a", "--rev", "2", "--dry-run");
    expect({ stdout, stderr }).toEqual({
      stdout: "    -bad\n    +good\n",
      stderr: "hint: this was a dry run, nothing has been written\n",
    });
    expect(await valueOf("a")).toBe("bad");
  });

  test("a revision without the key is an error", async () => {
    await put("b", "1");
    await put("a", "1");
    const { exit, stderr } = await run("revert", "a", "--rev", "2");
    expect(exit).toBe(1);
    expect(stderr).toContain('Error: "a" did not exist at revision 2\n');
    expect((await run("revert", "a")).stderr).toContain('required flag(s) "rev" not set');
  });
});

describe("undelete", () => {
  test("writes deleted keys again, with their last values", async () => {
    await put("a/1", "one");
    await put("a/1", "two");
    await put("a/2", "x");
    await put("a/3", "stays");
    await server.client().kv.deleteRange({ key: "a/1", rangeEnd: "a/3" });
    const { exit, stdout, stderr } = await run("undelete", "a/", "--prefix");
    expect({ exit, stdout, stderr }).toEqual({
      exit: 0,
      stdout: "a/1\na/2\n",
      stderr: "hint: 2 keys written, without leases\n",
    });
    expect([await valueOf("a/1"), await valueOf("a/2"), await valueOf("a/3")]).toEqual(["two", "x", "stays"]);
  });

  test("--dry-run names the keys and writes nothing", async () => {
    await put("a", "1");
    await del("a");
    const { stdout, stderr } = await run("undelete", "a", "--dry-run");
    expect({ stdout, stderr }).toEqual({
      stdout: "a\n",
      stderr: "hint: 1 key would be written, without leases\n",
    });
    expect(await valueOf("a")).toBeUndefined();
  });

  test("a key that exists was not deleted", async () => {
    await put("a", "1");
    expect(await run("undelete", "a")).toMatchObject({
      exit: 1,
      stderr: expect.stringMatching(/^Error: "a" is not deleted\nhint: .*revert --rev N/) as string,
    });
    expect(await run("undelete", "a", "--prefix")).toMatchObject({
      exit: 1,
      stderr: expect.stringMatching(
        /^Error: no deletion of "a" is stored\nhint: the keys exist, or/,
      ) as string,
    });
    expect((await run("undelete", "b")).stderr).toContain("hint: there was no such key, or the history");
  });

  test("a key that could not be written is not printed", async () => {
    await put("a", "1");
    await del("a");
    server.faults.fail({ methods: "kv.txn", error: "requestTooManyRequests" });
    const { exit, stdout } = await run("undelete", "a");
    expect({ isFailure: exit !== 0, stdout }).toEqual({ isFailure: true, stdout: "" });
  });
});

describe("del --backup", () => {
  test("writes what it deletes to a private file, which import reads", async () => {
    await put("a/1", "one");
    await put("a/2", "two");
    await put("b", "stays");
    expect(await run("del", "a/", "--prefix", "--backup", "keys.jsonl")).toMatchObject({
      exit: 0,
      stdout: "2\n",
    });
    expect(await valueOf("a/1")).toBeUndefined();
    expect(readFileSync(path.join(folder(), "keys.jsonl"), "utf8")).toContain('"end":true,"keys":2');
    expect((await run("import", "keys.jsonl")).stdout).toBe("2 added, 0 changed, 0 unchanged, 0 skipped\n");
    expect([await valueOf("a/1"), await valueOf("b")]).toEqual(["one", "stays"]);
  });

  test("an existing file is not overwritten, and nothing is deleted", async () => {
    await put("a", "1");
    writeFileSync(path.join(folder(), "keys.jsonl"), "precious");
    const { exit, stderr } = await run("del", "a", "--backup", "keys.jsonl");
    expect(exit).toBe(6);
    expect(stderr).toMatch(
      /^Error: cannot write the backup .*keys.jsonl: file exists\nhint: nothing has been deleted\n$/,
    );
    expect(await valueOf("a")).toBe("1");
  });

  test("without keys there is no file", async () => {
    expect((await run("del", "a", "--backup", "keys.jsonl")).stdout).toBe("0\n");
    expect(existsSync(path.join(folder(), "keys.jsonl"))).toBe(false);
  });
});
