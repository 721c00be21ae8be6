// The server as a process: the time from its start to the response of its first put, and its memory with a million keys.
import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { median } from "simple-statistics";
import {
  dataFolder,
  emptyProcessMs,
  fill,
  find,
  library,
  startEtcd,
  startServe,
} from "../support/programs.mjs";

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

/** From the start of the process on a copy of `from` to the response of a linearizable get. */
async function recoveryMs(start, from) {
  const { connect } = await library();
  const folder = dataFolder(false);
  const dataDir = path.join(folder, "copy");
  cpSync(from, dataDir, { recursive: true });
  const startedAt = performance.now();
  const server = await start({ dataDir });
  const client = await connect({ endpoints: [server.endpoint] });
  const { count } = await client.kv.range({ key: "/bench/00000001".padEnd(30, "k") });
  const ms = performance.now() - startedAt;
  if (count !== 1n) throw new Error("a key is missing");
  await client.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
  return ms;
}

/** Of the etcd in ETCD_BIN_DIR or PATH: `etcd 3.5.21`. */
function etcdName() {
  const version = execFileSync(find("etcd"), ["--version"], { encoding: "utf8" });
  return `etcd ${/\d+\.\d+\.\d+/.exec(version)[0]}`;
}

/** The same data dir for both: written by the server of `start`, and ended by `signal`. */
const recovery = (name, by, signal) => ({
  name: `server/recovery-${name}`,
  description: `start on 1 GiB of ${by} after ${signal} until the first get: 900k keys of 30 B + 1 KiB`,
  async setUp() {
    const folder = dataFolder(false);
    const dataDir = path.join(folder, "data");
    const tearDown = () => rmSync(folder, { recursive: true, force: true });
    const server = await (by === "etcd" ? startEtcd : startServe)({ dataDir });
    if (!server) return { skip: "no etcd in ETCD_BIN_DIR or PATH", tearDown };
    await fill(server.endpoint, { count: 900_000, keySize: 30, valueSize: 1024, shuffled: true });
    await server.stop(signal);
    return {
      tearDown,
      async report(rounds = 3) {
        const ratios = [];
        let line = " ";
        for (let i = 0; i < rounds; i++) {
          const etcd = await recoveryMs(startEtcd, dataDir);
          const serve = await recoveryMs(startServe, dataDir);
          ratios.push(serve / etcd);
          line += ` ${(etcd / 1000).toFixed(1)}/${(serve / 1000).toFixed(1)}`;
        }
        return `${line} s, ${etcdName()}/etcdctl serve; ratio ${median(ratios).toFixed(2)}`;
      },
    };
  },
});

export default [
  recovery("stopped", "etcd", "SIGTERM"),
  recovery("killed", "etcd", "SIGKILL"),
  recovery("own-killed", "serve", "SIGKILL"),
  {
    name: "server/first-put",
    description:
      "from the start of the process to the response of the first put, data in memory; the floor is `node -e 0`",
    setUp: () => ({
      async report(rounds = 7) {
        const times = { node: [], etcd: [], serve: [] };
        for (let i = 0; i < rounds; i++) {
          times.node.push(await emptyProcessMs());
          times.etcd.push(await firstPutMs(startEtcd));
          times.serve.push(await firstPutMs(startServe));
        }
        const etcd = times.etcd.includes(undefined) ? "" : `etcd ${median(times.etcd).toFixed(0)} ms, `;
        const [node, serve] = [median(times.node), median(times.serve)];
        return (
          `  ${etcd}etcdctl serve ${serve.toFixed(0)} ms; ` +
          `node -e 0 ${node.toFixed(0)} ms, ratio ${(serve / node).toFixed(2)}`
        );
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
