import { truncateSync } from "node:fs";
import { FormatError } from "../../src/storage/errors";
import { verifySnapshotFile } from "../../src/storage/snapshot-file";
import { fixtureBytes, testFolder } from "./fixture-files";

const folder = testFolder();
const original = fixtureBytes("etcd-3.5.snapshot");

async function errorOf(bytes: Uint8Array): Promise<FormatError> {
  const error: unknown = await verifySnapshotFile(folder.file("snapshot.db", bytes)).catch(
    (thrown: unknown) => thrown,
  );
  if (error instanceof FormatError) return error;
  throw new Error(`no FormatError: ${String(error)}`);
}

describe("the hash of a snapshot file", () => {
  test.each(["etcd-3.4.snapshot", "etcd-3.5.snapshot", "etcd-3.7.snapshot"] as const)(
    "verifySnapshotFile accepts a snapshot of etcdctl: %s",
    async (name) => {
      const bytes = fixtureBytes(name);
      const result = await verifySnapshotFile(folder.file(name, bytes));
      expect(result).toEqual({ hashed: true, databaseSizeBytes: bytes.length - 32 });
    },
  );

  test("a db file copied from a data dir has no hash", async () => {
    const file = folder.file("copied.db", original);
    truncateSync(file, original.length - 32);
    expect(await verifySnapshotFile(file)).toEqual({
      hashed: false,
      databaseSizeBytes: original.length - 32,
    });
  });

  test("verifySnapshotFile finds an altered value and reports an intact structure", async () => {
    const bytes = Buffer.from(original);
    const place = bytes.indexOf("zzzzzzzz");
    bytes.write("y", place);
    const error = await errorOf(bytes);
    expect(error.problem).toMatch(
      /^altered or truncated: the SHA-256 of its 61440 bytes of database is [0-9a-f]{64}, /,
    );
    expect(error.offset).toBe(61440);
    expect(error.hints).toEqual(["the structure of the database is intact: a value or the hash was altered"]);
  });

  test("verifySnapshotFile finds an altered page and reports its place", async () => {
    const bytes = Buffer.from(original);
    const page = bytes.indexOf("/registry/pods/pod-30") & ~4095;
    bytes.writeUInt16LE(0x7777, page + 8);
    const { hints } = await errorOf(bytes);
    expect(hints[0]).toMatch(
      new RegExp(`^first damage found: .*page ${page / 4096}: flags 30583 .* \\(at byte ${page}\\)$`),
    );
  });

  test("verifySnapshotFile finds a truncated file and reports the missing size", async () => {
    const { hints } = await errorOf(original.subarray(0, 512 * 90 + 32));
    expect(hints[0]).toMatch(/first damage found: .*: truncated: 46112 of 61440 bytes are there$/);
  });

  test("verifySnapshotFile refuses a file with a few bytes too many or too few", async () => {
    for (const bytes of [
      original.subarray(0, -1),
      original.subarray(0, -31),
      Buffer.concat([original, original.subarray(0, 7)]),
    ]) {
      await expect(verifySnapshotFile(folder.file("cut.db", bytes))).rejects.toThrow(
        /cut\.db: altered or truncated: no database has this size \(at byte \d+\)$/,
      );
    }
  });

  test("verifySnapshotFile names a file that it cannot open", async () => {
    await expect(verifySnapshotFile(`${folder.path}/none.db`)).rejects.toThrow(
      `open ${folder.path}/none.db: no such file or directory`,
    );
  });

  test("a signal interrupts verifySnapshotFile", async () => {
    const reason = new Error("interrupted");
    const verified = verifySnapshotFile(folder.file("whole.db", original), {
      signal: AbortSignal.abort(reason),
    });
    await expect(verified).rejects.toBe(reason);
  });
});
