// etcd's own load shapes, sent by a process of ours to etcd and to `etcdctl serve`, in turns.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { median } from "simple-statistics";
import { bundleDriver, startEtcd, startServe } from "../support/programs.mjs";

const run = promisify(execFile);
const names = [
  ...["put", "range-linearizable", "range-serializable", "txn-8-puts"],
  ...["watch-creation", "watch-events", "lease-keep-alive"],
];
const ticksPerSecond = 100;

function cpuMs(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/.*\) /, "").split(" ");
  return ((Number(stat[11]) + Number(stat[12])) * 1000) / ticksPerSecond;
}

async function measure(driver, { endpoint, pid }, name, load) {
  const before = cpuMs(pid);
  const { stdout } = await run(process.execPath, [driver, endpoint, name, ...load]);
  return { ...JSON.parse(stdout), cpuMs: cpuMs(pid) - before };
}

function line(name, etcd, ours) {
  const of = (runs, field) => median(runs.map((each) => each[field]));
  const ratio = (field) => median(ours.map((each, i) => each[field] / etcd[i][field])).toFixed(2);
  const rates = `${of(etcd, "perSecond").toFixed(0).padStart(9)}${of(ours, "perSecond").toFixed(0).padStart(9)}`;
  const late = `${of(etcd, "p99Ms").toFixed(1).padStart(9)}${of(ours, "p99Ms").toFixed(1).padStart(8)}`;
  return `  ${name.padEnd(20)}${rates}${ratio("perSecond").padStart(7)}${late}${ratio("cpuMs").padStart(9)}`;
}

const head = `  ${"".padEnd(20)}     etcd    serve  ratio  p99 etcd   serve  cpu ratio`;

/** `durable`: both servers write to the same disk and sync. */
const trial = (name, description, { loads, durable = false, load = [] }) => ({
  name: `load/${name}`,
  description,
  async setUp() {
    if (process.platform !== "linux") return { skip: "it reads CPU times from /proc" };
    const etcd = await startEtcd({ durable });
    if (!etcd) return { skip: "no etcd in ETCD_BIN_DIR or PATH" };
    const serve = await startServe({ durable });
    return {
      async report(rounds = 5) {
        const driver = await bundleDriver();
        const lines = [head];
        for (const each of loads) {
          const runs = { etcd: [], serve: [] };
          for (let round = -1; round < rounds; round++) {
            const [first, second] = [
              await measure(driver, etcd, each, load),
              await measure(driver, serve, each, load),
            ];
            if (round < 0) continue;
            runs.etcd.push(first);
            runs.serve.push(second);
          }
          lines.push(line(each, runs.etcd, runs.serve));
        }
        return lines.join("\n");
      },
      async tearDown() {
        await serve.stop();
        await etcd.stop();
      },
    };
  },
});

export default [
  trial("memory", "100 clients on 10 connections, requests per second; data in memory", { loads: names }),
  trial("disk", "puts that are synced to the disk, 100 clients on 10 connections", {
    ...{ loads: ["put", "txn-8-puts"], durable: true },
  }),
  trial("disk-1", "puts that are synced to the disk, one client", {
    ...{ loads: ["put"], durable: true, load: ["1", "1"] },
  }),
];
