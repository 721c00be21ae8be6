// The figures of short commands: cold starts, with and without TLS, and many puts in one process.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { median } from "simple-statistics";
import { compare } from "../support/measure.mjs";
import {
  bundleDriver,
  executableFile,
  find,
  floor,
  makeCertificates,
  ours,
  startEtcd,
} from "../support/programs.mjs";
import { ratioRow, wallRow } from "./figure.mjs";

const rounds = 31;
const node = process.execPath;
const newerNode = Number(process.versions.node.split(".")[0]) >= 22;

export async function* coldStarts() {
  const etcd = await startEtcd();
  const flags = ["--endpoints", etcd.endpoint];
  const commands = {
    version: { words: ["version"], floor: [node, "-e", "0"], goals: { Node: 3, executable: 0.8 } },
    put: {
      ...{ words: [...flags, "put", "k", "v"], floor: [node, floor("h2-put.mjs"), etcd.endpoint] },
      goals: { Node: 5, executable: 1.2 },
    },
    get: {
      words: [...flags, "get", "k"],
      // A RangeRequest for the key `k`.
      floor: [node, floor("h2-read.mjs"), etcd.endpoint, "/etcdserverpb.KV/Range", "0a016b"],
      goals: { Node: 5, executable: 1.2 },
    },
  };
  for (const [name, { words, floor: floorArgv, goals }] of Object.entries(commands)) {
    yield await wallRow(`cold \`${name}\``, { ...programs(words), floor: floorArgv }, { rounds, goals });
  }
  await etcd.stop();
}

export async function* coldStartWithTls() {
  const dir = mkdtempSync(path.join(os.tmpdir(), "bench-tls-"));
  const tls = await makeCertificates(dir);
  const etcd = await startEtcd({ tls });
  const flags = ["--cacert", tls.ca, "--cert", tls.cert, "--key", tls.key];
  const words = ["--endpoints", `https://${etcd.endpoint}`, ...flags, "put", "k", "v"];
  const goals = { Node: newerNode ? 3.9 : 5.7, executable: 1.6 };
  yield await wallRow(
    "cold `put`, mutual TLS",
    { ...programs(words), floor: [node, floor("h2-put.mjs"), etcd.endpoint, tls.ca, tls.cert, tls.key] },
    { rounds, goals },
  );
  await etcd.stop();
  rmSync(dir, { recursive: true });
}

const puts = 5000;
const goProcesses = 200;

/** Rates of puts: in one process of `batch`, and of a process of Go's etcdctl for each put. */
export async function* batches() {
  const etcd = await startEtcd();
  const dir = mkdtempSync(path.join(os.tmpdir(), "bench-batch-"));
  const lines = (count) => Array.from({ length: count }, (_, i) => `put /batch/${i} value-${i}\n`).join("");
  const file = path.join(dir, "puts");
  const driver = await bundleDriver();
  const go = find("etcdctl");
  const rate = (count, work) => {
    const start = performance.now();
    work();
    return (count * 1000) / (performance.now() - start);
  };
  const run = (argv) => execFileSync(argv[0], argv.slice(1), { stdio: ["ignore", "ignore", "inherit"] });
  for (const jobs of [1, 64]) {
    const count = jobs === 1 ? puts : 10 * puts;
    writeFileSync(file, lines(count));
    const batch = (command) => () =>
      run([...command, "--endpoints", etcd.endpoint, "batch", "--jobs", String(jobs), file]);
    const rates = { Go: [], floor: [], Node: [], executable: [] };
    for (let round = 0; round < 3; round++) {
      rates.Go.push(
        rate(goProcesses, () => {
          for (let i = 0; i < goProcesses; i++)
            run([go, "--endpoints", etcd.endpoint, "put", `/go/${i}`, "value"]);
        }),
      );
      const load = [driver, etcd.endpoint, "put", String(jobs), "1"];
      rates.floor.push(JSON.parse(execFileSync(node, load, { encoding: "utf8" })).perSecond);
      rates.Node.push(rate(count, batch(ours)));
      if (executableFile()) rates.executable.push(rate(count, batch([executableFile()])));
    }
    const ratio = (name) =>
      rates[name].length === 0 ? undefined : median(rates[name].map((each, i) => each / rates.Go[i]));
    const ratios = { floor: ratio("floor"), Node: ratio("Node"), executable: ratio("executable") };
    const goals = jobs === 1 ? { Node: 15, executable: 20 } : { Node: 60, executable: 100 };
    const job = `puts a second of one \`batch\`, ${jobs} in flight`;
    yield ratioRow(job, `${median(rates.Go).toFixed(0)}/s`, ratios, { goals, isRate: true });
  }
  rmSync(dir, { recursive: true });
  await etcd.stop();
}

/** A sentence about the size of the executable and its memory. */
export async function executableSize() {
  const file = executableFile();
  if (file === undefined) return "The executable is not built: `npm run build:executable`.";
  const etcd = await startEtcd();
  const argv = [file, "--endpoints", etcd.endpoint, "put", "k", "v"];
  const [{ peakMiB }] = await compare([{ name: "put", argv }], 5);
  await etcd.stop();
  const mb = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
  const xz = spawnSync("xz", ["-6", "-T0", "-c", file], { maxBuffer: 1 << 30 });
  const compressed = [`gzip ${mb(gzipSync(readFileSync(file)).length)}`];
  if (xz.status === 0) compressed.push(`xz ${mb(xz.stdout.length)}`);
  return (
    `The executable has ${mb(statSync(file).size)} (compressed: ${compressed.join(", ")}; goal: 45 MB). ` +
    `A put has a peak of ${peakMiB.toFixed(0)} MiB (goal: 50 MiB).`
  );
}

function programs(words) {
  const file = executableFile();
  return {
    ...{ Go: [find("etcdctl"), ...words], Node: [...ours, ...words] },
    ...(file && { executable: [file, ...words] }),
  };
}
