// Measures a make-mirror that runs until the destination has all keys: its wall time, and its CPU time and peak memory from /proc.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fill, library, startEtcd } from "./programs.mjs";
import { processUsage } from "./watches.mjs";

export const mirroredKeys = 100_000;
const pollMs = 50;

/** The etcd that is copied. */
export async function startSource() {
  const source = await startEtcd();
  await fill(source.endpoint, { count: mirroredKeys, keySize: 30, valueSize: 100 });
  return source;
}

/** Copies all keys of `source` to a new etcd with the etcdctl in `argv`. */
export async function mirror(argv, source) {
  const destination = await startEtcd();
  const { connect } = await library();
  const client = await connect({ endpoints: [destination.endpoint] });
  const start = performance.now();
  const words = ["--endpoints", source.endpoint, "make-mirror", destination.endpoint];
  const child = spawn(argv[0], [...argv.slice(1), ...words], { stdio: ["ignore", "ignore", "inherit"] });
  try {
    while ((await countOf(client)) < mirroredKeys) await sleep(pollMs);
    const wallMs = performance.now() - start;
    return { wallMs, ...processUsage(child.pid) };
  } finally {
    child.kill("SIGINT");
    if (child.exitCode === null) await once(child, "exit");
    await client.close();
    await destination.stop();
  }
}

async function countOf(client) {
  const all = { key: Buffer.from([0]), rangeEnd: Buffer.from([0]), countOnly: true };
  return Number((await client.kv.range(all)).count);
}

/** For each program, a list of runs. */
export async function mirrorRuns(programs, source, rounds) {
  const runs = Object.fromEntries(Object.keys(programs).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, argv] of Object.entries(programs)) runs[name].push(await mirror(argv, source));
  }
  return runs;
}
