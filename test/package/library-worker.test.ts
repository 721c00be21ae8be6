// The library in a worker thread that is terminated, as runners of tests with threads do it after a timeout.
import path from "node:path";
import { platform } from "node:process";
import { Worker } from "node:worker_threads";
import { startEmbeddedServer } from "../../src/index";
import { workFolder } from "../support/work-folder";

const folder = workFolder();

/** Writes until the end, and reports what was acknowledged. */
const program = `
  const { parentPort, workerData } = require("node:worker_threads");
  const { startEmbeddedServer } = require(workerData.library);
  (async () => {
    const server = await startEmbeddedServer({ dataDir: workerData.dataDir, listenClientUrls: [] });
    for (let count = 1; ; count++) {
      await server.client().put("count", String(count));
      parentPort.postMessage(count);
    }
  })();
`;

/** A thread that has at least `least` writes acknowledged. `last()` is the newest. */
async function writingThread(dataDir: string, least: number) {
  const library = path.join(process.cwd(), "dist", "index.js");
  const worker = new Worker(program, { eval: true, workerData: { library, dataDir } });
  let last = 0;
  await new Promise<void>((resolve, reject) => {
    worker.on("message", (count: number) => {
      last = count;
      if (count >= least) resolve();
    });
    worker.on("error", reject);
  });
  return { terminate: () => worker.terminate(), last: () => last };
}

// Other systems do not show whether a thread has ended.
(platform === "linux" ? test : test.skip)(
  "the data dir of a thread that was terminated can be used again, with all that was acknowledged",
  async () => {
    const dataDir = path.join(folder(), "data");
    for (let times = 0; times < 2; times++) {
      const thread = await writingThread(dataDir, 20);
      await thread.terminate();
      await using server = await startEmbeddedServer({ dataDir, lockWaitMs: 30_000 });
      expect(Number(await server.client().get("count"))).toBeGreaterThanOrEqual(thread.last());
    }
  },
);

test("the data dir of a thread that is running is in use", async () => {
  const dataDir = path.join(folder(), "data");
  const thread = await writingThread(dataDir, 1);
  try {
    await expect(startEmbeddedServer({ dataDir, lockWaitMs: 0 })).rejects.toThrow("the data dir is in use");
  } finally {
    await thread.terminate();
  }
});
