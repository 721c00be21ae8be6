// The figures of large amounts of data: gets, watches, snapshots and the work of etcdutl on their files.
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import path from "node:path";
import { median } from "simple-statistics";
import {
  dataFolder,
  executableFile,
  fill,
  find,
  floor,
  ours,
  oursUtl,
  startEtcd,
} from "../support/programs.mjs";
import { mirrorRuns, startSource } from "../support/mirrors.mjs";
import { bytesPerEvent, events, keySize, putAll, valueSize, watch } from "../support/watches.mjs";
import { milliseconds, ratioRow, wallRow } from "./figure.mjs";

const node = process.execPath;
/** A RangeRequest for all keys. */
const allKeys = "0a0100120100";

export async function* gets() {
  for (const { count, size, title, flags = [], goals, peakGoals } of [
    {
      ...{ count: 100_000, size: 100, title: "`get` of 100k × 130 B" },
      ...{ goals: { Node: 0.8, executable: 0.75 }, peakGoals: { Node: 80, executable: 70 } },
    },
    { count: 20_000, size: 4096, title: "`get` of 20k × 4 KiB", goals: { Node: 0.65, executable: 0.6 } },
    {
      ...{ count: 20_000, size: 4096, title: "the same, `-w json`", flags: ["-w", "json"] },
      goals: { Node: 0.35, executable: 0.35 },
    },
    { count: 20_000, size: 4096, title: "the same, `--keys-only`", flags: ["--keys-only"], goals: {} },
  ]) {
    const etcd = await startEtcd();
    await fill(etcd.endpoint, { count, keySize: 30, valueSize: size });
    const words = ["--endpoints", etcd.endpoint, "get", "", "--prefix", ...flags];
    const request = flags.includes("--keys-only") ? `${allKeys}4001` : allKeys;
    const read = [node, floor("h2-read.mjs"), etcd.endpoint, "/etcdserverpb.KV/RangeStream", request];
    yield await wallRow(title, { ...etcdctl(words), floor: read }, { rounds: 9, goals, peakGoals });
    await etcd.stop();
  }
}

export async function* watches() {
  const replay = await startEtcd();
  await fill(replay.endpoint, { count: events, keySize, valueSize });
  const replayed = await watchRuns(replay, "/bench/", "1", undefined, 5);
  await replay.stop();
  yield watchRow("`watch` replay of 100k events", replayed, "wallMs", { Node: 0.7, executable: 0.6 });
  const live = await startEtcd();
  const followed = await watchRuns(live, "/live/", "0", () => putAll(live.endpoint), 3);
  await live.stop();
  yield watchRow("`watch` live: CPU time of 100k events", followed, "cpuMs", { Node: 0.9, executable: 0.8 });
}

async function watchRuns(etcd, prefix, revision, write, rounds) {
  const from = revision === "0" ? [] : ["--rev", revision];
  const programs = etcdctl(["--endpoints", etcd.endpoint, "watch", "--prefix", ...from, prefix]);
  programs.floor = [node, floor("h2-watch.mjs"), etcd.endpoint, prefix, revision, String(bytesPerEvent)];
  const runs = {};
  for (let round = 0; round < rounds; round++) {
    for (const [name, argv] of Object.entries(programs)) (runs[name] ??= []).push(await watch(argv, write));
  }
  return runs;
}

export async function* mirrors() {
  const source = await startSource();
  const runs = await mirrorRuns(etcdctl([]), source, 1);
  await source.stop();
  yield watchRow("`make-mirror` of 100k keys", runs, "wallMs", {});
}

function watchRow(job, runs, field, goals) {
  const ratio = (name) => runs[name] && median(runs[name].map((run, i) => run[field] / runs.Go[i][field]));
  const ratios = { floor: ratio("floor"), Node: ratio("Node"), executable: ratio("executable") };
  return ratioRow(job, milliseconds(median(runs.Go.map((run) => run[field]))), ratios, { goals });
}

export async function* snapshots() {
  const dir = dataFolder(false);
  try {
    for (const { name, count, size } of [
      { name: "1 GiB", count: 120_000, size: 8192 },
      { name: "1M small keys", count: 1_000_000, size: 100 },
    ]) {
      const etcd = await startEtcd();
      await fill(etcd.endpoint, { count, keySize: 30, valueSize: size });
      const file = path.join(dir, "backup.db");
      rmSync(file, { force: true });
      execFileSync(ours[0], [...ours.slice(1), "--endpoints", etcd.endpoint, "snapshot", "save", file]);
      if (name === "1 GiB") yield await saveRow(etcd, dir);
      await etcd.stop();
      const goals = { Node: 1, executable: 1 };
      const status = { ...etcdutl(["snapshot", "status", file]), floor: ["sha256sum", file] };
      yield await wallRow(`\`etcdutl snapshot status\`, ${name}`, status, { rounds: 3, goals });
      const target = path.join(dir, "restored");
      const before = () => rmSync(target, { recursive: true, force: true });
      const restore = {
        ...etcdutl(["snapshot", "restore", file, "--data-dir", target]),
        floor: ["cp", file, target],
      };
      const programs = Object.fromEntries(
        Object.entries(restore).map(([title, argv]) => [title, { argv, before }]),
      );
      yield await wallRow(`\`etcdutl snapshot restore\`, ${name}`, programs, { rounds: 3, goals });
      before();
      if (name === "1 GiB") yield await defragRow(file, target);
      before();
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** A second defrag of a file writes the same again, so every run has the same work. */
function defragRow(snapshot, dataDir) {
  execFileSync(find("etcdutl"), ["snapshot", "restore", snapshot, "--data-dir", dataDir], {
    stdio: "ignore",
  });
  const db = path.join(dataDir, "member", "snap", "db");
  const copy = path.join(dataDir, "copy");
  const programs = { ...etcdutl(["defrag", "--data-dir", dataDir]), floor: ["cp", db, copy] };
  return wallRow("`etcdutl defrag`, 1 GiB", programs, { rounds: 3, goals: {} });
}

function saveRow(etcd, dir) {
  const target = path.join(dir, "saved.db");
  const before = () => rmSync(target, { force: true });
  const words = ["--endpoints", etcd.endpoint, "--command-timeout", "300s", "snapshot", "save", target];
  const floorArgv = [node, floor("h2-read.mjs"), etcd.endpoint, "/etcdserverpb.Maintenance/Snapshot"];
  const programs = Object.fromEntries(
    Object.entries(etcdctl(words)).map(([name, argv]) => [name, { argv, before }]),
  );
  programs.floor = { argv: floorArgv, before, stdout: target };
  return wallRow("`snapshot save` of 1 GiB", programs, { rounds: 3, goals: { Node: 0.9, executable: 0.85 } });
}

function etcdctl(words) {
  return withOurs(find("etcdctl"), ours, executableFile(), words);
}

function etcdutl(words) {
  return withOurs(find("etcdutl"), oursUtl, executableFile("etcdutl"), words);
}

function withOurs(go, onNode, file, words) {
  return { Go: [go, ...words], Node: [...onNode, ...words], ...(file && { executable: [file, ...words] }) };
}
