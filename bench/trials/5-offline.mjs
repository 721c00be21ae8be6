// Work on snapshots without a server: a list of all keys, beside the size of the file, and `usage` and `diff`, beside reading.
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { execFileSync } from "node:child_process";
import os from "node:os";
import path from "node:path";
import { compare, table } from "../support/measure.mjs";
import { executable, fill, ours, startEtcd } from "../support/programs.mjs";

/** Snapshots of an etcd that is filled with `data`: one of all keys, and one with 100 keys more. */
async function saveSnapshots(data) {
  const etcd = await startEtcd();
  if (!etcd) return undefined;
  const dir = mkdtempSync(path.join(os.tmpdir(), "bench-offline-"));
  const [file, laterFile] = ["backup.db", "later.db"].map((name) => path.join(dir, name));
  const save = (to) => {
    const words = ["--endpoints", etcd.endpoint, "--command-timeout", "300s", "snapshot", "save", to];
    execFileSync(ours[0], [...ours.slice(1), ...words], { stdio: "ignore" });
  };
  try {
    await fill(etcd.endpoint, data);
    save(file);
    await fill(etcd.endpoint, { ...data, count: 100, prefix: "/later/" });
    save(laterFile);
  } finally {
    await etcd.stop();
  }
  return { file, laterFile, tearDown: () => rmSync(dir, { recursive: true, force: true }) };
}

const noEtcd = { skip: "no etcd in ETCD_BIN_DIR or PATH" };

const listTrial = (name, description, data) => ({
  name: `offline/${name}`,
  description,
  async setUp() {
    const saved = await saveSnapshots(data);
    if (!saved) return noEtcd;
    const argv = [...ours, "get", "/", "--prefix", "--keys-only", `--offline=${saved.file}`];
    return {
      async report(rounds = 5) {
        const rows = await compare([{ name: "ours", argv }], rounds);
        const fileMiB = statSync(saved.file).size / 2 ** 20;
        const ratio = rows[0].peakMiB / fileMiB;
        return `${table(rows)}\n  peak memory / size of the file (${fileMiB.toFixed(0)} MiB): ${ratio.toFixed(2)}`;
      },
      tearDown: saved.tearDown,
    };
  },
});

const walkTrial = (name, description, data) => ({
  name: `offline/walk/${name}`,
  description,
  rounds: 3,
  async setUp() {
    const saved = await saveSnapshots(data);
    if (!saved) return noEtcd;
    const { file, laterFile, tearDown } = saved;
    // `diff` ends with 1 where it finds differences.
    const diff = ["sh", "-c", '"$@" || [ $? -eq 1 ]', "sh"];
    const words = {
      usage: ["usage", `--offline=${file}`],
      diff: ["diff", "--count-only", file, laterFile],
    };
    return {
      programs: [
        { name: "floor: sha256sum of one file", argv: ["sha256sum", file] },
        { name: "floor: sha256sum of both", argv: ["sha256sum", file, laterFile] },
        { name: "usage", argv: [...ours, ...words.usage] },
        { name: "diff", argv: [...diff, ...ours, ...words.diff] },
        ...executable(words.usage).map((program) => ({ ...program, name: "usage, executable" })),
        ...executable(words.diff).map(({ argv }) => ({ name: "diff, executable", argv: [...diff, ...argv] })),
      ],
      tearDown,
    };
  },
});

export default [
  listTrial("small", "get / --prefix --keys-only, 940k keys of 30 + 130 B in key order", {
    count: 940_000,
    keySize: 30,
    valueSize: 130,
  }),
  listTrial("shuffled", "the same keys, written in a shuffled order", {
    count: 940_000,
    keySize: 30,
    valueSize: 130,
    shuffled: true,
  }),
  listTrial("large", "170k keys of 30 B + 1 KiB", { count: 170_000, keySize: 30, valueSize: 1024 }),
  walkTrial("1m", "usage and diff of a million keys with values of 100 B (207 MB)", {
    count: 1_000_000,
    keySize: 30,
    valueSize: 100,
  }),
  walkTrial("3m", "the same with three million keys", { count: 3_000_000, keySize: 30, valueSize: 100 }),
  walkTrial("large-values", "the same with 120,000 keys of 8 KiB (1 GiB)", {
    count: 120_000,
    keySize: 30,
    valueSize: 8192,
  }),
];
