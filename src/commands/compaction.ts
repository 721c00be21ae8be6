// `compaction REVISION`: forgets the history before a revision. Prints the same line in every format, as Go does.
// Departure: `compaction current` takes the revision that the cluster has at the moment; where that is done already, all is well.
// Answers to etcdctl's compaction_command.go.
import { firstKey } from "../etcd/keys";
import type { FlagTable, FlagValues } from "../cli/flags";
import type { EtcdClient } from "../client/client";
import { badArgs, ExitCode } from "../errors";
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
    usage: "wait until the old revisions are gone from the database too",
  },
} as const satisfies FlagTable;

export const command = defineCommand({
  flags: compactionFlags,
  async run(context, args, flags) {
    const [word] = args;
    const isCurrent = args.length === 1 && word === "current";
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

/** As the cluster agrees on it; any key does. */
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
