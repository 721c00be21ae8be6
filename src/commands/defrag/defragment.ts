// Defragments one endpoint's database, and how its outcome is told. The member answers nothing meanwhile.
// Answers to the loop of etcdctl's defrag_command.go.
import type { CliError } from "../../errors";
import { EtcdError } from "../../errors";
import { formatDuration } from "../../goformat/duration";
import type { CommandContext } from "../command";
import { tellFailure } from "../endpoint/each-endpoint";

export interface Outcome {
  readonly endpoint: string;
  readonly tookNs: bigint;
  readonly failure: EtcdError | CliError | undefined;
}

export async function defragment(context: CommandContext, endpoint: string): Promise<Outcome> {
  const { clock, interrupt } = context.io;
  const client = await context.clientOf(endpoint);
  const startNs = clock.monotonicNs();
  const tookNs = () => clock.monotonicNs() - startNs;
  try {
    await client.maintenance.defragment({}, context.call());
    return { endpoint, tookNs: tookNs(), failure: undefined };
  } catch (error) {
    if (!(error instanceof EtcdError) || interrupt.aborted) throw error;
    return { endpoint, tookNs: tookNs(), failure: error };
  }
}

export async function tell({ io }: CommandContext, { endpoint, tookNs, failure }: Outcome): Promise<void> {
  const took = formatDuration(tookNs);
  if (!failure) return io.stdout.write(`Finished defragmenting etcd member[${endpoint}]. took ${took}\n`);
  const line = `Failed to defragment etcd member[${endpoint}]. took ${took}. (${failure.message})`;
  await tellFailure(io, line, failure);
}
