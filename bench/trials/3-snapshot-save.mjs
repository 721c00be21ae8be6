// snapshot save of a large database to a file, with the check of its hash and fsync.
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fill, find, ours, startEtcd } from "../support/programs.mjs";

export default [
  {
    name: "snapshot-save",
    description: "a database of about 1 GiB",
    rounds: 5,
    async setUp() {
      const etcd = await startEtcd();
      const go = find("etcdctl");
      if (!etcd || !go) return { skip: "no etcd and etcdctl in ETCD_BIN_DIR or PATH" };
      await fill(etcd.endpoint, { count: 120_000, keySize: 30, valueSize: 8192 });
      const dir = mkdtempSync(path.join(os.tmpdir(), "bench-snapshot-"));
      const save = (name, command) => {
        const file = path.join(dir, name);
        const argv = [
          ...command,
          "--endpoints",
          etcd.endpoint,
          "--command-timeout",
          "300s",
          "snapshot",
          "save",
          file,
        ];
        return { name, argv, before: () => rmSync(file, { force: true }) };
      };
      return {
        programs: [save("Go etcdctl", [go]), save("ours", ours)],
        async tearDown() {
          rmSync(dir, { recursive: true, force: true });
          await etcd.stop();
        },
      };
    },
  },
];
