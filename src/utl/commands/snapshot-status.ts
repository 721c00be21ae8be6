// `etcdutl snapshot status FILE`, and what `etcdctl snapshot status` of etcd 3.5 shares with it.
// Answers to SnapshotStatusCommandFunc in etcdutl's snapshot_command.go; order of failures included.
import { CliError, ExitCode } from "../../errors";
import { defineCommand } from "../../commands/command";
import { humanizeBytes } from "../../goformat/humanize";
import type { Io } from "../../io";
import { checkExists, waitUntilUnlocked } from "../database-file";
import { utlFlags } from "../flags";
import { answerPrinter, type Answer } from "../print";
import { snapshotStatus, type SnapshotStatus } from "../status";
import { withInputFile } from "../stdin-file";

export const command = defineCommand({
  flags: utlFlags,
  async run({ io }, args, flags) {
    await printStatus(args, { format: flags["write-out"], as35: false, timeoutMs: flags.timeout }, io);
  },
});

export interface StatusForm {
  readonly format: string;
  /** As etcd 3.5: all records count as keys, and there is no version. */
  readonly as35: boolean;
  /** How long to wait for an etcd to end that has the file locked. */
  readonly timeoutMs: number;
}

export async function printStatus(args: readonly string[], form: StatusForm, io: Io): Promise<void> {
  const [name] = args;
  if (name === undefined || args.length !== 1) {
    throw new CliError(ExitCode.badArgs, "snapshot status requires exactly one argument");
  }
  await withInputFile(name, io, async (file) => {
    if (!form.as35) checkExists(file);
    const print = answerPrinter(form.format);
    if (form.as35) checkExists(file);
    await waitUntilUnlocked(file, { timeoutMs: form.timeoutMs, io });
    const status = await snapshotStatus(file, { signal: io.interrupt, countsAll: form.as35 });
    await io.stdout.write(print(statusAnswer(status, form)));
  });
}

function statusAnswer(status: SnapshotStatus, { as35 }: StatusForm): Answer {
  const { hash, revision, totalKeys, totalSizeBytes, version } = status;
  const size = humanizeBytes(BigInt(totalSizeBytes));
  return {
    fields: [
      { title: "hash", fieldName: "Hash", jsonName: "hash", value: hash, shown: hash.toString(16) },
      { title: "revision", fieldName: "Revision", jsonName: "revision", value: revision },
      { title: "total keys", fieldName: "Keys", jsonName: "totalKey", value: totalKeys },
      { title: "total size", fieldName: "Size", jsonName: "totalSize", value: totalSizeBytes, shown: size },
      ...(as35 ? [] : [{ title: "version", fieldName: "Version", jsonName: "version", value: version }]),
    ],
  };
}
