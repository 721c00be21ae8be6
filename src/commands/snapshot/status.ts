// `snapshot status FILE` of etcdutl, and of etcdctl until etcd 3.5. etcdctl's counts and prints as etcd 3.5 did, for scripts
// that still use it. The failures come in Go's order.
// Go: etcdutl/etcdutl/snapshot_command.go (SnapshotStatusCommandFunc), etcdctl/ctlv3/command/snapshot_command.go of etcd 3.5.
import { badArgs } from "../../errors";
import { humanizeBytes } from "../../go/units";
import type { Io } from "../../io";
import { checkExists, waitUntilUnlocked, withInputFile } from "../../offline/database-file";
import type { SnapshotStatus } from "../../offline/status";
import { snapshotStatus } from "../../offline/status";
import type { TableStyle } from "../../output/printer";
import { defineCommand } from "../command";
import { etcdutlFlags } from "../etcdutl";
import type { Report } from "../report-printer";
import { reportPrinter } from "../report-printer";

export const etcdutlSnapshotStatus = defineCommand({
  flags: etcdutlFlags,
  async run({ io }, args, flags) {
    await printStatus(args, { format: flags["write-out"], isEtcd35: false, timeoutMs: flags.timeout }, io);
  },
});

export const etcdctlSnapshotStatus = defineCommand({
  flags: { "write-out": { ...etcdutlFlags["write-out"], hidden: true } },
  async run(context, args, flags) {
    await context.io.stderr.write("Deprecated: Use `etcdutl snapshot status` instead.\n\n");
    const timeoutMs = etcdutlFlags.timeout.default;
    const options = {
      format: flags["write-out"],
      style: await context.tableStyle(),
      isEtcd35: true,
      timeoutMs,
    };
    await printStatus(args, options, context.io);
  },
});

interface StatusOptions {
  readonly format: string;
  readonly style?: TableStyle;
  /** As in etcd 3.5: counts all records as keys, and prints no version. */
  readonly isEtcd35: boolean;
  /** How long to wait while another process has locked the file. */
  readonly timeoutMs: number;
}

async function printStatus(args: readonly string[], options: StatusOptions, io: Io): Promise<void> {
  const [name] = args;
  if (name === undefined || args.length !== 1) throw badArgs("snapshot status requires exactly one argument");
  const { format, isEtcd35, timeoutMs } = options;
  await withInputFile(name, io, async (file) => {
    if (!isEtcd35) checkExists(file);
    const print = reportPrinter(format, options.style);
    if (isEtcd35) checkExists(file);
    await waitUntilUnlocked(file, { timeoutMs, io });
    const status = await snapshotStatus(file, { signal: io.interrupt, countsAll: isEtcd35 });
    await io.stdout.write(print(statusReport(status, options)));
  });
}

function statusReport(status: SnapshotStatus, { isEtcd35 }: StatusOptions): Report {
  const { hash, revision, totalKeys, totalSizeBytes, version } = status;
  const size = humanizeBytes(BigInt(totalSizeBytes));
  return {
    fields: [
      { title: "hash", fieldName: "Hash", jsonName: "hash", value: hash, shown: hash.toString(16) },
      { title: "revision", fieldName: "Revision", jsonName: "revision", value: revision },
      { title: "total keys", fieldName: "Keys", jsonName: "totalKey", value: totalKeys },
      { title: "total size", fieldName: "Size", jsonName: "totalSize", value: totalSizeBytes, shown: size },
      ...(isEtcd35 ? [] : [{ title: "version", fieldName: "Version", jsonName: "version", value: version }]),
    ],
  };
}
