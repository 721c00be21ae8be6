// Runs the trials of bench/trials and prints, for each, figures and their ratio to a peer or a floor of the same run.
//   node bench/run.mjs [WORD …] [--rounds N]     only trials whose name contains one of the words
// Needs `npm run build`, GNU time (cpu and peak memory come from it) and, for the peer, real etcd: ETCD_BIN_DIR or PATH.
import { readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { compare, table } from "./support/measure.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const args = process.argv.slice(2);
const roundsAt = args.indexOf("--rounds");
const rounds = roundsAt < 0 ? undefined : Number(args.splice(roundsAt, 2)[1]);

console.log(
  `node ${process.version}, ${process.platform} ${process.arch}, ${new Date().toISOString().slice(0, 10)}`,
);
for (const file of readdirSync(path.join(here, "trials")).sort()) {
  const { default: trials } = await import(path.join(here, "trials", file));
  for (const trial of trials) {
    if (args.length > 0 && !args.some((word) => trial.name.includes(word))) continue;
    console.log(`\n${trial.name}: ${trial.about}`);
    const stage = await trial.setUp();
    try {
      if (stage.skip) console.log(`  skipped: ${stage.skip}`);
      else if (stage.report) console.log(await stage.report(rounds));
      else console.log(table(await compare(stage.programs, rounds ?? trial.rounds ?? 11)));
    } finally {
      await stage.tearDown?.();
    }
  }
}
