// `etcdctl defrag`, with the --data-dir that it had until etcd 3.5: then no server is asked.
// Answers to etcdctl's defrag_command.go of etcd 3.5.
import type { FlagTable } from "../cli/flags";
import { CliError, EtcdError, ExitCode } from "../errors";
import { formatDuration } from "../go/units";
import type { Member } from "../proto/gen/etcdserverpb";
import type { CommandContext } from "./command";
import { defineCommand } from "./command";
import { clusterMembers, readFailure, tellFailure } from "./endpoint";

const defragFlags = {
  cluster: {
    kind: "bool",
    default: false,
    usage: "all members of the cluster, the leader last, as long as the others are healthy",
  },
} as const satisfies FlagTable;

export const clusterDefrag = defineCommand({
  flags: defragFlags,
  async run(context, _args, { cluster }) {
    await context.printer(); // shows nothing, but an unknown format is refused, as in Go
    const failures = cluster ? await defragmentCluster(context) : await defragmentEach(context);
    return failures === 0 ? ExitCode.success : ExitCode.error;
  },
});

export const command = defineCommand({
  flags: {
    ...clusterDefrag.flags,
    "data-dir": {
      kind: "string",
      completes: "directory",
      default: "",
      usage: "defragment the data dir of a stopped member instead",
    },
  },
  async run(context, args, flags, dashAt) {
    const { io } = context;
    if (flags["data-dir"] === "") return clusterDefrag.run(context, args, flags, dashAt);
    const note = "The --data-dir is going to be decomissioned in v3.6.";
    await io.stderr.write(`Use \`etcdutl defrag\` instead. ${note}\n\n`);
    const { defragment } = await import("../offline/rewrite-database");
    return defragment(flags["data-dir"], 0, io);
  },
});

// `defrag`: gives the unused space of each endpoint's database back to the file system. Surplus words are ignored, as in Go.
// One that fails does not keep the others from being done; then the exit code is 1, without an error line of its own.
// Answers to etcdctl's defrag_command.go.

async function defragmentEach(context: CommandContext): Promise<number> {
  let failures = 0;
  for (const endpoint of await context.endpoints()) {
    const outcome = await defragmentEndpoint(context, endpoint);
    await tell(context, outcome);
    if (outcome.failure) failures++;
  }
  return failures;
}

// `defrag --cluster`: all members one after the other, the leader last, so that leadership moves at most once. Before each
// one the others are asked for a read: no member is taken out while the cluster would lose its quorum by that, or while
// one that was defragmented has not come back. Lines are printed in the order of the members, as Go prints them.

interface Target {
  readonly endpoint: string;
  readonly member: Member;
}

/** How many could not be defragmented; rejects when it stops half-way. */
export async function defragmentCluster(context: CommandContext): Promise<number> {
  const members = await clusterMembers(context);
  const leader = await leaderOf(context);
  const targets = members.flatMap((member) => member.clientURLs.map((endpoint) => ({ endpoint, member })));
  const outcomes = new Outcomes(context, targets);
  const progress = context.io.progress();
  try {
    for (const target of leaderLast(targets, leader)) {
      progress.update(`defragmenting ${target.endpoint}`);
      const reasons = await reasonsToStop(context, members, target.member, outcomes.done);
      if (reasons.length > 0) throw stopped(target, reasons, outcomes.missing);
      await outcomes.add(target, await defragmentEndpoint(context, target.endpoint).catch(asOutcome(target)));
    }
  } finally {
    progress.stop();
    await outcomes.tellRest();
  }
  return outcomes.failures;
}

/** 0 when nobody says: not every etcd tells every user, and the others' health is asked for anyway. */
async function leaderOf(context: CommandContext): Promise<bigint> {
  const { client } = await context.connect();
  try {
    return (await client.maintenance.status({}, context.call())).leader;
  } catch (error) {
    if (!(error instanceof EtcdError) || context.io.interrupt.aborted) throw error;
    return 0n;
  }
}

function leaderLast(targets: readonly Target[], leader: bigint): Target[] {
  const leads = ({ member }: Target) => member.ID === leader;
  return [...targets.filter((target) => !leads(target)), ...targets.filter(leads)];
}

/** What is known of each target, told in their order as early as that allows. */
class Outcomes {
  /** Defragmented, so they should answer. */
  readonly done = new Set<Member>();
  private readonly known = new Map<Target, Outcome>();
  private told = 0;

  constructor(
    private readonly context: CommandContext,
    private readonly targets: readonly Target[],
  ) {}

  get failures(): number {
    return [...this.known.values()].filter(({ failure }) => failure).length;
  }

  get missing(): string[] {
    return this.targets.filter((target) => !this.known.has(target)).map(({ endpoint }) => endpoint);
  }

  async add(target: Target, outcome: Outcome): Promise<void> {
    this.known.set(target, outcome);
    if (!outcome.failure) this.done.add(target.member);
    for (let next = this.next(); next; next = this.next()) await this.tellNext(next);
  }

  async tellRest(): Promise<void> {
    while (this.told < this.targets.length) await this.tellNext(this.next());
  }

  private next(): Outcome | undefined {
    const target = this.targets[this.told];
    return target && this.known.get(target);
  }

  private async tellNext(outcome: Outcome | undefined): Promise<void> {
    this.told++;
    if (outcome) await tell(this.context, outcome);
  }
}

/** Empty when `member` may be out for a while. A learner does not count, nor is anything safer where one is all there is. */
async function reasonsToStop(
  context: CommandContext,
  members: readonly Member[],
  member: Member,
  done: ReadonlySet<Member>,
): Promise<string[]> {
  if (member.isLearner) return [];
  const voters = members.filter(({ isLearner }) => !isLearner);
  const others = voters.filter((other) => other !== member);
  const troubles = await Promise.all(others.map((other) => troubleOf(context, other)));
  const healthy = troubles.filter((trouble) => trouble === undefined).length;
  const quorum = Math.floor(voters.length / 2) + 1;
  const isOneGone = others.some((other, at) => done.has(other) && troubles[at] !== undefined);
  const isAtRisk = healthy < quorum && healthy < others.length;
  return isOneGone || isAtRisk ? troubles.filter((trouble) => trouble !== undefined) : [];
}

async function troubleOf(context: CommandContext, member: Member): Promise<string | undefined> {
  const name = member.name || member.ID.toString(16);
  const [endpoint] = member.clientURLs;
  if (endpoint === undefined) return `${name} has not been started`;
  const failure = await context
    .clientOf(endpoint)
    .then((client) => readFailure(client, context.call()))
    .catch(badConnection);
  context.io.interrupt.throwIfAborted();
  return failure && `${name} (${endpoint}) does not answer: ${failure.message}`;
}

/** A member that cannot be logged in to is one that cannot be reached: the password was right a moment ago. */
function badConnection(error: unknown): CliError {
  if (error instanceof CliError && error.exitCode === ExitCode.badConnection) return error;
  throw error;
}

function asOutcome({ endpoint }: Target): (error: unknown) => Outcome {
  return (error) => ({ endpoint, tookNs: 0n, failure: badConnection(error) });
}

function stopped({ endpoint }: Target, reasons: readonly string[], missing: readonly string[]): CliError {
  const message = `stopped before ${endpoint}: too few of the other members are healthy`;
  return new CliError(ExitCode.error, message, {
    hints: [
      ...reasons,
      `not defragmented: ${missing.join(", ")}`,
      `to do one all the same: etcdctl defrag --endpoints=${endpoint}`,
    ],
  });
}

// Defragments one endpoint's database, and how its outcome is told. The member answers nothing meanwhile.
// Answers to the loop of etcdctl's defrag_command.go.

export interface Outcome {
  readonly endpoint: string;
  readonly tookNs: bigint;
  readonly failure: EtcdError | CliError | undefined;
}

export async function defragmentEndpoint(context: CommandContext, endpoint: string): Promise<Outcome> {
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
