// Parts that formats assemble their Printer from: a method for each response message, methods that refuse, and texts
// that are the same in several formats.
import { CliError, ExitCode } from "../errors";
import * as pb from "../proto/gen/etcdserverpb";
import type { AnyMessageType, MessageType } from "../proto/message";
import type { FormatName, Printer, RangeOptions } from "./printer";

type Last<T extends readonly unknown[]> = T extends readonly [...unknown[], infer L] ? L : never;

const responseTypes = {
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

export type MessageMethods = Pick<Printer, keyof typeof responseTypes>;

/** Makes these methods from one function, which gets the response (the last argument of each method) and its type. */
export function messageMethods(print: (type: AnyMessageType, message: object) => Uint8Array): MessageMethods {
  const methods = Object.entries(responseTypes).map(([method, type]) => [
    method,
    (...args: unknown[]) => print(type, args.at(-1) as object),
  ]);
  return Object.fromEntries(methods) as MessageMethods;
}

const nothing = () => new Uint8Array(0);

/** Texts next to the responses, the same in every format of Go's etcdctl. */
export const sharedTextMethods = {
  plainText: (text) => Buffer.from(text),
  watchProgress: (revision) => Buffer.from(`progress notify: ${revision}\n`),
} as const satisfies Partial<Printer>;

/** Methods that return bytes only in the simple format. */
export const simpleOnlyMethods = {
  leaseExpired: nothing,
  memberEnvironment: nothing,
  endpointHealthErrors: nothing,
} as const satisfies Partial<Printer>;

/** A Printer whose methods throw, for formats that support few of them. Go: printerUnsupported in printer.go */
export function unsupportedMethods(format: FormatName): Printer {
  const refuse = () => {
    throw new CliError(ExitCode.badFeature, `${format} not supported as output format`);
  };
  return {
    ...messageMethods(refuse),
    range(options) {
      checkRangeOptions(format, options);
      return refuse();
    },
    leaseGrant: refuse,
    leaseKeepAlive: refuse,
    leaseTimeToLive: refuse,
    leaseLeases: refuse,
    ...sharedTextMethods,
    watch: refuse,
    endpointHealth: refuse,
    endpointStatus: refuse,
    endpointHashKV: refuse,
    ...simpleOnlyMethods,
  };
}

/** Throws for a range option that the format does not support. */
export function checkRangeOptions(format: FormatName, { valueOnly, tree }: RangeOptions): void {
  if (valueOnly && format !== "simple") {
    throw new CliError(ExitCode.badArgs, "print-value-only is only for `--write-out=simple`");
  }
  if (tree !== undefined && format !== "simple") {
    throw new CliError(ExitCode.badArgs, "--tree is only for `--write-out=simple`");
  }
}
