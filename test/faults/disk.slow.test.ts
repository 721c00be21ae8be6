// A server on a disk of which the n-th call fails, for each n until a run needs no more calls: no write that was acknowledged
// is lost, after a failed write or fsync none is acknowledged any more, and the next start leaves no half file.
import { rmSync } from "node:fs";
import type { Fault } from "../support/faulty-disk";
import { faultyDisk, leftovers, open, openAfterCrash, Writers } from "./disk-harness";

const { disk, dataDir } = faultyDisk();

/** Returns whether the fault was not reached. */
async function runWithFault(at: number, kind: Fault): Promise<boolean> {
  rmSync(dataDir(), { recursive: true, force: true });
  const writers = new Writers();
  disk().failAt(at, kind);
  const member = await open(dataDir()).catch(() => undefined);
  if (member !== undefined) {
    for (let round = 0; round < 2; round++) {
      await Promise.all(["a", "b", "c"].map((name) => writers.write(member, name, 8)));
      writers.isOver = writers.failures > 0;
    }
    await member.close().catch(() => undefined);
  }
  const isUntouched = !disk().hasFailed;
  await disk().kill();
  const again = await openAfterCrash(dataDir());
  writers.check(again);
  await again.close();
  expect(leftovers(dataDir())).toEqual([]);
  return isUntouched;
}

test("a call that fails loses nothing that was acknowledged, whichever it is", async () => {
  let at = 1;
  while (!(await runWithFault(at, at % 2 === 0 ? "ENOSPC" : "EIO"))) at++;
  expect(at).toBeGreaterThan(60);
});

test("a write that writes only half of its bytes loses nothing, whichever it is", async () => {
  let at = 1;
  while (!(await runWithFault(at, "short"))) at += 3;
});
