import { createHash } from "node:crypto";
import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { availableParallelism } from "node:os";
import { hashInThread, isWorthThread } from "../../src/storage/hash-thread";
import { HashCheck, HashMismatch, verifySnapshotFile } from "../../src/storage/snapshot-file";
import { testFolder } from "./fixture-files";

const folder = testFolder();
const sizeBytes = 40 * 1024 * 1024;
const bytes = Buffer.alloc(sizeBytes, "etcd");
const digest = createHash("sha256").update(bytes).digest();

/** Opens a file for the time of the action. */
async function withFd<T>(path: string, action: (fd: number) => Promise<T>): Promise<T> {
  const fd = openSync(path, "r+");
  try {
    return await action(fd);
  } finally {
    closeSync(fd);
  }
}

describe("the hash of a large file", () => {
  const path = folder.file("large", bytes);

  test("a thread computes the SHA-256 of the first bytes", async () => {
    const half = createHash("sha256")
      .update(bytes.subarray(0, sizeBytes / 2))
      .digest();
    await withFd(path, async (fd) => {
      expect(await hashInThread({ fd, sizeBytes })).toEqual({ digest: new Uint8Array(digest) });
      expect(await hashInThread({ fd, sizeBytes: sizeBytes / 2 })).toEqual({ digest: new Uint8Array(half) });
    });
  });

  test("the thread reports where a file ends that has become shorter", async () => {
    const short = folder.file("short", bytes.subarray(0, 1000));
    const result = await withFd(short, async (fd) => hashInThread({ fd, sizeBytes }));
    expect(result).toEqual({ shortAt: 1000 });
  });

  test("an error of the system reaches the caller", async () => {
    const closed = await withFd(path, (fd) => Promise.resolve(fd));
    await expect(hashInThread({ fd: closed + 1000, sizeBytes })).rejects.toMatchObject({ code: "EBADF" });
  });

  test("a signal ends the thread", async () => {
    const reason = new Error("interrupted");
    await withFd(path, async (fd) => {
      await expect(hashInThread({ fd, sizeBytes }, AbortSignal.abort(reason))).rejects.toBe(reason);
      const stopping = new AbortController();
      const hashed = hashInThread({ fd, sizeBytes }, stopping.signal);
      stopping.abort(reason);
      await expect(hashed).rejects.toBe(reason);
    });
  });

  test("a thread is started for a large file, where there is a second processor", () => {
    expect(isWorthThread(1000)).toBe(false);
    expect(isWorthThread(sizeBytes)).toBe(availableParallelism() > 1);
  });
});

describe("the hash at the end of a large snapshot", () => {
  test("verifySnapshotFile accepts the right one and refuses another", async () => {
    const path = folder.file("large.snapshot", Buffer.concat([bytes, digest]));
    expect(await verifySnapshotFile(path)).toEqual({ hashed: true, databaseSizeBytes: sizeBytes });
    await withFd(path, (fd) => Promise.resolve(writeSync(fd, "!", sizeBytes - 5)));
    const error: unknown = await verifySnapshotFile(path).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(HashMismatch);
    expect((error as HashMismatch).expected).toEqual(digest);
  });

  test("a check that is no longer needed can be stopped, and then the file is closed", async () => {
    const path = folder.file("stopped.snapshot", Buffer.concat([bytes, digest]));
    const { signal } = new AbortController();
    const check = new HashCheck(path, { signal, name: path });
    await check.stop();
    await expect(check.checked).rejects.toMatchObject({ name: "AbortError" });
    await withFd(path, (fd) => Promise.resolve(ftruncateSync(fd, 100)));
    const small = new HashCheck(path, { signal, name: "cut.snapshot" });
    await expect(small.checked).rejects.toThrow(
      "cut.snapshot: altered or truncated: no database has this size",
    );
    await small.stop();
  });
});
