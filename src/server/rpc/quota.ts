// The limit on the size of the database: a change that does not fit is refused and raises NOSPACE.
// Go: server/storage/quota.go
import { serverError } from "../../etcd/error-table";
import { AlarmRequest_AlarmAction as AlarmAction, AlarmType } from "../../proto/gen/etcdserverpb";
import type { EtcdServer } from "../member/etcd-server";
import { defaultQuotaBytes } from "../member/limits";

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
  const { memberId: memberID } = server.membership;
  const raise = async () =>
    server.proposeRequest("alarm", { action: AlarmAction.ACTIVATE, memberID, alarm: AlarmType.NOSPACE });
  raise().catch(() => undefined);
}

export function quotaBytes({ limits }: EtcdServer): bigint {
  return limits.quotaBytes === 0n ? defaultQuotaBytes : limits.quotaBytes;
}
