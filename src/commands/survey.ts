// Who the members of a cluster are and what each says about itself, for the commands that look after a cluster.
import type { EtcdClient } from "../client/client";
import { CliError, EtcdError, ExitCode } from "../errors";
import { oneSafeLine } from "../go/raw-text";
import { Member, MemberListRequest, type StatusResponse } from "../proto/gen/etcdserverpb";
import { AlarmRequest, type AlarmMember } from "../proto/gen/etcdserverpb";
import type { CommandContext } from "./command";
import { connectionError } from "./endpoint";

/** The response to one status call, or why there is none. */
export interface StatusAnswer {
  readonly endpoint: string;
  readonly status?: StatusResponse;
  readonly failure?: CliError | EtcdError;
  /** How long the call took, without the connection. */
  readonly tookNs: bigint;
}

export interface SurveyedMember extends StatusAnswer {
  readonly member: Member;
  /** Its name; its ID before its first start. */
  readonly name: string;
}

export interface Survey {
  readonly clusterId: bigint;
  /** In the order of the member list. With --offline only the member whose data is open. */
  readonly members: readonly SurveyedMember[];
}

/**
 * Asks every member for its status. An endpoint of --endpoints counts for the member that responds there, since the URLs that
 * members advertise cannot always be reached from here. Without a quorum the list is the one that a member has stored.
 */
export async function survey(context: CommandContext): Promise<Survey> {
  const { client } = await context.connect();
  const { header, members } = await client.cluster.memberList(MemberListRequest.create(), context.call());
  const ask = askOnce(context);
  const answers = await Promise.all((await context.endpoints()).map(ask));
  const byId = new Map(answers.flatMap((each) => (each.status ? [[idOf(each.status), each] as const] : [])));
  const clusterId = header?.clusterId ?? 0n;
  if (await context.isOffline()) {
    const named = [...byId].map(([ID, answer]) => {
      const member = members.find((each) => each.ID === ID) ?? Member.create({ ID });
      return { ...answer, member, name: memberName(member) };
    });
    return { clusterId, members: named };
  }
  const seen = members.map(async (member) => {
    const answer = byId.get(member.ID) ?? firstAnswer(await Promise.all(member.clientURLs.map(ask)));
    return { ...answer, member, name: memberName(member) };
  });
  return { clusterId, members: await Promise.all(seen) };
}

/** Asks each address once, whether an endpoint or a member names it, so that one that hangs costs one deadline. */
function askOnce(context: CommandContext): (url: string) => Promise<StatusAnswer> {
  const asked = new Map<string, Promise<StatusAnswer>>();
  return (url) => {
    const address = url.replace(/^https?:\/\//, "");
    const answer = asked.get(address) ?? statusOf(context, url);
    asked.set(address, answer);
    return answer;
  };
}

function firstAnswer(answers: readonly StatusAnswer[]): StatusAnswer {
  const failure = new CliError(ExitCode.error, "it has not been started");
  return (
    answers.find(({ status }) => status !== undefined) ?? answers[0] ?? { endpoint: "", tookNs: 0n, failure }
  );
}

export function memberName({ name, ID }: Member): string {
  return name === "" ? ID.toString(16) : oneSafeLine(name);
}

function idOf({ header }: StatusResponse): bigint {
  return header?.memberId ?? 0n;
}

export async function statusOf(context: CommandContext, endpoint: string): Promise<StatusAnswer> {
  const { clock, interrupt } = context.io;
  let startNs = clock.monotonicNs();
  try {
    const client = await context.clientOf(endpoint);
    const ask = () => client.maintenance.status({}, context.call());
    await ask(); // Makes the connection, whose time does not count.
    startNs = clock.monotonicNs();
    const status = await ask();
    return { endpoint, status, tookNs: clock.monotonicNs() - startNs };
  } catch (error) {
    interrupt.throwIfAborted();
    const failure = error instanceof EtcdError ? error : connectionError(error);
    return { endpoint, failure, tookNs: clock.monotonicNs() - startNs };
  }
}

export async function activeAlarms(
  { maintenance }: EtcdClient,
  context: CommandContext,
): Promise<readonly AlarmMember[]> {
  return (await maintenance.alarm(AlarmRequest.create(), context.call())).alarms;
}

/** The ID of the leader that most members name; 0 without one. */
export function leaderOf({ members }: Survey): bigint {
  const votes = new Map<bigint, number>();
  for (const { status } of members) {
    if (status && status.leader !== 0n) votes.set(status.leader, (votes.get(status.leader) ?? 0) + 1);
  }
  const [leader] = [...votes].sort(([, a], [, b]) => b - a);
  return leader?.[0] ?? 0n;
}

export function votersOf({ members }: Survey): readonly SurveyedMember[] {
  return members.filter(({ member }) => !member.isLearner);
}

export function quorumOf(voters: number): number {
  return Math.floor(voters / 2) + 1;
}
