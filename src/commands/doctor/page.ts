// The page of doctor in each format: a table of the members, then what each check says.
import { CliError, ExitCode } from "../../errors";
import { oneSafeLine } from "../../go/raw-text";
import { humanizeBytes } from "../../go/units";
import type { JsonObject } from "../../output/json-value";
import type { TableStyle } from "../../output/printer";
import { objectWriter } from "../../output/readable/printer";
import { tableDrawer } from "../../output/table";
import { hexId } from "../../output/text";
import { alignedRows } from "../aligned-rows";
import { leaderOf } from "../survey";
import type { Examination, ExaminedMember } from "./examine";
import { isUnknown, latencyText, worst, type Finding } from "./finding";

export interface Diagnosis {
  readonly cluster: Examination;
  readonly findings: readonly (Finding & { readonly check: string })[];
}

export type PageWriter = (diagnosis: Diagnosis) => string | Uint8Array;

export function pageWriter(format: string, style: TableStyle): PageWriter {
  const table = tableDrawer(style);
  switch (format) {
    case "simple":
      return simplePage;
    case "table":
      return ({ cluster, findings }) =>
        Buffer.concat([
          table({ head: memberHead, body: cluster.members.map((each) => memberCells(cluster, each)) }),
          table({ head: ["check", "status", "finding", "next"], body: findings.map(findingCells) }),
        ]);
    case "yaml":
      return (diagnosis) => objectWriter("yaml")([pageObject(diagnosis)]);
    case "json":
    case "jsonl":
      return (diagnosis) => objectWriter("jsonl")([pageObject(diagnosis)]);
    default:
      throw new CliError(ExitCode.badFeature, `${format} not supported as output format`, {
        hints: ["doctor prints simple (the default), table, json, jsonl or yaml"],
      });
  }
}

const memberHead = [
  ...["member", "endpoint", "version", "role", "latency"],
  ...["db size", "in use", "quota", "revision", "raft index"],
];

function memberCells(cluster: Examination, each: ExaminedMember): string[] {
  const { name, endpoint, tookNs, quotaBytes } = each;
  const status = each.later ?? each.status;
  const start = [name, oneSafeLine(endpoint)];
  if (status === undefined) return [...start, "", "no response", "", "", "", "", "", ""];
  return [
    ...start,
    oneSafeLine(status.version),
    roleOf(cluster, each),
    cluster.isOffline ? "" : latencyText(tookNs),
    humanizeBytes(status.dbSize),
    humanizeBytes(status.dbSizeInUse),
    typeof quotaBytes === "bigint" ? humanizeBytes(quotaBytes) : "",
    String(status.header?.revision ?? 0n),
    String(status.raftIndex),
  ];
}

function roleOf(cluster: Examination, { member }: ExaminedMember): string {
  if (member.isLearner) return "learner";
  return member.ID === leaderOf(cluster) ? "leader" : "follower";
}

function sentence({ member, finding }: Finding): string {
  return oneSafeLine(member === undefined ? finding : `${member} ${finding}`);
}

function findingCells({ check, ...finding }: Diagnosis["findings"][number]): string[] {
  return [check, finding.status, sentence(finding), oneSafeLine(finding.next.join("; "))];
}

function simplePage({ cluster, findings }: Diagnosis): string {
  const rows = [
    memberHead.map((name) => name.toUpperCase()),
    ...cluster.members.map((each) => memberCells(cluster, each)),
  ];
  const lines = findings.flatMap(({ check, ...finding }) => [
    `${finding.status.padEnd(9)}${check.padEnd(14)}${sentence(finding)}`,
    ...finding.next.map((each) => `${" ".repeat(23)}next: ${oneSafeLine(each)}`),
  ]);
  const title = `cluster ${hexId(cluster.clusterId)}: ${worst(findings)}`;
  return [title, "", ...alignedRows(rows), "", ...lines, ""].join("\n");
}

function pageObject({ cluster, findings }: Diagnosis): JsonObject {
  return {
    time: new Date(cluster.nowMs).toISOString(),
    cluster_id: hexId(cluster.clusterId),
    status: worst(findings),
    members: cluster.members.map((each) => memberObject(cluster, each)),
    checks: findings.map(({ check, status, member, finding, next }) => ({
      ...{ check, status },
      ...(member !== undefined && { member }),
      ...{ finding, next },
    })),
  };
}

function memberObject(cluster: Examination, each: ExaminedMember): JsonObject {
  const { member, name, endpoint, failure, tookNs, quotaBytes, clock, certificateEndsMs, hash } = each;
  const status = each.later ?? each.status;
  const who = { name, id: hexId(member.ID), ...(endpoint !== "" && { endpoint }) };
  if (status === undefined) return { ...who, responds: false, error: failure?.message ?? "" };
  return {
    ...{ ...who, responds: true, version: status.version, role: roleOf(cluster, each) },
    ...(!cluster.isOffline && { latency_ns: tookNs }),
    ...{ db_size: status.dbSize, db_size_in_use: status.dbSizeInUse },
    ...(typeof quotaBytes === "bigint" && { quota: quotaBytes }),
    ...{ revision: status.header?.revision ?? 0n, raft_term: status.raftTerm },
    ...{ raft_index: status.raftIndex, raft_applied_index: status.raftAppliedIndex },
    ...(clock &&
      !isUnknown(clock) && { clock_offset_ms: [Math.round(clock.fromMs), Math.round(clock.toMs)] }),
    ...(typeof certificateEndsMs === "number" && {
      certificate_ends: new Date(certificateEndsMs).toISOString(),
    }),
    ...(hash && !isUnknown(hash) && { hash: hash.hash, compact_revision: hash.compactRevision }),
  };
}
