// A snapshot without a hash, read by etcdutl: status, hash of the keys, and restore.
import { mkdtempSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { etcdutlHashKV as hashkv } from "../../../src/commands/etcdutl";
import { etcdutlSnapshotRestore as restore } from "../../../src/commands/snapshot/restore";
import { etcdutlSnapshotStatus as status } from "../../../src/commands/snapshot/status";
import { CliError } from "../../../src/errors";
import { runCommand } from "../../support/run-command";
import { fixMetaChecksums, pageDamage, smallDatabase } from "../support/db-files";
import type { FuzzTarget } from "../target";

export const target: FuzzTarget = {
  seeds: () => [smallDatabase(3), smallDatabase(60)],
  mutators: pageDamage,
  fixUp: fixMetaChecksums,
  isExpected: (error) => error instanceof CliError,
  async run(input, scratch) {
    const file = scratch.file(input);
    const folder = mkdtempSync(join(dirname(file), "restored-"));
    const words = [file, "--data-dir", join(folder, "x"), "--skip-hash-check"];
    const bump = ["--bump-revision", "1000", "--mark-compacted"];
    const runs = [
      () => runCommand(status, [file]),
      () => runCommand(hashkv, [file]),
      () => runCommand(restore, [...words, ...bump]),
    ];
    let failure: unknown;
    for (const run of runs) {
      await run().catch((error: unknown) => {
        if (!(error instanceof CliError)) throw error;
        failure = error;
      });
    }
    rmSync(folder, { recursive: true, force: true });
    if (failure !== undefined) throw failure as Error;
  },
};
