// A start during which the n-th call that reads fails, for each n until a start needs no more calls: what cannot be looked at is
// not taken for missing, so that nothing new is made in its place.
import fs, { cpSync, rmSync } from "node:fs";
import path from "node:path";
import { faultyDisk, open, openAfterCrash, Writers } from "./disk-harness";

const { disk, dataDir } = faultyDisk();
const calls = [
  "accessSync",
  "existsSync",
  "statSync",
  "readdirSync",
  "openSync",
  "readSync",
  "readFileSync",
] as const;

/** As a process that has no more file descriptors, or a disk with a fault. Returns whether fewer calls were made. */
async function withFailingRead(at: number, action: () => Promise<unknown>): Promise<boolean> {
  let made = 0;
  const spies = calls.map((name) => {
    const real = fs[name] as (...args: unknown[]) => unknown;
    const spy = jest.spyOn(fs, name) as unknown as jest.SpyInstance<unknown, unknown[]>;
    return spy.mockImplementation((...args) => {
      if (++made !== at) return real(...args);
      if (name === "existsSync") return false;
      throw Object.assign(new Error("EMFILE: of a test"), { code: "EMFILE" });
    });
  });
  try {
    await action();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return made < at;
}

async function start(): Promise<void> {
  const started = await open(dataDir()).catch(() => undefined);
  await started?.close().catch(() => undefined);
}

test("a start loses nothing that is in the log, whichever call fails", async () => {
  const writers = new Writers();
  const member = await open(dataDir());
  await Promise.all(["a", "b", "c"].map((name) => writers.write(member, name, 3)));
  await disk().kill();
  rmSync(path.join(dataDir(), "etcdctl.lock"));
  const before = `${dataDir()}.before`;
  cpSync(dataDir(), before, { recursive: true });
  let at = 1;
  for (let isOver = false; !isOver; at++) {
    rmSync(dataDir(), { recursive: true, force: true });
    cpSync(before, dataDir(), { recursive: true });
    isOver = await withFailingRead(at, start);
    await disk().kill();
    const again = await openAfterCrash(dataDir());
    writers.check(again);
    await again.close();
  }
  expect(at).toBeGreaterThan(20);
});
