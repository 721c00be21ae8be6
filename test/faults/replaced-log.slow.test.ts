// The n-th call fails while a new log takes the place of another one, as it does for --force-new-cluster: for each n, the directory
// opens afterwards, with a log and with what one of the two had.
import { readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { openDataDir } from "../../src/storage/data-dir";
import { emptyContents } from "../support/empty-contents";
import { faultyDisk, leftovers } from "./disk-harness";

const { disk, dataDir } = faultyDisk();

async function create(clusterVersion: string): Promise<void> {
  const dir = await openDataDir(dataDir(), { mode: "write", lockWaitMs: 0 });
  try {
    const log = await dir.create(emptyContents(clusterVersion), { NodeID: 1n, ClusterID: 2n });
    await log.close();
  } finally {
    await dir.close();
  }
}

test("a crash while a log replaces another one leaves one of them", async () => {
  let at = 1;
  for (let isOver = false; !isOver; at++) {
    rmSync(dataDir(), { recursive: true, force: true });
    await create("3.5.0");
    disk().failAt(at, "EIO");
    await disk()
      .run(() => create("3.6.0"))
      .catch(() => undefined);
    isOver = !disk().hasFailed;
    await disk().kill();
    rmSync(path.join(dataDir(), "etcdctl.lock"), { force: true });
    const again = await openDataDir(dataDir(), { mode: "write", lockWaitMs: 0 });
    expect([at, again.database?.clusterVersion, again.log?.lastIndex]).toEqual([
      at,
      expect.stringMatching(isOver ? /3\.6\.0/ : /3\.[56]\.0/) as string,
      1n,
    ]);
    await again.close();
    expect(leftovers(dataDir())).toEqual([]);
    expect(readdirSync(path.join(dataDir(), "member")).sort()).toEqual(["snap", "wal"]);
  }
  expect(at).toBeGreaterThan(15);
});
