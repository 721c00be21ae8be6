// The printer's methods that show a response message, each with its message: most formats print these all alike.
// The response is a method's last argument; what is said of it in words (names, ids) stands before.
import * as pb from "../proto/gen/etcdserverpb";
import type { AnyMessageType, MessageType } from "../proto/message";
import type { Printer } from "./printer";

type Last<T extends readonly unknown[]> = T extends readonly [...unknown[], infer L] ? L : never;

const messages = {
  put: pb.PutResponse,
  del: pb.DeleteRangeResponse,
  txn: pb.TxnResponse,
  leaseRevoke: pb.LeaseRevokeResponse,
  memberAdd: pb.MemberAddResponse,
  memberRemove: pb.MemberRemoveResponse,
  memberUpdate: pb.MemberUpdateResponse,
  memberPromote: pb.MemberPromoteResponse,
  memberList: pb.MemberListResponse,
  moveLeader: pb.MoveLeaderResponse,
  alarm: pb.AlarmResponse,
  downgradeValidate: pb.DowngradeResponse,
  downgradeEnable: pb.DowngradeResponse,
  downgradeCancel: pb.DowngradeResponse,
  authStatus: pb.AuthStatusResponse,
  roleAdd: pb.AuthRoleAddResponse,
  roleGet: pb.AuthRoleGetResponse,
  roleList: pb.AuthRoleListResponse,
  roleDelete: pb.AuthRoleDeleteResponse,
  roleGrantPermission: pb.AuthRoleGrantPermissionResponse,
  roleRevokePermission: pb.AuthRoleRevokePermissionResponse,
  userAdd: pb.AuthUserAddResponse,
  userGet: pb.AuthUserGetResponse,
  userList: pb.AuthUserListResponse,
  userChangePassword: pb.AuthUserChangePasswordResponse,
  userGrantRole: pb.AuthUserGrantRoleResponse,
  userRevokeRole: pb.AuthUserRevokeRoleResponse,
  userDelete: pb.AuthUserDeleteResponse,
} as const satisfies { [M in keyof Printer]?: MessageType<Last<Parameters<Printer[M]>>> };

export type MessagePrinter = Pick<Printer, keyof typeof messages>;

/** The methods made of one function; it gets the type that belongs to the message. */
export function printMessages(print: (type: AnyMessageType, message: object) => Uint8Array): MessagePrinter {
  const methods = Object.entries(messages).map(([method, type]) => [
    method,
    (...args: unknown[]) => print(type, args.at(-1) as object),
  ]);
  return Object.fromEntries(methods) as MessagePrinter;
}
