import { spawnSync } from "node:child_process";
import path from "node:path";
import { openDataDir } from "../../src/storage/data-dir";
import { lockHolder, tryLockFile } from "../../src/storage/file-lock";
import { emptyContents } from "../support/empty-contents";
import { describeUnless, notLinux } from "../support/skip";
import { testFolder } from "./fixture-files";

const folder = testFolder();
let count = 0;
const contents = emptyContents("3.5.0");
const metadata = { NodeID: 1n, ClusterID: 2n };

/** Whether another program gets the lock at once. */
function isFree(file: string): boolean {
  return spawnSync("flock", ["-xn", file, "true"]).status === 0;
}

const noFlock =
  notLinux ?? (spawnSync("flock", ["--version"]).error === undefined ? undefined : "flock is not installed");

describeUnless(noFlock, "the lock on the db file", () => {
  async function newDir() {
    const dir = path.join(folder.path, `d${count++}`);
    const opened = await openDataDir(dir, { mode: "write" });
    const log = await opened.create(contents, metadata);
    return { dir, opened, log, file: path.join(dir, "member", "snap", "db") };
  }

  test("is taken while the directory is open for writing, also on each new file of a checkpoint", async () => {
    const { dir, opened, log, file } = await newDir();
    expect(isFree(file)).toBe(false);
    for (const clusterVersion of ["3.6.0", "3.7.0"]) {
      await opened.checkpoint({ ...contents, clusterVersion }, log);
      expect(isFree(file)).toBe(false);
    }
    await log.close();
    await opened.close();
    expect(isFree(file)).toBe(true);

    const again = await openDataDir(dir, { mode: "write" });
    expect(isFree(file)).toBe(false);
    await again.close();
    expect(isFree(file)).toBe(true);
  });

  test("keeps a writer out with an error, and does not make the directory ours", async () => {
    const { dir, opened, log, file } = await newDir();
    await log.close();
    await opened.close();
    const lock = await tryLockFile(file);
    expect(lock?.isTaken).toBe(true);
    expect(await tryLockFile(file)).toBeUndefined();
    await expect(openDataDir(dir, { mode: "write", lockWaitMs: 0 })).rejects.toThrow(
      `${dir} is in use: another process has its db file locked`,
    );
    await lock?.release();
    await (await openDataDir(dir, { mode: "write" })).close();
  });

  test("a writer waits for a lock that another process is about to release", async () => {
    const { dir, opened, log, file } = await newDir();
    await log.close();
    await opened.close();
    const lock = await tryLockFile(file);
    const waiting = openDataDir(dir, { mode: "write", lockWaitMs: 90_000 });
    await new Promise((next) => setImmediate(next));
    await lock?.release();
    await (await waiting).close();
  });

  test("does not keep readers out, as the file is replaced as a whole", async () => {
    const { dir, opened, log } = await newDir();
    const reading = await openDataDir(dir, { mode: "read" });
    expect(reading.database?.clusterVersion).toBe("3.5.0");
    await reading.close();
    await log.close();
    await opened.close();
  });

  test("a failed checkpoint keeps the lock of the file that stays", async () => {
    const { opened, log, file } = await newDir();
    const read = (): Buffer => {
      throw new Error("the record is gone");
    };
    const record = {
      main: 2,
      sub: 0,
      tombstone: false,
      source: { read, view: read },
      offset: 0,
      sizeBytes: 2000,
    };
    await expect(opened.checkpoint({ ...contents, records: [record] }, log)).rejects.toThrow("is gone");
    expect(isFree(file)).toBe(false);
    await log.close();
    await opened.close();
    expect(isFree(file)).toBe(true);
  });

  test("lockHolder finds the process that took a lock, and whether it has ended", async () => {
    const file = folder.file("locked", Buffer.from("x"));
    expect(lockHolder(file)).toBeUndefined();
    const lock = await tryLockFile(file);
    // The program `flock` has taken it for us, and has ended.
    expect(lockHolder(file)).toMatchObject({ isAlive: false });
    await lock?.release();
    expect(lockHolder(file)).toBeUndefined();
  });
});
