// `compaction REVISION`. Prints the same line in every output format, as Go does.
// Departure: `compaction current` compacts at the current revision of the cluster; it succeeds if that is compacted already.
// Go: etcdctl/ctlv3/command/compaction_command.go.
import type { FlagTable, FlagValues } from "../input/flags";
import type { EtcdClient } from "../client/client";
import { badArgs, ExitCode } from "../errors";
import { firstKey } from "../etcd/keys";
import { isServerError } from "../etcd/error-table";
import { parseInt64 } from "../go/strconv";
import { CompactionRequest, RangeRequest } from "../proto/gen/etcdserverpb";
import type { CallOptions } from "../transport/transport";
import { mapParseError } from "./arguments";
import { defineCommand } from "./command";

const compactionFlags = {
  physical: {
    kind: "bool",
    default: false,
    usage: "wait until the old revisions are removed from the database",
  },
} as const satisfies FlagTable;

export const command = defineCommand({
  flags: compactionFlags,
  async run(context, args, flags) {
    const isCurrent = args.length === 1 && args[0] === "current";
    const typed = isCurrent ? undefined : compactionRequest(args, flags);
    const { client } = await context.connect();
    const call = context.call();
    const request = typed ?? { revision: await currentRevision(client, call), physical: flags.physical };
    try {
      await client.kv.compact(request, call);
    } catch (error) {
      if (!isCurrent || !isServerError(error, "compacted")) throw error;
    }
    await context.io.stdout.write(`compacted revision ${request.revision}\n`);
  },
});

/** From a linearizable read of any key. */
async function currentRevision({ kv }: EtcdClient, call: CallOptions): Promise<bigint> {
  const { header } = await kv.range(RangeRequest.create({ key: firstKey, countOnly: true }), call);
  return header?.revision ?? 0n;
}

export function compactionRequest(
  args: readonly string[],
  flags: FlagValues<typeof compactionFlags>,
): CompactionRequest {
  const [text] = args;
  if (text === undefined || args.length !== 1) throw badArgs("compaction command needs 1 argument");
  const revision = mapParseError(ExitCode.error, () => parseInt64(text));
  return CompactionRequest.create({ revision, physical: flags.physical });
}
