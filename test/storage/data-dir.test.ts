import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { CliError } from "../../src/errors";
import type { DatabaseContents } from "../../src/storage/contents";
import { openDataDir } from "../../src/storage/data-dir";
import { readDatabase } from "../../src/storage/read-database";
import { fixtureBytes, testFolder } from "./fixture-files";

const folder = testFolder();
let count = 0;
const freshPath = () => path.join(folder.path, `dir${count++}`);

function contentsWith(clusterVersion: string, records: DatabaseContents["records"] = []): DatabaseContents {
  return {
    records,
    leases: [],
    finishedCompactRevision: 0,
    scheduledCompactRevision: 0,
    consistentIndex: 1n,
    term: 1n,
    members: [],
    clusterVersion,
    storageVersion: "",
    otherBuckets: [],
  };
}

async function saved(dir: string, version: string): Promise<void> {
  const opened = await openDataDir(dir, { mode: "write" });
  await opened.save(contentsWith(version));
  await opened.close();
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

describe("our own data dir", () => {
  test("is made on the first write, as etcd lays it out and readable by its owner only", async () => {
    const dir = path.join(freshPath(), "deeper");
    await saved(dir, "3.5.0");
    const mode = (name: string) => statSync(path.join(dir, name)).mode & 0o777;
    expect([mode(""), mode("member"), mode("member/snap"), mode("member/snap/db")]).toEqual([
      0o700, 0o700, 0o700, 0o600,
    ]);
    expect(readdirSync(dir, { recursive: true }).sort()).toEqual(["member", "member/snap", "member/snap/db"]);
    expect(await versionIn(dir)).toBe("3.5.0");
  });

  test("is not made by reading", async () => {
    const dir = freshPath();
    expect(await versionIn(dir)).toBeUndefined();
    expect(existsSync(dir)).toBe(false);
  });

  test("still gives what was opened after it was replaced", async () => {
    const dir = freshPath();
    await saved(dir, "3.5.0");
    const snap = path.join(dir, "member", "snap", "db");
    writeFileSync(snap, fixtureBytes("etcd-3.5.snapshot"));
    writeFileSync(path.join(dir, "etcdctl.own"), "");
    const opened = await openDataDir(dir, { mode: "write" });
    const first = opened.database;
    await opened.save(contentsWith("3.6.0"));
    expect([...(first?.records ?? [])].length).toBeGreaterThan(40);
    await opened.close();
    expect(await versionIn(dir)).toBe("3.6.0");
    // Whoever goes on with the file from now on is not us.
    expect(readdirSync(dir)).toEqual(["member"]);
  });

  test("keeps the old file and leaves nothing beside it when a save fails", async () => {
    const dir = freshPath();
    await saved(dir, "3.5.0");
    const read = (): Buffer => {
      throw new Error("ENOSPC: no space left on device, write");
    };
    const source = { read, view: read };
    const record = { main: 2, sub: 0, tombstone: false, source, offset: 0, sizeBytes: 2000 };
    const opened = await openDataDir(dir, { mode: "write" });
    const error = await errorOf(opened.save(contentsWith("3.6.0", [record])));
    await opened.close();
    expect(error.message).toBe(`cannot save ${dir}: no space left on device`);
    expect(error.hints).toEqual(["the state that was saved before is unchanged"]);
    expect(readdirSync(path.join(dir, "member", "snap"))).toEqual(["db"]);
    expect(await versionIn(dir)).toBe("3.5.0");
  });

  test("clears what a crash left half written", async () => {
    const dir = freshPath();
    await saved(dir, "3.5.0");
    const rest = path.join(dir, "member", "snap", "db.tmp-4711");
    writeFileSync(rest, "half");
    expect(await versionIn(dir)).toBe("3.5.0");
    expect(existsSync(rest)).toBe(true);
    await saved(dir, "3.6.0");
    expect(existsSync(rest)).toBe(false);
  });

  test("says that it cannot be made", async () => {
    const file = folder.file("plain", Buffer.from("x"));
    const error = await errorOf(openDataDir(path.join(file, "dir"), { mode: "write" }));
    expect(error.message).toMatch(/plain\/dir: (not a directory|ENOTDIR)/);
  });

  test("is refused when it is damaged, and the lock given up", async () => {
    const dir = freshPath();
    await saved(dir, "3.5.0");
    writeFileSync(path.join(dir, "member", "snap", "db"), "damaged");
    const error = await errorOf(openDataDir(dir, { mode: "write" }));
    expect(error.message).toContain("no bbolt database: it has only 7 bytes");
    expect(readdirSync(dir)).toEqual(["member"]);
  });

  test("is not confused with a member's data dir, which takes no writes", async () => {
    const dir = freshPath();
    await saved(dir, "3.5.0");
    mkdirSync(path.join(dir, "member", "wal"));
    const error = await errorOf(openDataDir(dir, { mode: "write" }));
    expect(error.message).toBe(`${dir} is a member's data dir: it is only read offline, never written`);
  });

  test("is not written any more when an etcd has taken it, and what was to be saved is kept", async () => {
    const dir = freshPath();
    await saved(dir, "3.5.0");
    const opened = await openDataDir(dir, { mode: "write" });
    mkdirSync(path.join(dir, "member", "wal"));
    const error = await errorOf(opened.save(contentsWith("3.6.0")));
    await opened.close();
    expect(error.message).toBe(
      `cannot save: ${dir} is a member's data dir: it is only read offline, never written`,
    );
    const [kept = ""] = readdirSync(path.join(dir, "member", "snap")).filter((name) => name !== "db");
    expect(error.hints.join()).toContain(path.join(dir, "member", "snap", kept));
    expect(readDatabase(path.join(dir, "member", "snap", kept)).clusterVersion).toBe("3.6.0");
    expect(readDatabase(path.join(dir, "member", "snap", "db")).clusterVersion).toBe("3.5.0");
  });
});

describe("two writers of one data dir", () => {
  test("wait for each other and lose nothing", async () => {
    const dir = freshPath();
    const order: string[] = [];
    const write = async (name: string) => {
      const opened = await openDataDir(dir, { mode: "write" });
      order.push(`${name} in, sees ${opened.database?.clusterVersion ?? "nothing"}`);
      await opened.save(contentsWith(`${opened.database?.clusterVersion ?? ""}${name}`));
      order.push(`${name} out`);
      await opened.close();
    };
    await Promise.all(["a", "b", "c"].map(write));
    expect((await versionIn(dir))?.split("").sort()).toEqual(["a", "b", "c"]);
    for (let i = 0; i < order.length; i += 2) expect(order[i + 1]).toBe(`${order[i]?.charAt(0)} out`);
  });

  test("give up after a while, with a word on who holds it", async () => {
    const dir = freshPath();
    const holder = await openDataDir(dir, { mode: "write" });
    const error = await errorOf(openDataDir(dir, { mode: "write", lockWaitMs: 50 }));
    expect(error.message).toMatch(
      new RegExp(`^the data dir is in use: process ${process.pid} on \\S+ holds .*etcdctl.lock`),
    );
    expect(error.hints).toEqual([`wait until process ${process.pid} ends, or end it`]);
    await holder.close();
  });

  test("can be interrupted while they wait", async () => {
    const dir = freshPath();
    const holder = await openDataDir(dir, { mode: "write" });
    const abort = new AbortController();
    const waiting = openDataDir(dir, { mode: "write", signal: abort.signal });
    const reason = new Error("interrupted");
    abort.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await holder.close();
  });

  test("do not hold up a reader", async () => {
    const dir = freshPath();
    await saved(dir, "3.5.0");
    const holder = await openDataDir(dir, { mode: "write" });
    expect(await versionIn(dir)).toBe("3.5.0");
    await holder.close();
  });
});

describe("a lock that was left behind", () => {
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

  test("by a process that is gone is taken over, by one of several at a time", async () => {
    const gone = JSON.stringify({ ...(await held()), pid: 2 ** 22 + 1 });
    await withLock(gone, async (dir, lock) => {
      await Promise.all(["1", "2", "3"].map((version) => saved(dir, version)));
      expect(existsSync(lock)).toBe(false);
    });
  });

  test("by an earlier process of the same number is taken over", async () => {
    const { started, ...rest } = await held();
    if (started === "") return;
    await withLock(JSON.stringify({ ...rest, started: "1" }), (dir) => saved(dir, "3.6.0"));
  });

  test("on another host is not, but named with what to do", async () => {
    await withLock(JSON.stringify({ ...(await held()), host: "elsewhere" }), async (dir, lock) => {
      const error = await errorOf(openDataDir(dir, { mode: "write", lockWaitMs: 0 }));
      expect(error.message).toContain(`on elsewhere holds ${lock}`);
      expect(error.hints).toEqual([`remove ${lock} if no process uses the directory`]);
    });
  });

  test("half written is waited for, as its writer may be at it", async () => {
    await withLock("", async (dir, lock) => {
      const error = await errorOf(openDataDir(dir, { mode: "write", lockWaitMs: 0 }));
      expect(error.message).toContain(`the lock file ${lock} exists`);
    });
  });
});
