// `compaction REVISION`: forgets the history before a revision. Prints the same line in every format, as Go does.
// Answers to etcdctl's compaction_command.go.
import { ExitCode } from "../errors";
import { parseInt64 } from "../goformat/parse-int";
import { CompactionRequest } from "../proto/gen/etcdserverpb";
import { defineCommand } from "./command";
import { parsedAs } from "./failures";
import type { FlagTable, FlagValues } from "./flags";
import { badArgs } from "./key-range";

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
    const request = compactionRequest(args, flags);
    const { client } = await context.session();
    await client.kv.compact(request, context.call());
    await context.io.stdout.write(`compacted revision ${request.revision}\n`);
  },
});

export function compactionRequest(
  args: readonly string[],
  flags: FlagValues<typeof compactionFlags>,
): CompactionRequest {
  const [text] = args;
  if (text === undefined || args.length !== 1) throw badArgs("compaction command needs 1 argument");
  const revision = parsedAs(ExitCode.error, () => parseInt64(text));
  return CompactionRequest.create({ revision, physical: flags.physical });
}
