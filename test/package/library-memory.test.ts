// What the packed library keeps of things that have ended. In another process, because a test runner keeps more.
import path from "node:path";
import { run } from "../support/child";

const library = JSON.stringify(path.join(process.cwd(), "dist", "index.js"));

test("leases, locks and watches that have ended are not kept until the client or the caller's signal is gone", async () => {
  const program = `
    const { connect, startEmbeddedServer } = require(${library});
    const refs = [];
    async function use(client, signal) {
      const lease = await client.lease(60, { signal });
      await lease.revoke();
      const lock = await client.lock("a", { signal });
      await lock.unlock();
      const watcher = client.watch({ key: "a", signal });
      await watcher.ready;
      watcher.close();
      for await (const event of watcher) void event;
      refs.push(...[lease.lost, lock.lost, watcher].map((each) => new WeakRef(each)));
    }
    (async () => {
      const server = await startEmbeddedServer();
      const client = await connect({ endpoints: [server.endpoint] });
      const { signal } = new AbortController();
      for (let times = 0; times < 20; times++) await use(client, signal);
      // The engine may still have those of the last time in its registers.
      const kept = () => refs.filter((ref) => ref.deref()).length - 3;
      for (let tries = 0; tries < 2000 && kept() > 0; tries++) {
        await new Promise(setImmediate);
        gc();
      }
      console.log(kept() > 0 ? kept() + " of 57 are kept" : "none is kept");
      await client.close();
      await server.stop();
    })();`;
  const { stdout, stderr } = await run([process.execPath, "--expose-gc", "-e", program]);
  expect({ stdout: stdout.toString(), stderr: stderr.toString() }).toEqual({
    stdout: "none is kept\n",
    stderr: "",
  });
});
