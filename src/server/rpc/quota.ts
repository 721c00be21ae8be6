// The limit on the size of the database: a change that does not fit is refused and raises NOSPACE, and raised alarms
// refuse changes. Go: server/storage/quota.go, server/etcdserver/apply/capped.go and corrupt.go
import { serverError } from "../../etcd/error-table";
import type { PutRequest, RequestOp, TxnRequest } from "../../proto/gen/etcdserverpb";
import { AlarmType } from "../../proto/gen/etcdserverpb";
import type { EtcdServer } from "../etcd-server";

const defaultQuotaBytes = 2n << 30n;
const keyValueOverheadBytes = 256;

/** The most bytes that a grant adds to the database. */
export const leaseCostBytes = 64;

/** Refuses a change of this cost if it does not fit the quota, and raises NOSPACE. A cost of 0 always fits. */
export function checkQuota(server: EtcdServer, costBytes: number): void {
  if (costBytes === 0) return;
  const quota = quotaBytes(server);
  if (quota < 0n || BigInt(server.store.sizeBytes + costBytes) < quota) return;
  raiseNoSpace(server);
  throw serverError("noSpace");
}

/** Like etcd, it does not report why an alarm cannot be raised: the change is refused anyway. */
function raiseNoSpace(server: EtcdServer): void {
  const { memberId } = server.membership;
  const raise = async () => server.propose(0, ({ alarms }) => alarms.activate(memberId, AlarmType.NOSPACE));
  raise().catch(() => undefined);
}

/** Raised alarms refuse a change when it is applied: CORRUPT each change, NOSPACE only one that costs space. */
export function checkAlarms({ alarms }: EtcdServer, costBytes: number): void {
  if (alarms.list(AlarmType.CORRUPT).length > 0) throw serverError("corrupt");
  if (costBytes > 0 && alarms.list(AlarmType.NOSPACE).length > 0) throw serverError("noSpace");
}

export function quotaBytes({ limits }: EtcdServer): bigint {
  return limits.quotaBytes === 0n ? defaultQuotaBytes : limits.quotaBytes;
}

export function putCost(request: PutRequest): number {
  return keyValueOverheadBytes + request.key.length + request.value.length;
}

/** The cost of the dearer branch. */
export function txnCost(request: TxnRequest): number {
  return Math.max(opsCost(request.success), opsCost(request.failure));
}

function opsCost(ops: readonly RequestOp[]): number {
  return ops.reduce((sum, { request }) => {
    if (request?.case === "requestPut") return sum + putCost(request.value);
    if (request?.case === "requestTxn") return sum + txnCost(request.value);
    return sum;
  }, 0);
}
