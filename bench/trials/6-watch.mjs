// A watch of a long history, and a watch while a client puts at full speed. The trial stops a watch after it has printed the
// last event, and reads its CPU time and peak memory from /proc before. `late` is the time between the response of the last put
// and the last printed event.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { median } from "simple-statistics";
import { fill, find, library, ours, startEtcd } from "../support/programs.mjs";

const events = 100_000;
const keySize = 30;
const valueSize = 100;
/** An event is printed as three lines: PUT, the key and the value. */
const expectedBytes = events * ("PUT\n".length + keySize + 1 + valueSize + 1);
const ticksPerSecond = 100;

/** Runs a watch until it has printed all events. `write` runs at the same time and returns when its last put was answered. */
async function watch(argv, write) {
  const start = performance.now();
  const child = spawn(argv[0], argv.slice(1), { stdio: ["ignore", "pipe", "inherit"] });
  const seen = new Promise((resolve) => {
    let bytes = 0;
    child.stdout.on("data", (chunk) => {
      bytes += chunk.length;
      if (bytes >= expectedBytes) resolve(performance.now());
    });
  });
  const written = await write?.();
  const end = await seen;
  const stat = readFileSync(`/proc/${child.pid}/stat`, "utf8").replace(/.*\) /, "").split(" ");
  const cpuMs = ((Number(stat[11]) + Number(stat[12])) * 1000) / ticksPerSecond;
  const peakKiB = /VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))[1];
  child.kill("SIGINT");
  await once(child, "exit");
  return { wallMs: end - start, cpuMs, peakMiB: peakKiB / 1024, lateMs: Math.max(0, end - (written ?? end)) };
}

async function putAll(endpoint) {
  const { connect } = await library();
  const client = await connect({ endpoints: [endpoint] });
  // The watch must be open before the first put, or it would miss events.
  await new Promise((resolve) => setTimeout(resolve, 500));
  let next = 0;
  const worker = async () => {
    while (next < events) {
      const key = Buffer.from(`/live/${String(next++).padStart(8, "0")}`.padEnd(keySize, "k"));
      const value = Buffer.alloc(valueSize, "v");
      await client.kv.put({ key, value, lease: 0n, prevKv: false, ignoreValue: false, ignoreLease: false });
    }
  };
  await Promise.all(Array.from({ length: 128 }, worker));
  await client.close();
  return performance.now();
}

const trial = (name, description, args, prepare, write) => ({
  name: `watch/${name}`,
  description,
  async setUp() {
    const etcd = await startEtcd();
    const go = find("etcdctl");
    if (!etcd || !go || process.platform !== "linux") {
      return { skip: "needs Linux, and etcd and etcdctl in ETCD_BIN_DIR or PATH" };
    }
    await prepare?.(etcd.endpoint);
    const programs = { "Go etcdctl": [go], ours };
    return {
      async report(rounds = 5) {
        const runs = Object.fromEntries(Object.keys(programs).map((program) => [program, []]));
        for (let round = 0; round < rounds; round++) {
          for (const [program, argv] of Object.entries(programs)) {
            const watchArgv = [...argv, "--endpoints", etcd.endpoint, "watch", "--prefix", ...args];
            runs[program].push(await watch(watchArgv, write && (() => write(etcd.endpoint))));
          }
        }
        const first = runs["Go etcdctl"];
        return Object.entries(runs)
          .map(([program, list]) => {
            const of = (field) =>
              median(list.map((run) => run[field]))
                .toFixed(0)
                .padStart(6);
            const ratio = (field) => median(list.map((run, i) => run[field] / first[i][field])).toFixed(2);
            return (
              `  ${program.padEnd(10)} wall ${of("wallMs")} ms (${ratio("wallMs")})  cpu ${of("cpuMs")} ms ` +
              `(${ratio("cpuMs")})  peak ${of("peakMiB")} MiB  late ${of("lateMs")} ms`
            );
          })
          .join("\n");
      },
      tearDown: () => etcd.stop(),
    };
  },
});

export default [
  trial(
    "replay",
    "100k events of history, a hundred in each revision",
    ["--rev", "1", "/bench/"],
    (endpoint) => fill(endpoint, { count: events, keySize, valueSize }),
  ),
  trial("live", "100k puts, 128 at a time", ["/live/"], undefined, putAll),
];
