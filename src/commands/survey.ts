// Who the members of a cluster are and what each says about itself, for the commands that look after a cluster.
import type { EtcdClient } from "../client/client";
import { CliError, EtcdError, ExitCode } from "../errors";
import { oneSafeLine } from "../go/raw-text";
import {
  AlarmRequest,
  Member,
  MemberListRequest,
  type AlarmMember,
  type StatusResponse,
} from "../proto/gen/etcdserverpb";
import type { CommandContext } from "./command";
import { connectionError, readFailure } from "./endpoint";

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
  /** What responded at an endpoint of --endpoints but is no member of this cluster. */
  readonly strangers: readonly StatusAnswer[];
}

/**
 * Asks every member for its status. An endpoint of --endpoints counts for the member that responds there, since the URLs that
 * members advertise cannot always be reached from here. Without a quorum the list is the one that a member has stored.
 */
export async function survey(context: CommandContext): Promise<Survey> {
  const ask = askOnce(context);
  const answers = await Promise.all((await context.endpoints()).map(ask));
  const client = await clientOfMost(context, answers);
  const { header, members } = await client.cluster.memberList(MemberListRequest.create(), context.call());
  const clusterId = header?.clusterId ?? 0n;
  // kine sends no IDs, which are 0 then.
  const isFrom = ({ status }: StatusAnswer, { ID }: Member) =>
    status !== undefined && idOf(status) === ID && (status.header?.clusterId ?? 0n) === clusterId;
  if ((await context.offlinePath()) !== undefined) {
    const named = answers.flatMap((answer) => {
      if (answer.status === undefined) return [];
      const ID = idOf(answer.status);
      const member = members.find((each) => each.ID === ID) ?? Member.create({ ID });
      return [{ ...answer, member, name: memberName(member) }];
    });
    return { clusterId, members: named, strangers: [] };
  }
  const seen = members.map(async (member) => {
    const isItself = (answer: StatusAnswer) => isFrom(answer, member);
    const answer =
      answers.find(isItself) ?? ownAnswer(await Promise.all(member.clientURLs.map(ask)), isItself);
    return { ...answer, member, name: memberName(member) };
  });
  const strangers = answers.filter(
    (answer) => answer.status !== undefined && !members.some((member) => isFrom(answer, member)),
  );
  return { clusterId, members: await Promise.all(seen), strangers };
}

/** A client of the cluster to which most of the endpoints lead. */
async function clientOfMost(context: CommandContext, answers: readonly StatusAnswer[]): Promise<EtcdClient> {
  const endpointsOf = new Map<bigint, string[]>();
  for (const { status, endpoint } of answers) {
    const cluster = status?.header?.clusterId ?? 0n;
    if (status) endpointsOf.set(cluster, [...(endpointsOf.get(cluster) ?? []), endpoint]);
  }
  const [most] = [...endpointsOf.values()].sort((a, b) => b.length - a.length);
  if (most?.[0] !== undefined && endpointsOf.size > 1) return context.clientOf(most[0]);
  return (await context.connect()).client;
}

/** Asks each address once, whether an endpoint or a member names it, so that one that hangs costs one deadline. */
function askOnce(context: CommandContext): (url: string) => Promise<StatusAnswer> {
  const asked = new Map<string, Promise<StatusAnswer>>();
  return (url) => {
    const address = addressOf(url);
    const answer = asked.get(address) ?? statusOf(context, url);
    asked.set(address, answer);
    return answer;
  };
}

/** Endpoints are often typed without the scheme that members advertise. */
export function addressOf(url: string): string {
  return url.replace(/^https?:\/\//, "");
}

/** A URL that a member advertises may lead to another server: a port was used again, or all members advertise one address. */
function ownAnswer(
  answers: readonly StatusAnswer[],
  isItself: (answer: StatusAnswer) => boolean,
): StatusAnswer {
  const own = answers.find(isItself);
  if (own !== undefined) return own;
  const [first] = answers;
  if (first === undefined) {
    return { endpoint: "", tookNs: 0n, failure: new CliError(ExitCode.error, "it has not been started") };
  }
  const {
    endpoint,
    tookNs,
    failure = new CliError(ExitCode.error, `${whoResponds(first)} responds there`),
  } = first;
  return { endpoint, tookNs, failure };
}

/** `member 8e9e05c52164694d of cluster cdf818194e3a8c32` */
export function whoResponds({ status }: StatusAnswer): string {
  const { memberId = 0n, clusterId = 0n } = status?.header ?? {};
  return `member ${memberId.toString(16)} of cluster ${clusterId.toString(16)}`;
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

/** The share of the database file that a defragmentation gives back. */
export function freePercent({ dbSize, dbSizeInUse }: StatusResponse): bigint {
  return dbSize > 0n ? ((dbSize - dbSizeInUse) * 100n) / dbSize : 0n;
}

export function votersOf({ members }: Survey): readonly SurveyedMember[] {
  return members.filter(({ member }) => !member.isLearner);
}

export function quorumOf(voters: number): number {
  return Math.floor(voters / 2) + 1;
}

/** What could not be found out, and why. */
export interface Unknown {
  readonly unknown: string;
}

/** Before etcd 3.6 only the metrics have the quota. */
export async function quotaOf(
  context: CommandContext,
  { status, endpoint }: StatusAnswer,
): Promise<bigint | Unknown> {
  if (status && status.dbSizeQuota > 0n) return status.dbSizeQuota;
  try {
    const { body } = await context.httpGet(endpoint, "/metrics");
    const quota = Number(/^etcd_server_quota_backend_bytes (\S+)$/m.exec(body)?.[1]);
    if (quota > 0) return BigInt(quota);
  } catch (error) {
    return { unknown: (error as Error).message };
  }
  return { unknown: "the member does not report its quota" };
}

/** Why voters cannot be relied on, one line each: no response, or no read that the quorum confirms. */
export async function unhealthyVoters(context: CommandContext, found: Survey): Promise<string[]> {
  const reasons = await Promise.all(votersOf(found).map((each) => whyUnhealthy(context, each)));
  return reasons.flat();
}

export async function whyUnhealthy(context: CommandContext, each: SurveyedMember): Promise<string[]> {
  const { name, endpoint, status, failure } = each;
  const place = endpoint === "" ? name : `${name} (${endpoint})`;
  if (status === undefined) return [`${place} does not respond: ${failure?.message ?? ""}`];
  const client = await context.clientOf(endpoint);
  const problem = await readFailure(client, context.call());
  context.io.interrupt.throwIfAborted();
  return problem ? [`${place} cannot confirm a read with the quorum: ${problem.message}`] : [];
}
