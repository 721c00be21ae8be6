// `defrag` for each endpoint, for a whole cluster with --cluster, or for the data dir of a stopped member with --data-dir.
// A member serves no requests while it is defragmented.
// Go: etcdctl/ctlv3/command/defrag_command.go; --data-dir is from etcd 3.5.
import type { FlagTable } from "../input/flags";
import { badArgs, CliError, EtcdError, ExitCode } from "../errors";
import { formatDuration } from "../go/units";
import type { Member } from "../proto/gen/etcdserverpb";
import type { CommandContext } from "./command";
import { defineCommand } from "./command";
import { clusterMembers, connectionError, readFailure } from "./endpoint";
import { addressOf, freePercent, statusOf, survey } from "./survey";

const defragFlags = {
  cluster: {
    kind: "bool",
    default: false,
    usage: "defragment all members of the cluster, the leader last, while enough of them are healthy",
  },
  "data-dir": {
    kind: "string",
    completes: "directory",
    default: "",
    usage: "defragment the data dir of a stopped member instead",
  },
  plan: {
    kind: "bool",
    default: false,
    usage: "print the sizes and the order of the members, but defragment nothing",
  },
  "min-free": {
    kind: "uint",
    default: 0,
    usage: "leave out members whose database has less than this percentage of free pages",
  },
} as const satisfies FlagTable;

/**
 * Ignores arguments, as in Go. After a failed endpoint it continues with the next one; the exit code is then 1, without an
 * `Error:` line.
 */
export const command = defineCommand({
  flags: defragFlags,
  async run(context, _args, { cluster, "data-dir": dataDir, plan, "min-free": minFree }) {
    if (minFree > 100) throw badArgs("--min-free is a percentage");
    if (dataDir !== "") return defragmentDataDir(context, dataDir);
    if (plan) return printPlan(context, cluster, minFree);
    await context.printer(); // Prints nothing, but rejects an unknown output format, as in Go.
    const failures = await (cluster ? defragmentCluster : defragmentEndpoints)(context, minFree);
    return failures === 0 ? ExitCode.success : ExitCode.error;
  },
});

async function defragmentDataDir({ io }: CommandContext, dataDir: string): Promise<void> {
  const note = "The --data-dir is going to be decomissioned in v3.6.";
  await io.stderr.write(`Use \`etcdutl defrag\` instead. ${note}\n\n`);
  const { defragment } = await import("../offline/rewrite-database");
  return defragment(dataDir, 0, io);
}

/** In the order in which the same command without --plan goes from member to member. */
async function printPlan(context: CommandContext, cluster: boolean, minFree: number): Promise<number> {
  const { leaderLast: withLeaderLast, planOf, planWriter } = await import("./space/plan");
  const write = planWriter(await context.format(), await context.tableStyle());
  const planned = planOf(await survey(context), () => minFree);
  const typed = (await context.endpoints()).map(addressOf);
  const atEndpoints = typed.flatMap(
    (address) => planned.find(({ endpoint }) => addressOf(endpoint) === address) ?? [],
  );
  const plan = cluster ? withLeaderLast(planned) : atEndpoints;
  await context.io.stdout.write(write(plan));
  return plan.every(({ status }) => status) ? ExitCode.success : ExitCode.error;
}

/** Returns the number of failures. */
async function defragmentEndpoints(context: CommandContext, minFree: number): Promise<number> {
  let failures = 0;
  for (const endpoint of await context.endpoints()) {
    const outcome =
      (await skippedOutcome(context, endpoint, minFree)) ?? (await defragmentEndpoint(context, endpoint));
    await printOutcome(context, outcome);
    if (outcome.failure) failures++;
  }
  return failures;
}

interface Target {
  readonly endpoint: string;
  readonly member: Member;
}

/**
 * Defragments all members one after the other, the leader last, so that the leader changes at most once. Before each member it
 * checks the others with a read. It stops if the cluster would lose its quorum, or if a member did not come back after it was
 * defragmented. Prints in the order of the member list, as Go does. Returns the number of failures; rejects if it stops early.
 */
async function defragmentCluster(context: CommandContext, minFree: number): Promise<number> {
  const members = await clusterMembers(context);
  const leader = await leaderOf(context);
  const targets = members.flatMap((member) => member.clientURLs.map((endpoint) => ({ endpoint, member })));
  const outcomes = new Outcomes(context, targets);
  const progress = context.io.progress();
  try {
    for (const target of leaderLast(targets, leader)) {
      progress.update(`defragmenting ${target.endpoint}`);
      const skipped = await skippedOutcome(context, target.endpoint, minFree);
      if (skipped) {
        await outcomes.add(target, skipped);
        continue;
      }
      const reasons = await reasonsToStop(context, members, target.member, outcomes.defragmented);
      if (reasons.length > 0) throw stoppedError(target, reasons, outcomes.missing);
      const outcome = await defragmentEndpoint(context, target.endpoint).catch(asOutcome(target));
      await outcomes.add(target, outcome);
    }
  } finally {
    progress.stop();
    await outcomes.printRest();
  }
  return outcomes.failures;
}

/** 0 if the status call fails: not every etcd version lets every user call it, and the health checks still protect the quorum. */
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

/** Prints the outcome of each target in the order of the targets, as soon as all targets before it are printed. */
class Outcomes {
  /** Members that were defragmented successfully and must respond again. */
  readonly defragmented = new Set<Member>();
  private readonly known = new Map<Target, Outcome>();
  private printed = 0;

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
    if (!outcome.failure && outcome.skippedAt === undefined) this.defragmented.add(target.member);
    for (let next = this.next(); next; next = this.next()) await this.print(next);
  }

  async printRest(): Promise<void> {
    while (this.printed < this.targets.length) await this.print(this.next());
  }

  private next(): Outcome | undefined {
    const target = this.targets[this.printed];
    return target && this.known.get(target);
  }

  private async print(outcome: Outcome | undefined): Promise<void> {
    this.printed++;
    if (outcome) await printOutcome(this.context, outcome);
  }
}

/**
 * Empty if the cluster can do without `member` for some time. A learner has no vote. In a cluster of one or two members every
 * defragmentation costs the quorum, so it is not a reason to stop.
 */
async function reasonsToStop(
  context: CommandContext,
  members: readonly Member[],
  member: Member,
  defragmented: ReadonlySet<Member>,
): Promise<string[]> {
  if (member.isLearner) return [];
  const voters = members.filter(({ isLearner }) => !isLearner);
  const others = voters.filter((other) => other !== member);
  const problems = await Promise.all(others.map((other) => problemOf(context, other)));
  const healthy = problems.filter((problem) => problem === undefined).length;
  const quorum = Math.floor(voters.length / 2) + 1;
  const hasLostMember = others.some((other, at) => defragmented.has(other) && problems[at] !== undefined);
  const isQuorumAtRisk = healthy < quorum && healthy < others.length;
  return hasLostMember || isQuorumAtRisk ? problems.filter((problem) => problem !== undefined) : [];
}

async function problemOf(context: CommandContext, member: Member): Promise<string | undefined> {
  const name = member.name || member.ID.toString(16);
  const [endpoint] = member.clientURLs;
  if (endpoint === undefined) return `${name} has not been started`;
  const failure = await context
    .clientOf(endpoint)
    .then((client) => readFailure(client, context.call()))
    .catch(connectionError);
  context.io.interrupt.throwIfAborted();
  return failure && `${name} (${endpoint}) does not answer: ${failure.message}`;
}

function asOutcome({ endpoint }: Target): (error: unknown) => Outcome {
  return (error) => ({ endpoint, tookNs: 0n, failure: connectionError(error) });
}

function stoppedError(
  { endpoint }: Target,
  reasons: readonly string[],
  missing: readonly string[],
): CliError {
  const message = `stopped before ${endpoint}: too few of the other members are healthy`;
  return new CliError(ExitCode.error, message, {
    hints: [
      ...reasons,
      `not defragmented: ${missing.join(", ")}`,
      `to defragment one member anyway: etcdctl defrag --endpoints=${endpoint}`,
    ],
  });
}

interface Outcome {
  readonly endpoint: string;
  readonly tookNs: bigint;
  readonly failure: EtcdError | CliError | undefined;
  /** For a member that was left out: its percentage of free pages. */
  readonly skippedAt?: bigint;
}

/** Undefined if the member is to be defragmented. */
async function skippedOutcome(
  context: CommandContext,
  endpoint: string,
  minFree: number,
): Promise<Outcome | undefined> {
  if (minFree === 0) return undefined;
  const { status, failure, tookNs } = await statusOf(context, endpoint);
  if (status === undefined) return { endpoint, tookNs, failure };
  const skippedAt = freePercent(status);
  return skippedAt < BigInt(minFree) ? { endpoint, tookNs, failure: undefined, skippedAt } : undefined;
}

async function defragmentEndpoint(context: CommandContext, endpoint: string): Promise<Outcome> {
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

async function printOutcome(context: CommandContext, outcome: Outcome): Promise<void> {
  const { endpoint, tookNs, failure, skippedAt } = outcome;
  if (skippedAt !== undefined) {
    return context.io.stdout.write(
      `Skipped etcd member[${endpoint}]. ${skippedAt}% of its database is free\n`,
    );
  }
  const took = formatDuration(tookNs);
  if (!failure)
    return context.io.stdout.write(`Finished defragmenting etcd member[${endpoint}]. took ${took}\n`);
  const line = `Failed to defragment etcd member[${endpoint}]. took ${took}. (${failure.message})`;
  await context.reportFailure(line, failure);
}
