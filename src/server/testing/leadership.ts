// What a member without a leader does with a call. A handler finds out that it needs a leader where etcd does: after its
// checks, when it proposes or asks for the read index. The call then waits, and begins again once there is a leader.
// Go: server/etcdserver/v3_server.go, server/etcdserver/api/v3rpc/interceptor.go
import type { Clock } from "../../clock";
import { EtcdError, StatusCode } from "../../errors";
import { serverError } from "../../etcd/error-table";
import { isReadOnlyTxn } from "../../etcd/methods";
import type { MemberListRequest, RangeRequest, TxnRequest } from "../../proto/gen/etcdserverpb";
import type { LeaderNeed, Peers } from "../cluster/membership";
import { isSerializable } from "../rpc/check-kv";
import type { ServerCall } from "../rpc/routes";
import type { Topology, TopologyMember } from "./topology";

/** What a call throws that needs a leader. No client sees it. */
export class LeaderlessError extends Error {
  override name = "LeaderlessError";
  constructor(readonly need: LeaderNeed) {
    super(`no leader for: ${need}`);
  }
}

/** The others as one member sees them. */
export function peersOf(topology: Topology, member: TopologyMember): Peers {
  return {
    memberId: member.id,
    // A paused member keeps its connections.
    isConnectedTo: (id) => {
      const other = topology.members.find((each) => each.id === id);
      return other !== undefined && other.isRunning && other.group === member.group;
    },
    assertLeader(need) {
      if (!topology.hasLeader(member)) throw new LeaderlessError(need);
    },
  };
}

/** Calls that need a leader before anything else. Those of locks and elections begin with a change or a read. */
export const needsAtOnce: Readonly<Record<string, LeaderNeed>> = {
  "lease.leaseTimeToLive": "forwarding",
  "cluster.memberPromote": "forwarding",
  "lock.lock": "proposal",
  "lock.unlock": "proposal",
  "election.campaign": "proposal",
  "election.proclaim": "proposal",
  "election.resign": "proposal",
  "election.leader": "read",
  "election.observe": "read",
};

function errorWithout(need: LeaderNeed): EtcdError {
  if (need === "read") return serverError("timeout");
  if (need === "forwarding") return serverError("noLeader");
  return new EtcdError(StatusCode.DeadlineExceeded, "context deadline exceeded", false);
}

export interface LeaderWait {
  readonly topology: Topology;
  readonly member: TopologyMember;
  readonly clock: Clock;
  /** How long a call waits for a leader. */
  readonly requestTimeoutMs: number;
}

/** Resolves when the member has a leader. Rejects with etcd's error after the wait. Changes of the member list have no limit. */
export async function untilLed(
  { topology, member, clock, requestTimeoutMs }: LeaderWait,
  need: LeaderNeed,
  signal: AbortSignal,
): Promise<void> {
  const timeoutMs = need === "membership" ? Infinity : requestTimeoutMs;
  if (!(await topology.when(() => topology.hasLeader(member), clock, timeoutMs, signal)))
    throw errorWithout(need);
}

/** Local to the member in etcd. The streams end only for clients that ask for a leader. */
const local: ReadonlySet<string> = new Set([
  "watch.watch",
  "lease.leaseLeases",
  "maintenance.status",
  "maintenance.hash",
  "maintenance.hashKV",
  "maintenance.defragment",
  "maintenance.snapshot",
]);

/** Whether a member without a leader cannot serve this call, for the fault that lets it fail at once. */
export function needsLeader(method: string, request: unknown, call: ServerCall): boolean {
  if (requiresLeader(call)) return true;
  switch (method) {
    case "kv.range":
    case "kv.rangeStream":
      return !(request as RangeRequest).serializable;
    case "kv.txn":
      return !(isReadOnlyTxn(request as TxnRequest) && isSerializable(request as TxnRequest));
    case "cluster.memberList":
      return (request as MemberListRequest).linearizable;
    default:
      return !local.has(method);
  }
}

/** The client asks for a leader, as clientv3.WithRequireLeader does. Its streams end when there is none. */
export function requiresLeader({ metadata }: ServerCall): boolean {
  return metadata.get("hasleader") === "true";
}
