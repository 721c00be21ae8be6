// Measures every figure of docs/PERFORMANCE.md in one run, beside Go's etcdctl and a floor, and prints the page's table.
//   node bench/table.mjs [--write] [NAME …]     --write puts the table into the page; NAMEs select: cold, tls, batch, get, … and
//   replace only their rows.
// Needs `npm run build`, `npm run build:executable`, GNU time, and etcd's programs in ETCD_BIN_DIR or PATH. Takes about six minutes.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import { fileURLToPath } from "node:url";
import { format, resolveConfig } from "prettier";
import { markdown, markdownRow } from "./figures/figure.mjs";
import { gets, mirrors, snapshots, watches } from "./figures/large.mjs";
import { withNewRows } from "./figures/page-table.mjs";
import { batches, coldStarts, coldStartWithTls, executableSize } from "./figures/short.mjs";
import { checkNames, checkNeeds, executableFile, find } from "./support/programs.mjs";

const parts = {
  cold: coldStarts,
  tls: coldStartWithTls,
  get: gets,
  watch: watches,
  mirror: mirrors,
  batch: batches,
  snapshot: snapshots,
};
const page = new URL("../docs/PERFORMANCE.md", import.meta.url);
const begin = "<!-- The table: node bench/table.mjs --write -->";
const end = "<!-- The end of the table. -->";

const names = process.argv.slice(2).filter((word) => word !== "--write");
const isWritten = process.argv.includes("--write");
checkNames(names, [...Object.keys(parts), "size"], (part, name) => part === name);
checkNeeds("etcd", "etcdctl", "etcdutl");
if (!executableFile()) console.error("no executable: its column stays empty (npm run build:executable)");

const rows = [];
for (const [name, figures] of Object.entries(parts)) {
  if (names.length > 0 && !names.includes(name)) continue;
  for await (const row of figures()) {
    rows.push(row);
    console.error(markdownRow(row));
  }
}
const version = execFileSync(find("etcdctl"), ["version"], { encoding: "utf8" }).split("\n")[0];
const about =
  `${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${version} of Go, ` +
  `${os.availableParallelism()} cores, load ${os.loadavg()[0].toFixed(1)} at the end.`;
const size = names.length === 0 || names.includes("size") ? ["", await executableSize()] : [];
const text = [about, "", markdown(rows), ...size].join("\n");
console.log(text);
if (isWritten) {
  const old = readFileSync(page, "utf8");
  const [from, to] = [old.indexOf(begin) + begin.length, old.indexOf(end)];
  const table = names.length === 0 ? text : withNewRows(old.slice(from, to), rows.map(markdownRow), about);
  const written = `${old.slice(0, from)}\n\n${table}\n\n${old.slice(to)}`;
  const options = await resolveConfig(fileURLToPath(page));
  writeFileSync(page, await format(written, { ...options, parser: "markdown" }));
}
