// A watch of a long history, and a watch while a client puts at full speed. The trial stops a watch after it has printed the
// last event, and reads its CPU time and peak memory from /proc before. `late` is the time between the response of the last put
// and the last printed event.
import { median } from "simple-statistics";
import { fill, find, ours, startEtcd } from "../support/programs.mjs";
import { events, keySize, putAll, valueSize, watch } from "../support/watches.mjs";

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
