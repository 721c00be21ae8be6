// Lists all keys of a snapshot of about 220 MiB without a server, and compares peak memory with the size of the file.
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { execFileSync } from "node:child_process";
import os from "node:os";
import path from "node:path";
import { compare, table } from "../support/measure.mjs";
import { fill, ours, startEtcd } from "../support/programs.mjs";

const trial = (name, description, data) => ({
  name: `offline/${name}`,
  description,
  async setUp() {
    const etcd = await startEtcd();
    if (!etcd) return { skip: "no etcd in ETCD_BIN_DIR or PATH" };
    const dir = mkdtempSync(path.join(os.tmpdir(), "bench-offline-"));
    const file = path.join(dir, "backup.db");
    try {
      await fill(etcd.endpoint, data);
      const save = ["--endpoints", etcd.endpoint, "--command-timeout", "300s", "snapshot", "save", file];
      execFileSync(ours[0], [...ours.slice(1), ...save], { stdio: "ignore" });
    } finally {
      await etcd.stop();
    }
    const argv = [...ours, "get", "/", "--prefix", "--keys-only", `--offline=${file}`];
    return {
      async report(rounds = 5) {
        const rows = await compare([{ name: "ours", argv }], rounds);
        const fileMiB = statSync(file).size / 2 ** 20;
        const ratio = rows[0].peakMiB / fileMiB;
        return `${table(rows)}\n  peak memory / size of the file (${fileMiB.toFixed(0)} MiB): ${ratio.toFixed(2)}`;
      },
      tearDown: () => rmSync(dir, { recursive: true, force: true }),
    };
  },
});

export default [
  trial("small", "get / --prefix --keys-only, 940k keys of 30 + 130 B in key order", {
    count: 940_000,
    keySize: 30,
    valueSize: 130,
  }),
  trial("shuffled", "the same keys, written in a shuffled order", {
    count: 940_000,
    keySize: 30,
    valueSize: 130,
    shuffled: true,
  }),
  trial("large", "170k keys of 30 B + 1 KiB", { count: 170_000, keySize: 30, valueSize: 1024 }),
];
