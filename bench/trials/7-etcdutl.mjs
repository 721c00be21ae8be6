// snapshot status and snapshot restore of large snapshots, and defrag of what they restore.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fill, find, ours, oursUtl, startEtcd } from "../support/programs.mjs";

const sets = [
  {
    name: "large-values",
    description: "a file of about 1 GiB, 120,000 keys",
    count: 120_000,
    keySize: 30,
    valueSize: 8192,
  },
  {
    name: "small-values",
    description: "a file of about 220 MiB, a million keys",
    count: 1_000_000,
    keySize: 30,
    valueSize: 100,
  },
];

export default sets.flatMap(({ name, description, ...content }) =>
  [
    { job: "status", args: (file) => ["snapshot", "status", file] },
    { job: "restore", args: (file, target) => ["snapshot", "restore", file, "--data-dir", target] },
    { job: "defrag", args: (_file, target) => ["defrag", "--data-dir", target], hasDataDir: true },
  ].map(({ job, args, hasDataDir }) => ({
    name: `etcdutl/${job}/${name}`,
    description,
    rounds: 3,
    async setUp() {
      const etcd = await startEtcd();
      const go = find("etcdutl");
      if (!etcd || !go) return { skip: "no etcd and etcdutl in ETCD_BIN_DIR or PATH" };
      const dir = mkdtempSync(path.join(os.tmpdir(), "bench-etcdutl-"));
      const file = path.join(dir, "backup.db");
      await fill(etcd.endpoint, content);
      execFileSync(ours[0], [...ours.slice(1), "--endpoints", etcd.endpoint, "snapshot", "save", file]);
      await etcd.stop();
      const program = (title, command) => {
        const target = path.join(dir, title.replaceAll(" ", "-"));
        const before = () => {
          rmSync(target, { recursive: true, force: true });
          if (!hasDataDir) return;
          execFileSync(go, ["snapshot", "restore", file, "--data-dir", target], { stdio: "ignore" });
        };
        return { name: title, argv: [...command, ...args(file, target)], before };
      };
      return {
        programs: [program("Go etcdutl", [go]), program("ours", oursUtl)],
        tearDown: () => rmSync(dir, { recursive: true, force: true }),
      };
    },
  })),
);
