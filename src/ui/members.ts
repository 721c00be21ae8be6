// The members with their health, and readings over time for the plots. A reading is taken when the page asks for one, so nothing
// is asked of the cluster while no page is open. The readings of the last half hour stay when the page is loaded again.
import type { EtcdClient } from "../client/client";
import { EtcdError, CliError } from "../errors";
import { isServerError } from "../etcd/error-table";
import {
  AlarmRequest,
  AlarmType,
  MemberListRequest,
  RangeRequest,
  type Member,
  type StatusResponse,
} from "../proto/gen/etcdserverpb";
import type { CallOptions } from "../transport/transport";
import type { Members, MemberView, Sample } from "./api";
import { labelOf } from "./names";
import { callOf, type Caller, type Source } from "./source";

const leastIntervalMs = 1000;
/** A member that does not respond must not hold up the others. */
const memberTimeoutMs = 3000;
const keptMs = 30 * 60 * 1000;

/** What one endpoint says, or why it says nothing. */
interface Reading {
  readonly endpoint: string;
  readonly status: StatusResponse | undefined;
  readonly latencyMs: number | undefined;
  /** It is well, but the user may not read its status. */
  readonly isDenied: boolean;
  readonly problems: readonly string[];
}

export class MemberMonitor {
  private readonly clients = new Map<string, Promise<EtcdClient>>();
  /** The last list that a member gave: while none responds, the page shows these. */
  private list: readonly Member[] = [];
  /** By endpoint: the member that responded there, and when. */
  private readonly seen = new Map<string, { readonly memberId: bigint; readonly at: number }>();
  private samples: Sample[] = [];
  private members: readonly MemberView[] = [];
  private readAt = -Infinity;
  private reading: Promise<void> | undefined;

  constructor(private readonly source: Source) {}

  async read(since: number, caller: Caller): Promise<Members> {
    const { clock } = this.source;
    if (clock.now() - this.readAt >= leastIntervalMs) {
      // Pages that ask at the same time share a reading.
      this.reading ??= this.readAll(caller).finally(() => (this.reading = undefined));
      await this.reading;
    }
    const samples = this.samples.filter(({ at }) => at > since);
    return { members: this.members, samples, now: this.readAt };
  }

  private async readAll(caller: Caller): Promise<void> {
    const { client, endpoints } = this.source;
    const options = callOf(caller);
    const [list, alarms, readings] = await Promise.all([
      client.cluster.memberList(MemberListRequest.create(), options).catch(ignored),
      client.maintenance.alarm(AlarmRequest.create(), options).catch(ignored),
      Promise.all(endpoints.map((endpoint) => this.readingOf(endpoint, caller))),
    ]);
    const members = (this.list = list?.members ?? this.list);
    const memberOf = ({ status, endpoint }: Reading) => {
      const known = status?.header?.memberId ?? this.seen.get(endpoint)?.memberId;
      return members.find(({ ID, clientURLs }) =>
        known === undefined ? clientURLs.some((url) => hostOf(url) === hostOf(endpoint)) : ID === known,
      );
    };
    const asked = new Set(readings.map(memberOf));
    const others = members.filter((member) => !asked.has(member));
    const further = await Promise.all(others.map((member) => this.otherMember(member, caller)));
    const raised = (alarms?.alarms ?? []).map(({ memberID, alarm }) => ({
      memberID,
      text: `alarm ${{ [AlarmType.NOSPACE]: "NOSPACE", [AlarmType.CORRUPT]: "CORRUPT" }[alarm as 1] ?? alarm}`,
    }));
    const viewed = [...readings, ...further.map(({ reading }) => reading)].map((reading) => {
      const member = further.find((each) => each.reading === reading)?.member ?? memberOf(reading);
      const ID = reading.status?.header?.memberId ?? member?.ID;
      const problems = raised.filter(({ memberID }) => memberID === ID).map(({ text }) => text);
      const lastSeen = this.seen.get(reading.endpoint)?.at ?? null;
      return viewOf(ID, member, { ...reading, problems: [...reading.problems, ...problems], lastSeen });
    });
    viewed.sort((a, b) => (a.name < b.name ? -1 : 1));
    this.members = viewed;
    this.readAt = this.source.clock.now();
    const oldest = this.readAt - keptMs;
    this.samples = [
      ...this.samples.filter(({ at }) => at > oldest),
      ...viewed.map((view) => sampleOf(view, this.readAt)),
    ];
  }

  private async otherMember(member: Member, caller: Caller): Promise<{ member: Member; reading: Reading }> {
    const [url] = member.clientURLs;
    const why = this.source.kind === "offline" ? [] : ["it has not started, or announces no client URL"];
    const silent: Reading = {
      endpoint: url ?? "",
      status: undefined,
      latencyMs: undefined,
      isDenied: false,
      problems: why,
    };
    if (url === undefined || this.source.kind === "offline") return { member, reading: silent };
    const reading = await this.readingOf(url, caller);
    const other = reading.status?.header?.memberId;
    if (other === undefined || other === member.ID) return { member, reading };
    // The port was used again, or all members announce one address.
    return { member, reading: { ...silent, problems: [`member ${other.toString(16)} responds there`] } };
  }

  private async readingOf(endpoint: string, caller: Caller): Promise<Reading> {
    const { clock } = this.source;
    const options = { ...callOf(caller), deadlineAt: clock.now() + memberTimeoutMs };
    let status: StatusResponse | undefined;
    try {
      const client = await this.clientOf(endpoint);
      status = await client.maintenance.status({}, options).catch(unlessDenied);
      const memberId = status?.header?.memberId;
      if (memberId !== undefined) this.seen.set(endpoint, { memberId, at: clock.now() });
      const start = clock.monotonicNs();
      await confirmedRead(client, options);
      const latencyMs = Number(clock.monotonicNs() - start) / 1e6;
      return { endpoint, status, latencyMs, isDenied: status === undefined, problems: [] };
    } catch (error) {
      if (!(error instanceof EtcdError || error instanceof CliError) || caller.signal.aborted) throw error;
      const [hint] = error.hints;
      return {
        endpoint,
        status,
        latencyMs: undefined,
        isDenied: false,
        problems: [hint === undefined ? error.message : `${error.message} (${hint})`],
      };
    }
  }

  /** A client that could not be made is tried again next time. */
  private async clientOf(endpoint: string): Promise<EtcdClient> {
    const known = this.clients.get(endpoint) ?? this.source.clientOf(endpoint);
    this.clients.set(endpoint, known);
    try {
      return await known;
    } catch (error) {
      this.clients.delete(endpoint);
      throw error;
    }
  }
}

/** Without the list, the page shows what the endpoints say. */
function ignored(error: unknown): undefined {
  if (!(error instanceof EtcdError)) throw error;
}

/** A linearizable read, as `endpoint health` does it: it needs a quorum. */
async function confirmedRead(client: EtcdClient, options: CallOptions): Promise<void> {
  const request = RangeRequest.create({ key: Buffer.from("health"), countOnly: true });
  await client.kv.range(request, options).catch(unlessDenied);
}

/** Who is denied a call has got a response. */
function unlessDenied(error: unknown): undefined {
  if (!(error instanceof EtcdError && isServerError(error, "permissionDenied"))) throw error;
}

/** `host:2379`, of an endpoint or of a URL. */
function hostOf(endpoint: string): string {
  return endpoint.replace(/^https?:\/\//, "").replace(/\/$/, "");
}

function viewOf(
  ID: bigint | undefined,
  member: Member | undefined,
  reading: Reading & { readonly lastSeen: number | null },
): MemberView {
  const { status, endpoint, latencyMs, isDenied, problems, lastSeen } = reading;
  return {
    id: ID?.toString(16) ?? "",
    name: labelOf(Buffer.from(member?.name ?? "")),
    endpoint: labelOf(Buffer.from(endpoint)),
    clientUrls: member?.clientURLs ?? [],
    peerUrls: member?.peerURLs ?? [],
    role: roleOf(ID, status, member),
    version: status?.version ?? "",
    dbBytes: Number(status?.dbSize ?? 0n),
    dbInUseBytes: Number(status?.dbSizeInUse ?? 0n),
    quotaBytes: Number(status?.dbSizeQuota ?? 0n),
    revision: String(status?.header?.revision ?? ""),
    raftTerm: String(status?.raftTerm ?? ""),
    raftIndex: String(status?.raftIndex ?? ""),
    applyLag: Number((status?.raftIndex ?? 0n) - (status?.raftAppliedIndex ?? 0n)),
    latencyMs: latencyMs ?? null,
    isAway: status === undefined && !isDenied && problems.length > 0,
    lastSeen,
    isHealthy: (status !== undefined || isDenied) && problems.length === 0,
    // The list of alarms has them by name.
    problems: [
      ...problems,
      ...(status?.errors.filter((text) => !/^memberID:\d+ alarm:/.test(text)) ?? []),
    ].map((text) => labelOf(Buffer.from(text))),
  };
}

function roleOf(
  ID: bigint | undefined,
  status: StatusResponse | undefined,
  member: Member | undefined,
): MemberView["role"] {
  if (member?.isLearner || status?.isLearner) return "learner";
  if (status === undefined) return "unknown";
  return status.leader === ID && ID !== 0n ? "leader" : "follower";
}

function sampleOf({ id, endpoint, dbBytes, latencyMs, revision }: MemberView, at: number): Sample {
  const isSilent = revision === "";
  return {
    at,
    member: id === "" ? endpoint : id,
    dbBytes: isSilent ? null : dbBytes,
    latencyMs,
    revision: isSilent ? null : Number(revision),
  };
}
