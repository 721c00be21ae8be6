// The limit on the size of the db: a change that would pass it is refused and raises NOSPACE, and while an alarm is
// raised changes are refused. Answers to etcd's storage/quota.go and etcdserver/apply/{capped,corrupt}.go.
import { serverError } from "../../etcd/error-table";
import type { PutRequest, RequestOp, TxnRequest } from "../../proto/gen/etcdserverpb";
import { AlarmType } from "../../proto/gen/etcdserverpb";
import type { EtcdServer } from "../etcd-server";

const defaultQuotaBytes = 2n << 30n;
const leaseOverheadBytes = 64;
const keyValueOverheadBytes = 256;

/** Asked before anything else of a request: a change of this cost must still fit, else NOSPACE is raised. */
export function checkQuota(member: EtcdServer, costBytes: number): void {
  const { alarms, engine, membership } = member;
  const quota = quotaBytes(member);
  if (costBytes === 0 || quota < 0n || BigInt(engine.store.sizeBytes + costBytes) < quota) return;
  member.raft.index++;
  alarms.activate(membership.memberId, AlarmType.NOSPACE);
  throw serverError("noSpace");
}

/** Asked when a change is carried out: raised alarms refuse it, NOSPACE only what costs space. */
export function checkAlarms({ alarms }: EtcdServer, costBytes: number): void {
  if (alarms.list(AlarmType.CORRUPT).length > 0) throw serverError("corrupt");
  if (costBytes > 0 && alarms.list(AlarmType.NOSPACE).length > 0) throw serverError("noSpace");
}

export function quotaBytes(member: EtcdServer): bigint {
  return member.limits.quotaBytes === 0n ? defaultQuotaBytes : member.limits.quotaBytes;
}

export const leaseCost = leaseOverheadBytes;

export function putCost(request: PutRequest): number {
  return keyValueOverheadBytes + request.key.length + request.value.length;
}

/** The dearer of both branches. */
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
