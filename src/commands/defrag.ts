// `defrag`: gives the unused space of each endpoint's database back to the file system. Surplus words are ignored, as in Go.
// One that fails does not keep the others from being done; then the exit code is 1, without an error line of its own.
// Answers to etcdctl's defrag_command.go.
import { ExitCode } from "../errors";
import { defineCommand, type CommandContext } from "./command";
import { defragment, tell } from "./defrag/defragment";
import { defragmentCluster } from "./defrag/cluster";
import type { FlagTable } from "./flags";

const defragFlags = {
  cluster: {
    kind: "bool",
    default: false,
    usage: "all members of the cluster, the leader last, as long as the others are healthy",
  },
} as const satisfies FlagTable;

export const command = defineCommand({
  flags: defragFlags,
  async run(context, _args, { cluster }) {
    await context.printer(); // shows nothing, but an unknown format is refused, as in Go
    const failures = cluster ? await defragmentCluster(context) : await defragmentEach(context);
    return failures === 0 ? ExitCode.success : ExitCode.error;
  },
});

async function defragmentEach(context: CommandContext): Promise<number> {
  let failures = 0;
  for (const endpoint of await context.endpoints()) {
    const outcome = await defragment(context, endpoint);
    await tell(context, outcome);
    if (outcome.failure) failures++;
  }
  return failures;
}
