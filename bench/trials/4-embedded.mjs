// The embedded server: the time to its first put, and its puts per second compared with etcd.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { median } from "simple-statistics";
import { emptyProcessMs, library, startEtcd, startServe, support } from "../support/programs.mjs";

const run = promisify(execFile);

const put = (key) => ({
  key: Buffer.from(key),
  value: Buffer.alloc(256, "v"),
  lease: 0n,
  prevKv: false,
  ignoreValue: false,
  ignoreLease: false,
});

/** Sends `total` puts through one connection, `inFlight` at a time. */
async function putsPerSecond(endpoint, { total, inFlight }) {
  const { connect } = await library();
  const client = await connect({ endpoints: [endpoint] });
  await client.kv.put(put("warm-up"));
  let next = 0;
  const worker = async () => {
    while (next < total) await client.kv.put(put(`key${next++}`));
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: inFlight }, worker));
  const seconds = (performance.now() - start) / 1000;
  await client.close();
  return total / seconds;
}

export default [
  {
    name: "embedded/first-put",
    description:
      "from startEmbeddedServer() to the response of the first put, in processes that have loaded the library; the floor is `node -e 0`",
    setUp: () => ({
      async report(rounds = 21) {
        const times = { node: [], load: [], first: [], later: [] };
        for (let i = 0; i < rounds; i++) {
          times.node.push(await emptyProcessMs());
          const { stdout } = await run(process.execPath, [support("first-put.mjs")]);
          const {
            loadMs,
            startsMs: [first, ...later],
          } = JSON.parse(stdout);
          times.load.push(loadMs);
          times.first.push(first);
          times.later.push(median(later));
        }
        const ms = (name) => `${median(times[name]).toFixed(1)} ms`;
        const ratio = (median(times.first) / median(times.node)).toFixed(2);
        return (
          `  node -e 0 ${ms("node")}; first ${ms("first")}, ratio ${ratio}; the next ones ${ms("later")}; ` +
          `loading the library ${ms("load")}`
        );
      },
    }),
  },
  ...[1, 100].map((inFlight) => ({
    name: `embedded/puts-${inFlight}`,
    description: `puts of 256 B, ${inFlight} in flight, one connection, the same Node client for both servers`,
    async setUp() {
      const etcd = await startEtcd();
      if (!etcd) return { skip: "no etcd in ETCD_BIN_DIR or PATH" };
      const serve = await startServe();
      return {
        async report(rounds = 5) {
          const rates = { etcd: [], serve: [] };
          const load = { total: inFlight === 1 ? 2000 : 10_000, inFlight };
          for (let i = 0; i < rounds; i++) {
            rates.etcd.push(await putsPerSecond(etcd.endpoint, load));
            rates.serve.push(await putsPerSecond(serve.endpoint, load));
          }
          const ratio = median(rates.serve.map((rate, i) => rate / rates.etcd[i]));
          return (
            `  etcd ${median(rates.etcd).toFixed(0)} ops/s, etcdctl serve ${median(rates.serve).toFixed(0)} ops/s, ` +
            `ratio ${ratio.toFixed(2)}`
          );
        },
        async tearDown() {
          await serve.stop();
          await etcd.stop();
        },
      };
    },
  })),
];
