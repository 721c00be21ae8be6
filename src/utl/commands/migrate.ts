// `etcdutl migrate --data-dir DIR --target-version X.Y`. Answers to etcdutl's migrate_command.go.
import { defineCommand } from "../../commands/command";
import { stoppedDataDirFlag, utlFlags } from "../flags";
import { migrate, targetVersion } from "../migrate";

export const command = defineCommand({
  flags: {
    ...stoppedDataDirFlag,
    "target-version": {
      kind: "string",
      default: "",
      usage: "the version that is to start on it next, as 3.6; 3.5 is the oldest",
      required: true,
    },
    force: {
      kind: "bool",
      default: false,
      usage: "set the version even if that cannot be done well; not recommended",
    },
    ...utlFlags,
  },
  async run({ io }, _args, flags) {
    const target = targetVersion(flags["target-version"]);
    const { "data-dir": dataDir, force, timeout: lockTimeoutMs } = flags;
    await migrate({ dataDir, target, force, lockTimeoutMs }, io);
  },
});
