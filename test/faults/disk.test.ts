// A server whose disk loses power at random moments, also during checkpoints and when the log begins a new segment: no
// write that was acknowledged is lost, and none is half there.
import { seeded } from "../support/seeded";
import { faultyDisk, open, openAfterCrash, Writers } from "./disk-harness";

const { disk, dataDir } = faultyDisk();

test.each(Array.from({ length: 25 }, (_, seed) => seed))(
  "a power loss loses nothing that was acknowledged (seed %i)",
  async (seed) => {
    const below = seeded(seed);
    const writers = new Writers();
    let member = await open(dataDir());
    for (let crash = 0; crash < 3; crash++) {
      const writing = ["a", "b", "c", "d"].map((name) => writers.write(member, name, 1000));
      const enough = writers.acknowledged.size + below(60);
      for (let turn = 0; turn < 5 * enough; turn++) await new Promise((next) => setImmediate(next));
      await disk().kill();
      void Promise.allSettled(writing);
      disk().losePower(() => below(1000) / 1000);
      member = await openAfterCrash(dataDir());
      writers.check(member);
      // The writes that were not answered may be there or not: the count continues from what is there.
      for (const name of writers.sent.keys()) {
        const [kv] = member.server.store.range(Buffer.from(name), undefined).kvs;
        writers.sent.set(name, Number(Buffer.from(kv?.value ?? []).subarray(0, 10)));
      }
    }
    await member.close();
  },
);
