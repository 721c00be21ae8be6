// `member replace`: a new member in place of a dead or a live one, in the order in which etcd accepts it and no step costs the
// quorum. Nothing is remembered: each step follows from the member list, so a second run continues.
//
// dead:  remove the old, add the new as a learner, wait, promote. etcd adds no member while a voter is unreachable.
// live:  add the new as a learner, wait, promote, move the leadership away, remove the old. No moment has fewer voters.
// Go: mayAddMember, mayRemoveMember, mayPromoteMember in server/etcdserver/server.go
import type { FlagTable, FlagValues } from "../../input/flags";
import { badArgs, CliError, ExitCode } from "../../errors";
import { writeHints } from "../../hints";
import { defineCommand, type CommandContext } from "../command";
import { checkPeerUrls, peerUrls } from "../member";
import { stepWriter, type StepWriter } from "../space/steps";
import { leaderOf, quorumOf, survey, votersOf, type Survey, type SurveyedMember } from "../survey";
import { MemberChanges } from "./member-changes";
import { RemovalNote } from "./removal-note";
import { startOf } from "./start-settings";

const flags = {
  "peer-urls": {
    kind: "string",
    default: "",
    usage: "comma-separated URLs where the other members reach the new member",
  },
  name: {
    kind: "string",
    default: "",
    usage: "name of the new member; default: that of the old one, which must then be stopped",
  },
  wait: {
    kind: "duration",
    default: 0,
    noOptDefault: "10m",
    usage: "wait until the new member has started and received all data, and promote it",
  },
} as const satisfies FlagTable;

export const memberReplace = defineCommand({
  flags,
  async run(context, args, values) {
    const [typed] = args;
    if (typed === undefined || args.length !== 1) throw badArgs("member replace needs a member's name or ID");
    const urls = peerUrls(values["peer-urls"]);
    const write = stepWriter(await context.format(), context.io.stdout);
    await context.connect();
    checkPeerUrls(urls);
    await new Replacement(context, { typed, urls, ...values }, write).run();
  },
});

interface Wanted extends FlagValues<typeof flags> {
  readonly typed: string;
  readonly urls: readonly string[];
}

/** Who is replaced and who is new, as far as the member list has them. */
interface Pair {
  readonly found: Survey;
  readonly old: SurveyedMember | undefined;
  readonly fresh: SurveyedMember | undefined;
}

class Replacement {
  constructor(
    private readonly context: CommandContext,
    private readonly wanted: Wanted,
    private readonly write: StepWriter,
  ) {}

  async run(): Promise<void> {
    const pair = await this.look();
    this.refuseWithoutQuorum(pair);
    const { old, fresh } = pair;
    const changes = await this.changesBeside(pair);
    const note = new RemovalNote(this.context, changes, this.wanted.typed, this.wanted.urls);
    if (fresh === undefined) {
      if (old === undefined && !(await note.isLeft())) throw this.unknownMember(pair);
      await this.begin(pair, changes, note);
    } else if (old && isFirstRemoved(old)) {
      this.refuseUnlessRestHasQuorum(pair, old);
      await this.remove(old, changes);
    }
    if (await this.bringIn(this.nameAtStart(old), changes)) await this.finish(changes);
  }

  private async look(): Promise<Pair> {
    const found = await survey(this.context);
    const { typed, urls } = this.wanted;
    // A dead voter at these URLs is the one to replace: the new member may have the same address.
    const fresh = found.members.find(
      ({ member, status }) =>
        member.peerURLs.some((url) => urls.includes(url)) &&
        (member.isLearner || member.name === "" || status !== undefined),
    );
    const isTyped = ({ member }: SurveyedMember) =>
      member.ID.toString(16) === typed.toLowerCase() || (typed !== "" && member.name === typed);
    const matches = found.members.filter((each) => each !== fresh && isTyped(each));
    if (matches.length > 1) {
      const ids = matches.map(({ member }) => member.ID.toString(16)).join(", ");
      throw badArgs(`${matches.length} members are named ${typed}: ${ids}; use an ID instead`);
    }
    return { found, old: matches[0], fresh };
  }

  /** Through members that stay: the old one may lead or hang. */
  private async changesBeside({ found, old }: Pair): Promise<MemberChanges> {
    const endpoints = found.members.flatMap((each) =>
      each.status && each !== old && !each.member.isLearner ? [each.endpoint] : [],
    );
    const place = { endpoints: endpoints.length > 0 ? endpoints : await this.context.endpoints() };
    return new MemberChanges(this.context, await this.context.clientAt(place));
  }

  private refuseWithoutQuorum({ found }: Pair): void {
    const voters = votersOf(found);
    const alive = voters.filter(({ status }) => status).length;
    const quorum = quorumOf(voters.length);
    if (alive >= quorum) return;
    throw refused(`${alive} of ${voters.length} voters respond, and a change needs ${quorum}`, [
      "start the other members again",
      "if they are lost: restore a snapshot (etcdutl snapshot restore), or start one member with --force-new-cluster",
    ]);
  }

  private unknownMember({ found }: Pair): CliError {
    const { typed } = this.wanted;
    const list = found.members.map(({ member, name }) => `${member.ID.toString(16)} (${name})`).join(", ");
    return badArgs(`no member has the ID or name ${typed}`, {
      hints: [
        `the members are ${list}`,
        `if an earlier run has removed it: ${this.addCommand(typed)}, then this command again`,
      ],
    });
  }

  private addCommand(name: string): string {
    return `etcdctl member add ${this.wanted.name || name} --learner --peer-urls=${this.wanted.urls.join(",")}`;
  }

  /** Without an old member, an earlier run has removed it. */
  private async begin(pair: Pair, changes: MemberChanges, note: RemovalNote): Promise<void> {
    const { old } = pair;
    this.refuseWhatEtcdRefuses(pair);
    if (old && isFirstRemoved(old)) {
      this.refuseUnlessRestHasQuorum(pair, old);
      const again = (await note.leave()) ? "" : `${this.addCommand(this.newName(old))}, then `;
      await this.hint(
        `removing ${old.name}; if this ends before the new member is added: ${again}this command again`,
      );
      await this.remove(old, changes);
    }
    await changes.add(this.wanted.urls);
    await note.remove();
  }

  /** Checks everything that etcd could refuse later, before the first change. */
  private refuseWhatEtcdRefuses({ found, old }: Pair): void {
    const others = found.members.filter((each) => each !== old);
    const learner = others.find(({ member }) => member.isLearner);
    if (learner) {
      throw refused(`${learner.name} is a learner, and etcd allows one at a time`, [
        `etcdctl member promote ${learner.name}, or etcdctl member remove ${learner.name}`,
      ]);
    }
    const down = others.find(({ status }) => status === undefined);
    if (down) {
      throw refused(`${down.name} does not respond either, and etcd then adds no member`, [
        `start it again; if it is lost, first: etcdctl member remove ${down.name}`,
      ]);
    }
    const name = this.newName(old);
    const isLive = old !== undefined && !isFirstRemoved(old);
    if (others.some(({ member }) => member.name === name) || (isLive && old.member.name === name)) {
      throw refused(`the name ${name} is in use`, [
        isLive
          ? "a live member keeps its name until it is removed: choose another with --name; or stop the old member first"
          : "choose another with --name",
      ]);
    }
    if (isLive && old.member.peerURLs.some((url) => this.wanted.urls.includes(url))) {
      throw refused(`${old.name} responds at these peer URLs`, [
        "stop it first, then it is replaced as a dead one",
      ]);
    }
  }

  private newName(old: SurveyedMember | undefined): string {
    return this.wanted.name || (old?.member.name ?? "") || this.wanted.typed;
  }

  /** NAME if only an earlier run knew it. */
  private nameAtStart(old: SurveyedMember | undefined): string {
    if (old && isFirstRemoved(old)) return this.newName(old);
    const { name, typed } = this.wanted;
    const isUnusable = old !== undefined || /^[0-9a-f]{13,16}$/i.test(typed);
    return name || (isUnusable ? "NAME" : typed);
  }

  private refuseUnlessRestHasQuorum({ found }: Pair, old: SurveyedMember): void {
    const rest = votersOf(found).filter((each) => each !== old);
    const alive = rest.filter(({ status }) => status).length;
    if (alive >= quorumOf(rest.length)) return;
    throw refused(`without ${old.name}, ${alive} of ${rest.length} voters would respond: no quorum`, [
      "start the other members again, or replace those that are lost first",
    ]);
  }

  private async remove(old: SurveyedMember, changes: MemberChanges): Promise<void> {
    const id = old.member.ID;
    await changes.remove(id);
    await this.write({ step: "remove", member: old.name, id: id.toString(16) }, [
      `removed ${old.name} (${id.toString(16)})`,
    ]);
  }

  /** Until the new member votes. False if the user has to start it first. */
  private async bringIn(name: string, changes: MemberChanges): Promise<boolean> {
    const { urls, wait } = this.wanted;
    const members = await changes.list();
    const fresh = members.find(({ peerURLs }) => peerURLs.some((url) => urls.includes(url)));
    if (fresh === undefined) throw new CliError(ExitCode.error, "the new member has left the member list");
    if (fresh.name !== "" && !fresh.isLearner) return true;
    const id = fresh.ID.toString(16);
    if (fresh.name === "") {
      const { environment, commandLine } = startOf(name, fresh, members);
      const lines = Object.entries(environment).map(([key, value]) => `${key}="${value}"`);
      await this.write({ step: "start", id, peer_urls: [...urls], environment, command_line: commandLine }, [
        `the new member ${id} is in the list as a learner; start it:`,
        "",
        ...lines,
        "",
        commandLine,
        "",
      ]);
      await this.hint(
        "with an empty data directory, and with the client URLs, certificates and other flags of the old member",
      );
    }
    if (!fresh.isLearner) {
      await this.hint("it has been added as a voter: when it has started, run this command again");
      return false;
    }
    if (fresh.name === "" && wait === 0) {
      await this.hint(
        "when it has started, run this command again: it promotes the learner (or wait now: --wait)",
      );
      return false;
    }
    if (!(await changes.promote(fresh.ID, wait))) {
      const hints = ["it has not received all data yet, or has not started: run this command again"];
      throw new CliError(ExitCode.error, `the learner ${id} is not ready to vote`, { hints });
    }
    await this.write({ step: "promote", id }, [`promoted ${id}: it votes`]);
    return true;
  }

  /** The new member votes: a live old one can go. */
  private async finish(changes: MemberChanges): Promise<void> {
    const { found, old, fresh } = await this.look();
    if (old) {
      const silent = votersOf(found).find((each) => each !== old && each.status === undefined);
      if (silent) {
        throw new CliError(ExitCode.error, `stopped: ${silent.name} does not respond, so ${old.name} stays`, {
          hints: ["when it responds again, run this command again: it continues"],
        });
      }
      if (leaderOf(found) === old.member.ID && fresh) {
        const { maintenance } = await this.context.clientOf(old.endpoint);
        await maintenance.moveLeader({ targetID: fresh.member.ID }, this.context.call());
        await this.write({ step: "move_leader", to: fresh.name }, [`moved the leadership to ${fresh.name}`]);
      }
      await this.remove(old, changes);
    }
    const members = await changes.list();
    const voters = members.filter(({ isLearner }) => !isLearner).length;
    await this.write({ step: "done", voters }, [
      `done: ${fresh?.name ?? this.wanted.typed} is one of ${voters} voters; etcdctl doctor examines the cluster`,
    ]);
  }

  private async hint(text: string): Promise<void> {
    await writeHints([text], this.context.io);
  }
}

/** A dead voter counts for the quorum without helping it; a learner does not count, and only one is allowed. */
function isFirstRemoved({ member, status }: SurveyedMember): boolean {
  return status === undefined || member.isLearner;
}

function refused(reason: string, hints: readonly string[]): CliError {
  return new CliError(ExitCode.error, `refused: ${reason}`, {
    hints: [...hints, "nothing has been changed"],
  });
}
