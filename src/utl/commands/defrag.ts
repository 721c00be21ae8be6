// `etcdutl defrag --data-dir DIR`. Answers to etcdutl's defrag_command.go.
import { defineCommand } from "../../commands/command";
import { CliError } from "../../errors";
import { defragment } from "../defrag";
import { stoppedDataDirFlag, utlFlags } from "../flags";

export const command = defineCommand({
  flags: {
    ...stoppedDataDirFlag,
    ...utlFlags,
  },
  async run({ io }, _args, flags) {
    const dataDir = flags["data-dir"];
    await defragment(dataDir, flags.timeout, io).catch((error: unknown) => {
      if (!(error instanceof CliError)) throw error;
      const message = `Failed to defragment etcd data[${dataDir}] (${error.message})`;
      throw new CliError(error.exitCode, message, { cause: error, hints: error.hints });
    });
  },
});
