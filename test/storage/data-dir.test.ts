import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { CliError } from "../../src/errors";
import type { DatabaseContents } from "../../src/storage/contents";
import { openDataDir, type DataDir } from "../../src/storage/data-dir";
import { emptyContents } from "../support/empty-contents";
import { fixtureBytes, testFolder } from "./fixture-files";

const folder = testFolder();
let count = 0;
const freshPath = () => path.join(folder.path, `dir${count++}`);

function contentsWith(clusterVersion: string, records: DatabaseContents["records"] = []): DatabaseContents {
  return { ...emptyContents(clusterVersion), records };
}

async function saved(dir: string, version: string): Promise<void> {
  const opened = await openDataDir(dir, { mode: "write" });
  await save(opened, contentsWith(version));
  await opened.close();
}

async function save(opened: DataDir, contents: DatabaseContents): Promise<void> {
  if (opened.log === undefined || opened.isAdopted) {
    const log = await opened.create(contents, { NodeID: 1n, ClusterID: 2n });
    return log.close();
  }
  const log = await opened.continueLog(1n);
  try {
    await opened.checkpoint(contents, log);
  } finally {
    await log.close();
  }
}

async function versionIn(dir: string): Promise<string | undefined> {
  const opened = await openDataDir(dir, { mode: "read" });
  await opened.close();
  return opened.database?.clusterVersion;
}

async function errorOf(action: Promise<unknown>): Promise<CliError> {
  const error: unknown = await action.catch((thrown: unknown) => thrown);
  if (error instanceof CliError) return error;
  throw new Error(`no CliError: ${String(error)}`);
}

describe("etcdctl's data dir", () => {
  test("the first write creates the directory in etcd's layout, readable only by the owner", async () => {
    const dir = path.join(freshPath(), "deeper");
    await saved(dir, "3.5.0");
    const mode = (name: string) => statSync(path.join(dir, name)).mode & 0o777;
    expect([mode(""), mode("member"), mode("member/snap"), mode("member/snap/db")]).toEqual([
      0o700, 0o700, 0o700, 0o600,
    ]);
    expect(readdirSync(dir, { recursive: true }).sort()).toEqual([
      "member",
      "member/snap",
      "member/snap/0000000000000001-0000000000000001.snap",
      "member/snap/db",
      "member/wal",
      "member/wal/0000000000000000-0000000000000000.wal",
    ]);
    expect(await versionIn(dir)).toBe("3.5.0");
  });

  test("a read does not create the directory", async () => {
    const dir = freshPath();
    expect(await versionIn(dir)).toBeUndefined();
    expect(existsSync(dir)).toBe(false);
  });

  test("an open database stays readable after a save replaced its file", async () => {
    const dir = freshPath();
    const snap = path.join(dir, "member", "snap", "db");
    mkdirSync(path.dirname(snap), { recursive: true });
    writeFileSync(snap, fixtureBytes("etcd-3.5.snapshot"));
    writeFileSync(path.join(dir, "etcdctl.own"), "");
    const opened = await openDataDir(dir, { mode: "write" });
    const first = opened.database;
    await save(opened, contentsWith("3.6.0"));
    expect([...(first?.records ?? [])].length).toBeGreaterThan(40);
    await opened.close();
    expect(await versionIn(dir)).toBe("3.6.0");
    // The marker in the db file now shows that etcdctl wrote it.
    expect(readdirSync(dir)).toEqual(["member"]);
  });

  test("a failed save keeps the old file and leaves no other file", async () => {
    const dir = freshPath();
    await saved(dir, "3.5.0");
    const read = (): Buffer => {
      throw new Error("ENOSPC: no space left on device, write");
    };
    const source = { read, view: read };
    const record = { main: 2, sub: 0, tombstone: false, source, offset: 0, sizeBytes: 2000 };
    const opened = await openDataDir(dir, { mode: "write" });
    const error = await errorOf(save(opened, contentsWith("3.6.0", [record])));
    await opened.close();
    expect(error.message).toBe(`cannot save ${dir}: no space left on device`);
    const isLeftover = (name: string) => name.includes("tmp");
    expect(readdirSync(path.join(dir, "member", "snap")).filter(isLeftover)).toEqual([]);
    expect(await versionIn(dir)).toBe("3.5.0");
  });

  test("the next write removes the partial file of a crash", async () => {
    const dir = freshPath();
    await saved(dir, "3.5.0");
    const rest = path.join(dir, "member", "snap", "db.tmp-4711");
    writeFileSync(rest, "half");
    expect(await versionIn(dir)).toBe("3.5.0");
    expect(existsSync(rest)).toBe(true);
    await saved(dir, "3.6.0");
    expect(existsSync(rest)).toBe(false);
  });

  test("openDataDir reports why it cannot create the directory", async () => {
    const file = folder.file("plain", Buffer.from("x"));
    const error = await errorOf(openDataDir(path.join(file, "dir"), { mode: "write" }));
    expect(error.message).toMatch(/plain\/dir: (not a directory|ENOTDIR)/);
  });

  test("openDataDir refuses a damaged db file and releases the lock", async () => {
    const dir = freshPath();
    await saved(dir, "3.5.0");
    writeFileSync(path.join(dir, "member", "snap", "db"), "damaged");
    const error = await errorOf(openDataDir(dir, { mode: "write" }));
    expect(error.message).toContain("no bbolt database: it has only 7 bytes");
    expect(readdirSync(dir)).toEqual(["member"]);
  });

  test("openDataDir refuses to write to a member's data dir", async () => {
    const dir = freshPath();
    mkdirSync(path.join(dir, "member", "snap"), { recursive: true });
    writeFileSync(path.join(dir, "member", "snap", "db"), fixtureBytes("etcd-3.5.snapshot"));
    const error = await errorOf(openDataDir(dir, { mode: "write" }));
    expect(error.message).toBe(`${dir} is a member's data dir: it is only read offline, never written`);
  });

  test("a save refuses a directory that was deleted since it was opened", async () => {
    const dir = freshPath();
    await saved(dir, "3.5.0");
    const opened = await openDataDir(dir, { mode: "write" });
    rmSync(path.join(dir, "etcdctl.lock"));
    const error = await errorOf(save(opened, contentsWith("3.6.0")));
    await opened.close();
    expect(error.message).toBe(`cannot save ${dir}: the directory was replaced`);
    expect(await versionIn(dir)).toBe("3.5.0");
  });

  test("openDataDir refuses a directory whose log is elsewhere, and opens it with the log's directory", async () => {
    const dir = freshPath();
    const walDir = freshPath();
    const opened = await openDataDir(dir, { mode: "write", walDir });
    await save(opened, contentsWith("3.5.0"));
    await opened.close();
    const error = await errorOf(openDataDir(dir, { mode: "write" }));
    expect(error.message).toBe(`the write-ahead log of ${dir} is not in ${dir}/member/wal`);
    const again = await openDataDir(dir, { mode: "write", walDir });
    expect(again.log?.metadata).toEqual({ NodeID: 1n, ClusterID: 2n });
    await again.close();
  });

  test("a directory of which a crash left only the log is made anew", async () => {
    const dir = freshPath();
    await saved(dir, "3.5.0");
    rmSync(path.join(dir, "member", "snap", "db"));
    await saved(dir, "3.6.0");
    expect(await versionIn(dir)).toBe("3.6.0");
  });
});

describe("two writers of one data dir", () => {
  test("writers wait for each other and lose no change", async () => {
    const dir = freshPath();
    const order: string[] = [];
    const write = async (name: string) => {
      const opened = await openDataDir(dir, { mode: "write" });
      order.push(`${name} in, sees ${opened.database?.clusterVersion ?? "nothing"}`);
      await save(opened, contentsWith(`${opened.database?.clusterVersion ?? ""}${name}`));
      order.push(`${name} out`);
      await opened.close();
    };
    await Promise.all(["a", "b", "c"].map(write));
    expect((await versionIn(dir))?.split("").sort()).toEqual(["a", "b", "c"]);
    for (let i = 0; i < order.length; i += 2) expect(order[i + 1]).toBe(`${order[i]?.charAt(0)} out`);
  });

  test("the wait for the lock times out with an error that names the holder", async () => {
    const dir = freshPath();
    const holder = await openDataDir(dir, { mode: "write" });
    const error = await errorOf(openDataDir(dir, { mode: "write", lockWaitMs: 50 }));
    expect(error.message).toMatch(
      new RegExp(`^the data dir is in use: process ${process.pid} on \\S+ holds .*etcdctl.lock`),
    );
    expect(error.hints).toEqual([
      "it is in use in this process: wait for the stop() of the server that has it",
    ]);
    await holder.close();
  });

  test("a signal interrupts the wait for the lock", async () => {
    const dir = freshPath();
    const holder = await openDataDir(dir, { mode: "write" });
    const abort = new AbortController();
    const waiting = openDataDir(dir, { mode: "write", signal: abort.signal });
    const reason = new Error("interrupted");
    abort.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await holder.close();
  });

  test("a reader does not wait for a writer", async () => {
    const dir = freshPath();
    await saved(dir, "3.5.0");
    const holder = await openDataDir(dir, { mode: "write" });
    expect(await versionIn(dir)).toBe("3.5.0");
    await holder.close();
  });
});

describe("a lock file without a living owner", () => {
  async function withLock(content: string, use: (dir: string, lock: string) => Promise<void>): Promise<void> {
    const dir = freshPath();
    await saved(dir, "3.5.0");
    const lock = path.join(dir, "etcdctl.lock");
    writeFileSync(lock, content);
    await use(dir, lock);
    rmSync(lock, { force: true });
  }
  const held = async (): Promise<Record<string, unknown>> => {
    const dir = freshPath();
    const opened = await openDataDir(dir, { mode: "write" });
    const content = JSON.parse(readFileSync(path.join(dir, "etcdctl.lock"), "utf8")) as Record<
      string,
      unknown
    >;
    await opened.close();
    return content;
  };

  test("writers take over the lock of a dead process one at a time", async () => {
    const gone = JSON.stringify({ ...(await held()), pid: 2 ** 22 + 1 });
    await withLock(gone, async (dir, lock) => {
      await Promise.all(["1", "2", "3"].map((version) => saved(dir, version)));
      expect(existsSync(lock)).toBe(false);
    });
  });

  test("a writer takes over the lock of an earlier process with the same pid", async () => {
    const { started, ...rest } = await held();
    if (started === "") return;
    await withLock(JSON.stringify({ ...rest, started: "1" }), (dir) => saved(dir, "3.6.0"));
  });

  test("a writer does not take over the lock of another host and prints what to do", async () => {
    await withLock(JSON.stringify({ ...(await held()), host: "elsewhere" }), async (dir, lock) => {
      const error = await errorOf(openDataDir(dir, { mode: "write", lockWaitMs: 0 }));
      expect(error.message).toContain(`on elsewhere holds ${lock}`);
      expect(error.hints).toEqual([`remove ${lock} if no process uses the directory`]);
    });
  });

  test("a writer waits for an incomplete lock file, since its author may still write it", async () => {
    await withLock("", async (dir, lock) => {
      const error = await errorOf(openDataDir(dir, { mode: "write", lockWaitMs: 0 }));
      expect(error.message).toContain(`the lock file ${lock} exists`);
    });
  });
});
