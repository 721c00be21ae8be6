// `etcdctl snapshot status`, which etcd 3.6 took away, as it was in 3.5: what it counts and prints is 3.5's, for the scripts
// that still call it. Answers to etcdctl's snapshot_command.go of etcd 3.5.
import { defineCommand } from "../../commands/command";
import { printStatus } from "../commands/snapshot-status";
import { utlFlags } from "../flags";

export const command = defineCommand({
  flags: { "write-out": { ...utlFlags["write-out"], hidden: true } },
  async run({ io }, args, flags) {
    await io.stderr.write("Deprecated: Use `etcdutl snapshot status` instead.\n\n");
    await printStatus(
      args,
      { format: flags["write-out"], as35: true, timeoutMs: utlFlags.timeout.default },
      io,
    );
  },
});
