// `etcdctl snapshot restore`, which etcd 3.6 took away, with the flags that it had in 3.5: they are etcdutl's.
// Answers to etcdctl's snapshot_command.go of etcd 3.5.
import { defineCommand } from "../../commands/command";
import { restoreFlags, restoreSnapshot } from "../commands/snapshot-restore";

export const command = defineCommand({
  flags: restoreFlags,
  async run({ io }, args, flags) {
    await io.stderr.write("Deprecated: Use `etcdutl snapshot restore` instead.\n\n");
    await restoreSnapshot(args, flags, io);
  },
});
