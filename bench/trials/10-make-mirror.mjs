// make-mirror to an empty cluster, until the destination has all keys. Go's program puts one key at a time.
import { executable, find, ours } from "../support/programs.mjs";
import { mirroredKeys, mirrorRuns, startSource } from "../support/mirrors.mjs";
import { median } from "simple-statistics";

export default [
  {
    name: "make-mirror",
    description: `${mirroredKeys} keys with values of 100 bytes`,
    async setUp() {
      const go = find("etcdctl");
      if (!find("etcd") || !go || process.platform !== "linux") {
        return { skip: "needs Linux, and etcd and etcdctl in ETCD_BIN_DIR or PATH" };
      }
      const source = await startSource();
      const [single] = executable([]);
      const programs = { "Go etcdctl": [go], ours, ...(single && { [single.name]: single.argv }) };
      return {
        async report(rounds = 1) {
          const runs = await mirrorRuns(programs, source, rounds);
          const first = runs["Go etcdctl"];
          const line = ([program, list]) => {
            const of = (field) =>
              median(list.map((run) => run[field]))
                .toFixed(0)
                .padStart(6);
            const ratio = median(list.map((run, i) => run.wallMs / first[i].wallMs)).toFixed(2);
            return `  ${program.padEnd(14)} wall ${of("wallMs")} ms (${ratio})  cpu ${of("cpuMs")} ms  peak ${of("peakMiB")} MiB`;
          };
          return Object.entries(runs).map(line).join("\n");
        },
        tearDown: () => source.stop(),
      };
    },
  },
];
