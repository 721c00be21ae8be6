// For each RPC of etcd: whether it writes, and whether a client may send it again. The one list of such facts: the
// transport retries by it, and offline mode opens its data dir for writing by it.
// Go: client/v3/retry.go
import { AlarmRequest_AlarmAction, type AlarmRequest, type TxnRequest } from "../proto/gen/etcdserverpb";
import type { AnyMethod } from "../proto/message";

export interface MethodRules {
  /**
   * `write`: the call can change what the cluster stores, that is keys, leases, members, alarms, users or roles.
   * `read`: it cannot. `by-request`: the request decides.
   */
  readonly effect: "read" | "write" | "by-request";
  /** After a failure that may pass, the transport sends the call again. A stream: only until its first message. */
  readonly repeatable: boolean;
  /** Every member gives the same response, so a slow call may also be sent to a second member. */
  readonly hedged: boolean;
}

const clusterRead: MethodRules = { effect: "read", repeatable: true, hedged: true };
const memberRead: MethodRules = { effect: "read", repeatable: true, hedged: false };
const readOnce: MethodRules = { effect: "read", repeatable: false, hedged: false };
const write: MethodRules = { effect: "write", repeatable: false, hedged: false };
const repeatableWrite: MethodRules = { effect: "write", repeatable: true, hedged: false };

export const methodRules: Readonly<Record<string, MethodRules>> = {
  "/etcdserverpb.KV/Range": clusterRead,
  "/etcdserverpb.KV/RangeStream": memberRead,
  "/etcdserverpb.KV/Put": write,
  "/etcdserverpb.KV/DeleteRange": write,
  "/etcdserverpb.KV/Txn": { effect: "by-request", repeatable: false, hedged: false },
  "/etcdserverpb.KV/Compact": write,

  // client/watch.ts opens a broken watch again, at the next revision.
  "/etcdserverpb.Watch/Watch": readOnce,

  "/etcdserverpb.Lease/LeaseGrant": repeatableWrite,
  "/etcdserverpb.Lease/LeaseRevoke": repeatableWrite,
  // A renewal is kept in the leader's memory. client/lease.ts opens a broken stream again.
  "/etcdserverpb.Lease/LeaseKeepAlive": readOnce,
  "/etcdserverpb.Lease/LeaseTimeToLive": clusterRead,
  "/etcdserverpb.Lease/LeaseLeases": clusterRead,

  "/etcdserverpb.Cluster/MemberAdd": write,
  "/etcdserverpb.Cluster/MemberRemove": write,
  "/etcdserverpb.Cluster/MemberUpdate": write,
  "/etcdserverpb.Cluster/MemberList": clusterRead,
  "/etcdserverpb.Cluster/MemberPromote": write,

  "/etcdserverpb.Maintenance/Alarm": { effect: "by-request", repeatable: true, hedged: false },
  "/etcdserverpb.Maintenance/Status": memberRead,
  "/etcdserverpb.Maintenance/Defragment": readOnce,
  "/etcdserverpb.Maintenance/Hash": memberRead,
  "/etcdserverpb.Maintenance/HashKV": memberRead,
  "/etcdserverpb.Maintenance/Snapshot": memberRead,
  // Changes which member leads, but nothing that is stored; a repeated call finds the leader there already.
  "/etcdserverpb.Maintenance/MoveLeader": memberRead,
  "/etcdserverpb.Maintenance/Downgrade": write,

  "/etcdserverpb.Auth/AuthEnable": write,
  "/etcdserverpb.Auth/AuthDisable": write,
  "/etcdserverpb.Auth/AuthStatus": readOnce,
  "/etcdserverpb.Auth/Authenticate": readOnce,
  "/etcdserverpb.Auth/UserAdd": write,
  "/etcdserverpb.Auth/UserGet": clusterRead,
  "/etcdserverpb.Auth/UserList": clusterRead,
  "/etcdserverpb.Auth/UserDelete": write,
  "/etcdserverpb.Auth/UserChangePassword": write,
  "/etcdserverpb.Auth/UserGrantRole": write,
  "/etcdserverpb.Auth/UserRevokeRole": write,
  "/etcdserverpb.Auth/RoleAdd": write,
  "/etcdserverpb.Auth/RoleGet": clusterRead,
  "/etcdserverpb.Auth/RoleList": clusterRead,
  "/etcdserverpb.Auth/RoleDelete": write,
  "/etcdserverpb.Auth/RoleGrantPermission": write,
  "/etcdserverpb.Auth/RoleRevokePermission": write,

  "/v3lockpb.Lock/Lock": write,
  "/v3lockpb.Lock/Unlock": write,

  "/v3electionpb.Election/Campaign": write,
  "/v3electionpb.Election/Proclaim": write,
  "/v3electionpb.Election/Leader": readOnce,
  "/v3electionpb.Election/Observe": memberRead,
  "/v3electionpb.Election/Resign": write,
};

/** The rules of a method. A method that etcd does not have counts as a write that must not be repeated. */
export function rulesOf(method: AnyMethod): MethodRules {
  return methodRules[method.path] ?? write;
}

/** Whether this request can change what the cluster stores. */
export function isWrite(method: AnyMethod, request: unknown): boolean {
  const { effect } = rulesOf(method);
  if (effect !== "by-request") return effect === "write";
  return method.path.endsWith("/Txn")
    ? !isReadOnlyTxn(request as TxnRequest)
    : (request as AlarmRequest).action !== AlarmRequest_AlarmAction.GET;
}

/**
 * Whether a transaction only reads ranges. A nested transaction counts as a write, whatever is in it.
 * Go: server/etcdserver/txn/txn.go (IsTxnReadonly)
 */
export function isReadOnlyTxn({ success, failure }: TxnRequest): boolean {
  return [...success, ...failure].every(({ request }) => request?.case === "requestRange");
}
