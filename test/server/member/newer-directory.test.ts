// A directory whose db file has a storage version that is newer than ours. Real etcd 3.7 refuses one of 3.8 with the same text.
import { readFileSync } from "node:fs";
import path from "node:path";
import { systemClock } from "../../../src/clock";
import { openMember } from "../../../src/server/member/open-member";
import { startEmbeddedServer } from "../../../src/server/server";
import { openDataDir } from "../../../src/storage/data-dir";
import { sharedFolder } from "../../support/work-folder";

const dataDir = path.join(sharedFolder(), "d");
const databaseOf = (dir: string) => readFileSync(path.join(dir, "member", "snap", "db"));

/** As an etcd of that version leaves it. */
async function writeWith(storageVersion: string): Promise<void> {
  const dir = await openDataDir(dataDir, { mode: "write" });
  const contents = dir.database;
  if (contents === undefined) throw new Error("no db file");
  const log = await dir.create({ ...contents, storageVersion }, { NodeID: 1n, ClusterID: 2n });
  await log.close();
  await dir.close();
}

test("a directory of a newer storage version is refused, and stays as it was", async () => {
  const first = await startEmbeddedServer({ dataDir, listenClientUrls: [] });
  await first.stop();
  await writeWith("3.8.0");
  const before = databaseOf(dataDir);
  await expect(startEmbeddedServer({ dataDir, listenClientUrls: [] })).rejects.toThrow(
    /^version "3.8.0" is not supported$/,
  );
  const dir = await openDataDir(dataDir, { mode: "write" });
  await expect(openMember(dir, { clock: systemClock })).rejects.toThrow(/"3.8.0" is not supported/);
  expect(databaseOf(dataDir).equals(before)).toBe(true);
  await writeWith("3.7.0");
  const again = await startEmbeddedServer({ dataDir, listenClientUrls: [] });
  await again.stop();
});
