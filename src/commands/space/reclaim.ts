// `space reclaim`: what etcd's guide says to do about the alarm NOSPACE, as one command. Compact, defragment the members one after
// the other, disarm. It looks at the whole cluster before each step and stops at the first thing that is not healthy. Nothing is
// remembered: a second run sees what is left to do.
import type { FlagTable, FlagValues } from "../../input/flags";
import { sleep } from "../../clock";
import type { EtcdClient } from "../../client/client";
import { badArgs, CliError, EtcdError, ExitCode } from "../../errors";
import { firstKey } from "../../etcd/keys";
import { isServerError } from "../../etcd/error-table";
import { writeHints } from "../../hints";
import { formatDuration, humanizeBytes } from "../../go/units";
import {
  AlarmRequest,
  AlarmRequest_AlarmAction,
  AlarmType,
  RangeRequest,
} from "../../proto/gen/etcdserverpb";
import { defineCommand, type CommandContext } from "../command";
import { activeAlarms, quotaOf, survey, unhealthyVoters, type Survey, type SurveyedMember } from "../survey";
import { leaderLast, planOf, sizeLines, sizeObjects, type PlannedMember } from "./plan";
import { stepWriter, type StepWriter } from "./steps";

const flags = {
  keep: {
    kind: "duration",
    default: 0,
    usage: "keep the history of this time: wait as long, then compact at the revision of the start",
  },
  rev: { kind: "int64", default: 0n, usage: "compact at this revision; 0: the one of the start" },
  "min-free": {
    kind: "uint",
    default: 10,
    usage: "leave out members below their quota with less than this percentage of free pages",
  },
  "dry-run": { kind: "bool", default: false, usage: "print what would be done, but do nothing" },
} as const satisfies FlagTable;

export const command = defineCommand({
  flags,
  async run(context, args, values) {
    if (args.length > 0) throw badArgs("space reclaim takes no arguments");
    if (values.rev !== 0n && values.keep !== 0)
      throw badArgs("--rev and --keep cannot be set at the same time");
    if (values.rev < 0n || values.keep < 0) throw badArgs("--rev and --keep cannot be negative");
    if (values["min-free"] > 100) throw badArgs("--min-free is a percentage");
    const write = stepWriter(await context.format(), context.io.stdout);
    const reclaim = new Reclaim(context, (await context.connect()).client, values, write);
    await reclaim.run();
  },
});

interface Look extends Survey {
  readonly plan: readonly PlannedMember[];
  /** By member. Members whose quota is not known are absent. */
  readonly quotas: ReadonlyMap<bigint, bigint>;
}

class Reclaim {
  constructor(
    private readonly context: CommandContext,
    private readonly client: EtcdClient,
    private readonly wanted: FlagValues<typeof flags>,
    private readonly write: StepWriter,
  ) {}

  async run(): Promise<void> {
    const first = await this.lookForHealth("nothing has been changed");
    const revision = this.wanted.rev || (await this.currentRevision());
    await this.showPlan(first, revision);
    if (this.wanted["dry-run"]) return this.hint("this was a dry run, nothing has been changed");
    await this.keepHistory(revision);
    await this.compact(await this.lookForHealth("nothing has been changed"), revision);
    await this.defragment();
    await this.disarm();
  }

  /** Throws if a voter is not healthy, or if data is corrupt. `done` says what has happened until then. */
  private async lookForHealth(done: string): Promise<Look> {
    const { context, client } = this;
    const found = await survey(context);
    const reasons = await unhealthyVoters(context, found);
    if (reasons.length > 0) {
      throw new CliError(ExitCode.error, "stopped: a member is not healthy", {
        hints: [
          ...reasons,
          `${done}; when all members are healthy, run the same command again: it continues`,
          "etcdctl doctor shows the whole cluster",
        ],
      });
    }
    const corrupt = (await activeAlarms(client, context)).some(({ alarm }) => alarm === AlarmType.CORRUPT);
    if (corrupt) {
      throw new CliError(ExitCode.error, "stopped: a member has raised the alarm CORRUPT", {
        hints: [`${done}; compare the members first: etcdctl doctor`],
      });
    }
    const quotas = await this.quotasOf(found);
    const minFreeOf = (each: SurveyedMember) => (isFull(each, quotas) ? 0 : this.wanted["min-free"]);
    return { ...found, quotas, plan: leaderLast(planOf(found, minFreeOf)) };
  }

  private async quotasOf({ members }: Survey): Promise<Map<bigint, bigint>> {
    const quotas = new Map<bigint, bigint>();
    for (const each of members) {
      const quota = each.status ? await quotaOf(this.context, each) : 0n;
      if (typeof quota === "bigint" && quota > 0n) quotas.set(each.member.ID, quota);
    }
    return quotas;
  }

  /** From a linearizable read of any key. */
  private async currentRevision(): Promise<bigint> {
    const request = RangeRequest.create({ key: firstKey, countOnly: true });
    return (await this.client.kv.range(request, this.context.call())).header?.revision ?? 0n;
  }

  /** The sizes before the compaction: how much it frees cannot be known. */
  private async showPlan({ plan }: Look, revision: bigint): Promise<void> {
    const wait = this.wanted.keep > 0 ? ` after ${durationText(this.wanted.keep)}` : "";
    const raised = (await this.spaceAlarms()).length > 0;
    await this.write(
      { step: "plan", revision, keep_ms: this.wanted.keep, alarm: raised, members: sizeObjects(plan) },
      [
        ...sizeLines(plan),
        "",
        `1. compact at revision ${revision}${wait}: the history before it is lost`,
        "2. defragment the members with enough free pages one after the other, the leader last",
        `3. disarm the alarm NOSPACE${raised ? "" : " (it is not raised)"}`,
        "",
      ],
    );
  }

  private async spaceAlarms() {
    const active = await activeAlarms(this.client, this.context);
    return active.filter(({ alarm }) => alarm === AlarmType.NOSPACE);
  }

  private async keepHistory(revision: bigint): Promise<void> {
    const { keep } = this.wanted;
    if (keep === 0) return;
    const { clock, interrupt } = this.context.io;
    await this.hint(
      `waiting ${durationText(keep)}, since no member knows when a revision was written; to continue sooner: --rev ${revision}`,
    );
    await sleep(clock, keep, interrupt);
    interrupt.throwIfAborted();
  }

  /**
   * Through every voter: each responds when it has removed the old revisions from its database, so that its defragmentation
   * finds their pages free. Go: Compact in server/etcdserver/v3_server.go, compact in server/storage/mvcc/kvstore.go
   */
  private async compact({ members }: Look, revision: bigint): Promise<void> {
    const voters = members.filter(({ member, status }) => status !== undefined && !member.isLearner);
    for (const { endpoint } of voters) {
      const { kv } = await this.context.clientOf(endpoint);
      try {
        await kv.compact({ revision, physical: true }, this.context.longCall());
      } catch (error) {
        if (!isServerError(error, "compacted")) throw error;
      }
    }
    await this.write({ step: "compact", revision }, [`compacted at revision ${revision}`]);
  }

  /** Each member at most once, even if the compaction has left it with many free pages. */
  private async defragment(): Promise<void> {
    const done = new Set<bigint>();
    const isLeft = ({ action, member }: PlannedMember) => action === "defragment" && !done.has(member.ID);
    for (;;) {
      const summary = done.size === 0 ? "the history is compacted" : `${done.size} members are defragmented`;
      const { plan } = await this.lookForHealth(summary);
      const next = plan.find(isLeft);
      if (next === undefined) return;
      done.add(next.member.ID);
      await this.defragmentOne(next);
    }
  }

  private async defragmentOne(each: PlannedMember): Promise<void> {
    const { name, endpoint, status } = each;
    const { clock } = this.context.io;
    const { maintenance } = await this.context.clientOf(endpoint);
    const startNs = clock.monotonicNs();
    const progress = this.context.io.progress();
    progress.update(`defragmenting ${name}`);
    try {
      await maintenance.defragment({}, this.context.longCall());
    } catch (error) {
      if (!(error instanceof EtcdError) || this.context.io.interrupt.aborted) throw error;
      throw new CliError(ExitCode.error, `stopped: ${name} could not be defragmented: ${error.message}`, {
        cause: error,
        hints: [
          ...error.hints,
          "etcdctl doctor shows its state; then run the same command again: it continues",
        ],
      });
    } finally {
      progress.stop();
    }
    const tookNs = clock.monotonicNs() - startNs;
    const after = (await maintenance.status({}, this.context.call())).dbSize;
    const before = status?.dbSize ?? 0n;
    const sizes = `${humanizeBytes(before)} are now ${humanizeBytes(after)}`;
    await this.write(
      { step: "defragment", member: name, endpoint, db_size_before: before, db_size: after, took_ns: tookNs },
      [`defragmented ${name}: ${sizes}, took ${formatDuration(tookNs)}`],
    );
  }

  /** Not while a member is full: it would raise the alarm again at the next write. */
  private async disarm(): Promise<void> {
    const look = await this.lookForHealth("the members are defragmented");
    const full = look.members.filter((each) => isFull(each, look.quotas));
    if (full.length > 0) {
      throw new CliError(ExitCode.error, `stopped: the data of ${namesOf(full)} still fills the quota`, {
        hints: [
          "delete keys, which is allowed under the alarm, and run the same command again; etcdctl get --tree --depth 2 counts them",
          "or start every member with a larger --quota-backend-bytes",
        ],
      });
    }
    const raised = await this.spaceAlarms();
    for (const each of raised) {
      const action = AlarmRequest_AlarmAction.DEACTIVATE;
      await this.client.maintenance.alarm(AlarmRequest.create({ action, ...each }), this.context.call());
    }
    if ((await this.spaceAlarms()).length > 0) {
      throw new CliError(ExitCode.error, "stopped: the alarm NOSPACE is raised again", {
        hints: ["a write has filled a member; run the same command again"],
      });
    }
    const sizes = look.members.flatMap(({ status }) => status?.dbSize ?? []);
    const largest = sizes.reduce((a, b) => (a > b ? a : b), 0n);
    const disarmed = raised.length > 0 ? ["disarmed the alarm NOSPACE"] : [];
    await this.write({ step: "done", disarmed: raised.length, largest_db_size: largest }, [
      ...disarmed,
      `done: no alarm NOSPACE, the largest database has ${humanizeBytes(largest)}`,
    ]);
  }

  private async hint(text: string): Promise<void> {
    await writeHints([text], this.context.io);
  }
}

/** Whether the next write raises the alarm: etcd adds the size of the write to that of the file. */
function isFull({ member, status }: SurveyedMember, quotas: ReadonlyMap<bigint, bigint>): boolean {
  const quota = quotas.get(member.ID);
  return quota !== undefined && status !== undefined && status.dbSize >= quota;
}

function namesOf(members: readonly SurveyedMember[]): string {
  return members.map(({ name }) => name).join(" and ");
}

function durationText(ms: number): string {
  return formatDuration(BigInt(Math.round(ms * 1e6)));
}
