// What doctor says about an examined cluster. Each check is a pure function that returns what is wrong, or one finding that says
// what is right. The limits are those of docs/DOCTOR.md.
import { humanizeBytes } from "../../go/units";
import { AlarmType } from "../../proto/gen/etcdserverpb";
import { quorumOf, leaderOf, votersOf, whoResponds, type StatusAnswer } from "../survey";
import { certificates, clock } from "./check-time";
import { hashes } from "./check-hashes";
import type { Examination, ExaminedMember } from "./examine";
import { bad, isUnknown, latencyText, ok, orOk, unknown, warn, type Finding } from "./finding";

export const checks = {
  members,
  leader,
  versions,
  raft,
  revisions,
  space,
  alarms,
  latency,
  clock,
  certificates,
  hashes,
} satisfies Record<string, (cluster: Examination) => readonly Finding[]>;

export type CheckName = keyof typeof checks;

/** The checks that make sense for the data of one member, which --offline opens. */
export const offlineChecks: readonly CheckName[] = ["members", "revisions", "space", "alarms"];

function members(cluster: Examination): Finding[] {
  const voters = votersOf(cluster);
  if (cluster.isOffline) return [ok(`the data of ${cluster.members[0]?.name ?? "no member"}`)];
  const alive = voters.filter(({ status }) => status !== undefined).length;
  const quorum = quorumOf(voters.length);
  const problems = [...cluster.members.flatMap(memberProblem), ...cluster.strangers.map(strangerProblem)];
  if (alive < quorum) {
    const what = `${alive} of ${voters.length} voters respond, and the quorum is ${quorum}: nothing can be written`;
    problems.unshift(
      bad(
        what,
        "start the members again; if they are lost, restore a snapshot: etcdutl snapshot restore FILE",
      ),
    );
  }
  if (voters.length % 2 === 0 && voters.length > 0) {
    const fewer = voters.length - 1;
    problems.push(
      warn(`${voters.length} voters survive no more failures than ${fewer}`, "have an odd number of voters"),
    );
  }
  const who = voters.length === 1 ? "the only voter responds" : `all ${voters.length} voters respond`;
  return orOk(problems, `${who}; the cluster survives the loss of ${voters.length - quorum}`);
}

function memberProblem(each: ExaminedMember): Finding[] {
  const { member, name, endpoint, status, failure } = each;
  if (status === undefined) {
    const place = endpoint === "" ? "" : ` at ${endpoint}`;
    const isUnstarted = member.name === "";
    const next = isUnstarted
      ? [`start it, or remove it: etcdctl member remove ${name}`]
      : [...(failure?.hints ?? []), `if it is lost: etcdctl member replace ${name} --peer-urls=URL`];
    const reason = isUnstarted
      ? "has not been started"
      : `does not respond${place}: ${failure?.message ?? ""}`;
    return [{ ...bad(reason, ...next), member: name }];
  }
  if (member.isLearner) {
    return [{ ...warn("is a learner: it does not vote", `etcdctl member promote ${name}`), member: name }];
  }
  return [];
}

function strangerProblem(answer: StatusAnswer): Finding {
  const finding = `${answer.endpoint} leads to another cluster: ${whoResponds(answer)} responds there`;
  return bad(finding, "take the endpoint out of --endpoints, or examine that cluster alone");
}

function leader(cluster: Examination): Finding[] {
  const leads = leaderOf(cluster);
  const led = cluster.members.find(({ member }) => member.ID === leads);
  const next =
    "the members must reach each other's peer URLs (etcdctl member list): see the network and their logs";
  if (leads === 0n) return [bad("no member leads the cluster", next)];
  const findings = cluster.members.flatMap(({ name, status, readError }) => {
    if (status === undefined) return [];
    if (status.leader === 0n) return [{ ...bad("knows no leader", next), member: name }];
    if (status.leader !== leads) {
      return [{ ...warn("knows another leader", "run doctor again: an election may go on"), member: name }];
    }
    if (readError === undefined) return [];
    return [{ ...bad(`cannot confirm a read with the quorum: ${readError}`, next), member: name }];
  });
  const term = led?.status?.raftTerm ?? 0n;
  return orOk(findings, `${led?.name ?? leads.toString(16)} leads in term ${term}`);
}

function versions(cluster: Examination): Finding[] {
  const known = cluster.members.flatMap(({ status }) => status?.version ?? []);
  const distinct = [...new Set(known)].sort();
  const target = cluster.members.find(({ status }) => status?.downgradeInfo?.enabled)?.status?.downgradeInfo;
  if (target) {
    const text = `a downgrade to ${target.targetVersion} is under way`;
    return [warn(text, "finish it on all members, or: etcdctl downgrade cancel")];
  }
  if (distinct.length > 1) {
    return [warn(`the members run ${distinct.join(", ")}`, "finish the upgrade: one version on all members")];
  }
  return [ok(`etcd ${distinct[0] ?? "of an unknown version"}`)];
}

/** A member may lack that many raft entries; etcd refuses writes above the second (maxGapBetweenApplyAndCommitIndex). */
const lagLimits = { warn: 1000n, bad: 5000n };

/**
 * The first statuses are compared with later ones of the same members: a member that has reached by then what the others had
 * at first lacks nothing, it was only asked at another moment.
 */
function raft(cluster: Examination): Finding[] {
  const target = largest(cluster.members.map(({ status }) => status?.raftIndex));
  const findings = cluster.members.flatMap(({ name, later }): Finding[] => {
    if (later === undefined) return [];
    const missing = target - later.raftIndex;
    const unapplied = later.raftIndex - later.raftAppliedIndex;
    return [
      ...lagging(missing, `lacks the last ${missing} raft entries`, name),
      ...lagging(unapplied, `has not applied ${unapplied} raft entries`, name),
    ];
  });
  return orOk(findings, `all members have applied the log (index ${target})`);
}

function revisions(cluster: Examination): Finding[] {
  const target = largest(cluster.members.map(({ status }) => status?.header?.revision));
  const findings = cluster.members.flatMap(({ name, later }): Finding[] => {
    const missing = target - (later?.header?.revision ?? target);
    return lagging(missing, `lacks the last ${missing} revisions`, name);
  });
  return orOk(findings, `revision ${target}`);
}

function lagging(entries: bigint, text: string, member: string): Finding[] {
  if (entries <= lagLimits.warn) return [];
  const make = entries > lagLimits.bad ? bad : warn;
  return [{ ...make(text, "see its disk and its network: etcdctl check perf, and its /metrics"), member }];
}

function largest(values: readonly (bigint | undefined)[]): bigint {
  return values.reduce<bigint>((a, b) => (b !== undefined && b > a ? b : a), 0n);
}

const quotaLimits = { warn: 80n, bad: 95n };
/** Free pages are worth a defragmentation if they are half of the file and at least this much. */
const worthDefragBytes = 100_000_000n;

function space(cluster: Examination): Finding[] {
  const answering = cluster.members.filter(({ status }) => status !== undefined);
  const findings = answering.flatMap((each) => spaceProblem(each));
  const sizes = answering.map(({ status }) => status?.dbSize);
  return orOk(findings, `the largest database has ${humanizeBytes(largest(sizes))}${quotaText(answering)}`);
}

function quotaText(answering: readonly ExaminedMember[]): string {
  const quotas = answering.flatMap(({ quotaBytes }) => (typeof quotaBytes === "bigint" ? [quotaBytes] : []));
  const [first] = quotas;
  if (first === undefined) return "; the quota is not known";
  return ` of ${humanizeBytes(quotas.reduce((a, b) => (a < b ? a : b), first))}`;
}

function spaceProblem({ name, status, later, quotaBytes }: ExaminedMember): Finding[] {
  const { dbSize = 0n, dbSizeInUse = 0n } = later ?? status ?? {};
  const free = dbSize - dbSizeInUse;
  const findings: Finding[] = [];
  if (typeof quotaBytes === "bigint" && quotaBytes > 0n) {
    const percent = (dbSize * 100n) / quotaBytes;
    const text = `uses ${percent}% of its quota (${humanizeBytes(dbSize)} of ${humanizeBytes(quotaBytes)})`;
    const next = ["etcdctl space reclaim --dry-run", "or raise --quota-backend-bytes of every member"];
    if (percent >= quotaLimits.bad) findings.push({ ...bad(text, ...next), member: name });
    else if (percent >= quotaLimits.warn) findings.push({ ...warn(text, ...next), member: name });
  }
  if (findings.length === 0 && free >= worthDefragBytes && free * 2n >= dbSize) {
    const text = `${humanizeBytes(free)} of ${humanizeBytes(dbSize)} are free pages`;
    findings.push({ ...warn(text, "etcdctl defrag --cluster --plan --min-free 50"), member: name });
  }
  return findings;
}

function alarms({ alarms: active, members: all }: Examination): Finding[] {
  if (isUnknown(active)) return [unknown(active.unknown)];
  const findings = active.map(({ memberID, alarm }) => {
    const member = all.find((each) => each.member.ID === memberID)?.name ?? memberID.toString(16);
    if (alarm === AlarmType.NOSPACE) {
      return {
        ...bad("has raised the alarm NOSPACE: the cluster refuses writes", "etcdctl space reclaim"),
        member,
      };
    }
    const next = [
      `keep a snapshot of each member: etcdctl snapshot save FILE --endpoints=ENDPOINT`,
      `then replace the member that differs: etcdctl member replace ${member} --peer-urls=URL`,
    ];
    return { ...bad("has raised the alarm CORRUPT: its data differs", ...next), member };
  });
  return orOk(findings, "no alarm");
}

const latencyLimitsNs = { warn: 250_000_000n, bad: 1_000_000_000n };

function latency({ members: all }: Examination): Finding[] {
  const answering = all.filter(({ status }) => status !== undefined);
  const findings = answering.flatMap(({ name, tookNs }): Finding[] => {
    if (tookNs < latencyLimitsNs.warn) return [];
    const make = tookNs >= latencyLimitsNs.bad ? bad : warn;
    const text = `takes ${latencyText(tookNs)} to respond from here`;
    return [{ ...make(text, "see the network and the load of the member"), member: name }];
  });
  const slowest = largest(answering.map(({ tookNs }) => tookNs));
  return orOk(findings, `the slowest member responds in ${latencyText(slowest)}`);
}
