// The cells of members and endpoints for the simple and the table format, which only differ in layout.
// Go: etcdctl/ctlv3/command/printer.go (makeMemberListTable and others)
import { formatDuration, humanizeBytes } from "../go/units";
import type { MemberListResponse, StatusResponse } from "../proto/gen/etcdserverpb";
import type { EndpointHashKV, EndpointHealth, EndpointStatus } from "./printer";
import { hexId } from "./text";

export interface Rows {
  readonly head: readonly string[];
  readonly body: readonly (readonly string[])[];
}

export function countRows(count: bigint): Rows {
  return { head: ["count"], body: [[String(count)]] };
}

export function memberRows(r: MemberListResponse): Rows {
  return {
    head: ["ID", "Status", "Name", "Peer Addrs", "Client Addrs", "Is Learner"],
    body: r.members.map((member) => [
      hexId(member.ID),
      member.name === "" ? "unstarted" : "started",
      member.name,
      member.peerURLs.join(","),
      member.clientURLs.join(","),
      String(member.isLearner),
    ]),
  };
}

export function endpointHealthRows(rows: readonly EndpointHealth[]): Rows {
  return {
    head: ["endpoint", "health", "took", "error"],
    body: rows.map((row) => [row.endpoint, String(row.healthy), tookText(row), row.error]),
  };
}

export function tookText({ tookNs }: EndpointHealth): string {
  return tookNs === undefined ? "" : formatDuration(tookNs);
}

export function endpointStatusRows(rows: readonly EndpointStatus[]): Rows {
  return {
    head: [
      "endpoint",
      "ID",
      "version",
      "storage version",
      "db size",
      "in use",
      "percentage not in use",
      "quota",
      "is leader",
      "is learner",
      "raft term",
      "raft index",
      "raft applied index",
      "errors",
      "downgrade target version",
      "downgrade enabled",
    ],
    body: rows.map(({ endpoint, status }) => statusCells(endpoint, status)),
  };
}

function statusCells(endpoint: string, status: StatusResponse): string[] {
  const memberId = status.header?.memberId ?? 0n;
  return [
    endpoint,
    hexId(memberId),
    status.version,
    status.storageVersion,
    humanizeBytes(status.dbSize),
    humanizeBytes(status.dbSizeInUse),
    `${percentNotInUse(status)}%`,
    humanizeBytes(status.dbSizeQuota),
    String(status.leader === memberId),
    String(status.isLearner),
    String(status.raftTerm),
    String(status.raftIndex),
    String(status.raftAppliedIndex),
    status.errors.join(", "),
    status.downgradeInfo?.targetVersion ?? "",
    String(status.downgradeInfo?.enabled ?? false),
  ];
}

/** Go divides by zero for a size of 0. Here an empty file has 0 % not in use. */
function percentNotInUse({ dbSize, dbSizeInUse }: StatusResponse): bigint {
  return dbSize === 0n ? 0n : 100n - (dbSizeInUse * 100n) / dbSize;
}

export function endpointHashKVRows(rows: readonly EndpointHashKV[]): Rows {
  return {
    head: ["endpoint", "hash", "hash_revision"],
    body: rows.map(({ endpoint, response }) => [
      endpoint,
      String(response.hash),
      String(response.hashRevision),
    ]),
  };
}
