// One call of a printer for each recorded response, by its name in from-etcdctl.json.
import type { Printer, RangeOptions } from "../../src/output/printer";
import type { RangeResponse } from "../../src/proto/gen/etcdserverpb";
import * as responses from "./responses";

/** A range printed key by key, as in a stream. */
export function printRange(
  printer: Printer,
  r: RangeResponse,
  options: Partial<RangeOptions> = {},
): Uint8Array {
  const range = printer.range({ countOnly: false, valueOnly: false, ...options });
  const pieces = [range.begin(responses.header)];
  for (const kv of r.kvs) pieces.push(range.kvs([kv]));
  return Buffer.concat([...pieces, range.end(r)]);
}

export const prints: Readonly<Record<string, (p: Printer) => Uint8Array>> = {
  put: (p) => p.put(responses.put),
  putOfNewKey: (p) => p.put(responses.putOfNewKey),
  del: (p) => p.del(responses.del),
  txn: (p) => p.txn(responses.txn),
  range: (p) => printRange(p, responses.range),
  emptyRange: (p) => printRange(p, responses.emptyRange),
  "range --print-value-only": (p) => printRange(p, responses.range, { valueOnly: true }),
  "emptyRange --count-only": (p) => printRange(p, responses.emptyRange, { countOnly: true }),
  leaseGrant: (p) => p.leaseGrant(responses.leaseGrant),
  leaseRevoke: (p) => p.leaseRevoke(0x12abn, responses.leaseRevoke),
  leaseKeepAlive: (p) => p.leaseKeepAlive(responses.leaseKeepAlive),
  timeToLive: (p) => p.leaseTimeToLive(responses.timeToLive, false),
  "timeToLive --keys": (p) => p.leaseTimeToLive(responses.timeToLive, true),
  expiredLease: (p) => p.leaseTimeToLive(responses.expiredLease, false),
  leases: (p) => p.leaseLeases(responses.leases),
  noLeases: (p) => p.leaseLeases(responses.noLeases),
  members: (p) => p.memberList(responses.members),
  status: (p) => p.endpointStatus([responses.status]),
  hashKV: (p) => p.endpointHashKV([responses.hashKV]),

  watch: (p) => p.watch(responses.watch),
  watchProgress: (p) =>
    Buffer.concat([p.watchProgress(responses.header.revision), p.watch(responses.watchProgress)]),
  watchCompacted: (p) => p.watch(responses.watchCompacted),

  memberAdd: (p) =>
    Buffer.concat([
      p.memberAdd(responses.memberAdd),
      p.memberEnvironment('new "é"', "http://b:2,http://a:1", responses.memberAdd),
    ]),
  memberAddLearner: (p) =>
    Buffer.concat([
      p.memberAdd(responses.memberAddLearner),
      p.memberEnvironment("m1", "http://a:1", responses.memberAddLearner),
    ]),
  memberRemove: (p) => p.memberRemove(0xabcn, responses.memberRemove),
  memberUpdate: (p) => p.memberUpdate(responses.header.memberId, responses.memberUpdate),
  memberPromote: (p) => p.memberPromote(0xabcn, responses.memberPromote),
  moveLeader: (p) => p.moveLeader(responses.header.memberId, 0xabcn, responses.moveLeader),

  alarm: (p) => p.alarm(responses.alarm),
  noAlarm: (p) => p.alarm(responses.noAlarm),
  downgradeValidate: (p) => p.downgradeValidate(responses.downgrade),
  downgradeEnable: (p) => p.downgradeEnable(responses.downgrade),
  downgradeCancel: (p) => p.downgradeCancel(responses.downgrade),

  authStatus: (p) => p.authStatus(responses.authStatus),
  authOff: (p) => p.authStatus(responses.authOff),
  roleAdd: (p) => p.roleAdd("r é", responses.roleAdd),
  roleGet: (p) => p.roleGet("r", responses.roleGet),
  "roleGet root": (p) => p.roleGet("root", responses.roleGetEmpty),
  "roleGet without permissions": (p) => p.roleGet("r", responses.roleGetEmpty),
  roleList: (p) => p.roleList(responses.roleList),
  "roleList without roles": (p) => p.roleList(responses.roleListEmpty),
  roleDelete: (p) => p.roleDelete("r", responses.roleDelete),
  roleGrantPermission: (p) => p.roleGrantPermission("r", responses.roleGrantPermission),
  "roleRevokePermission of a key": (p) => revoked(p, "a", ""),
  "roleRevokePermission of a range": (p) => revoked(p, "a", "é"),
  "roleRevokePermission from a key on": (p) => revoked(p, "a", "\0"),

  userAdd: (p) => p.userAdd("alice", responses.userAdd),
  userGet: (p) => p.userGet("alice", responses.userGet),
  "userGet without roles": (p) => p.userGet("alice", responses.userGetEmpty),
  userList: (p) => p.userList(responses.userList),
  userChangePassword: (p) => p.userChangePassword(responses.userChangePassword),
  userGrantRole: (p) => p.userGrantRole("alice", "r", responses.userGrantRole),
  userRevokeRole: (p) => p.userRevokeRole("alice", "r", responses.userRevokeRole),
  userDelete: (p) => p.userDelete("alice", responses.userDelete),
};

function revoked(p: Printer, key: string, end: string): Uint8Array {
  return p.roleRevokePermission("r", Buffer.from(key), Buffer.from(end), responses.roleRevokePermission);
}
