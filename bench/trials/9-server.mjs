// The server as a process: the time from its start to the response of its first put, and its memory with a million keys.
import { readFileSync } from "node:fs";
import { median } from "simple-statistics";
import { fill, library, startEtcd, startServe } from "../support/programs.mjs";

async function firstPutMs(start) {
  const { connect } = await library();
  const from = performance.now();
  const server = await start();
  if (!server) return undefined;
  const client = await connect({ endpoints: [server.endpoint] });
  await client.kv.put({ key: "k", value: "v" });
  const ms = performance.now() - from;
  await client.close();
  await server.stop();
  return ms;
}

function residentMiB(pid) {
  return Number(/VmRSS:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]) / 1024;
}

/** Before and after the load. */
async function memoryMiB(start, count) {
  const server = await start();
  const before = residentMiB(server.pid);
  await fill(server.endpoint, { count, keySize: 30, valueSize: 100, shuffled: true });
  const after = residentMiB(server.pid);
  await server.stop();
  return { before, after };
}

export default [
  {
    name: "server/first-put",
    description: "from the start of the process to the response of the first put, data in memory",
    setUp: () => ({
      async report(rounds = 7) {
        const times = { etcd: [], serve: [] };
        for (let i = 0; i < rounds; i++) {
          times.etcd.push(await firstPutMs(startEtcd));
          times.serve.push(await firstPutMs(startServe));
        }
        const etcd = times.etcd.includes(undefined) ? "" : `etcd ${median(times.etcd).toFixed(0)} ms, `;
        return `  ${etcd}etcdctl serve ${median(times.serve).toFixed(0)} ms`;
      },
    }),
  },
  {
    name: "server/memory-1m",
    description: "resident memory with a million keys of 30 B and values of 100 B, data in memory",
    async setUp() {
      if (process.platform !== "linux") return { skip: "it reads the memory from /proc" };
      const probe = await startEtcd();
      if (!probe) return { skip: "no etcd in ETCD_BIN_DIR or PATH" };
      await probe.stop();
      return {
        async report() {
          const etcd = await memoryMiB(startEtcd, 1_000_000);
          const serve = await memoryMiB(startServe, 1_000_000);
          const of = ({ before, after }) => `${before.toFixed(0)} MiB, then ${after.toFixed(0)} MiB`;
          return `  etcd ${of(etcd)}; etcdctl serve ${of(serve)}, ratio ${(serve.after / etcd.after).toFixed(2)}`;
        },
      };
    },
  },
];
