// Runs the benchmarks in bench/trials and prints a table for each. bench/README.md explains the numbers.
//   node bench/run.mjs [NAME …] [--rounds N]     runs only the trials whose name contains one of the NAMEs
// Needs `npm run build`, GNU time, and etcd's programs in ETCD_BIN_DIR or PATH.
import { readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { compare, table } from "./support/measure.mjs";
import { checkNames, checkNeeds } from "./support/programs.mjs";

// Node reads those certificates at each start.
delete process.env.NODE_EXTRA_CA_CERTS;

const here = path.dirname(fileURLToPath(import.meta.url));
const names = process.argv.slice(2);
const roundsFlag = names.indexOf("--rounds");
const rounds = roundsFlag < 0 ? undefined : Number(names.splice(roundsFlag, 2)[1]);

const files = readdirSync(path.join(here, "trials")).sort();
const modules = await Promise.all(files.map((file) => import(path.join(here, "trials", file))));
const trials = modules.flatMap((module) => module.default);
checkNames(
  names,
  trials.map(({ name }) => name),
  (trial, name) => trial.includes(name),
);
checkNeeds();

console.log(
  `node ${process.version}, ${process.platform} ${process.arch}, ${new Date().toISOString().slice(0, 10)}`,
);
for (const trial of trials) {
  if (names.length > 0 && !names.some((name) => trial.name.includes(name))) continue;
  console.log(`\n${trial.name}: ${trial.description}`);
  const setup = await trial.setUp();
  try {
    if (setup.skip) console.log(`  skipped: ${setup.skip}`);
    else if (setup.report) console.log(await setup.report(rounds));
    else console.log(table(await compare(setup.programs, rounds ?? trial.rounds ?? 11)));
  } finally {
    await setup.tearDown?.();
  }
}
