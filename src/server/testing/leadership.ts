// What a member without a leader still does. Serializable reads and the calls about one member need no leader.
// Go: server/etcdserver/v3_server.go, server/etcdserver/api/v3rpc/interceptor.go
import { isReadOnlyTxn } from "../../etcd/methods";
import type { AlarmRequest, MemberListRequest, RangeRequest, TxnRequest } from "../../proto/gen/etcdserverpb";
import { AlarmRequest_AlarmAction } from "../../proto/gen/etcdserverpb";
import { isSerializable } from "../rpc/check-kv";
import type { ServerCall } from "../rpc/routes";

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

/** Whether a member without a leader cannot serve this call. */
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
    case "maintenance.alarm":
      return (request as AlarmRequest).action !== AlarmRequest_AlarmAction.GET;
    default:
      return !local.has(method);
  }
}

/** The client asks for a leader, as clientv3.WithRequireLeader does. Its streams end when there is none. */
export function requiresLeader({ metadata }: ServerCall): boolean {
  return metadata.get("hasleader") === "true";
}
