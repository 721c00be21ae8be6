// The printer's methods that show a response message, each with its message: most formats print these all alike.
// The response is a method's last argument; what is said of it in words (names, ids) stands before.
import { CliError, ExitCode } from "../errors";
import * as pb from "../proto/gen/etcdserverpb";
import type { AnyMessageType, MessageType } from "../proto/message";
import type { FormatName, Printer, RangeOptions } from "./printer";

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

// How a printer refuses: Go's words and exit code for what a format cannot show.
// Answers to etcdctl's printerUnsupported.

const nothing = () => new Uint8Array(0);

/** What etcdctl prints apart from the responses: the same in every format of Go's. */
export const beside = {
  aside: (text) => Buffer.from(text),
  watchProgress: (revision) => Buffer.from(`progress notify: ${revision}\n`),
} as const satisfies Partial<Printer>;

/** The methods that only the simple format has something to say in. */
export const silent = {
  leaseExpired: nothing,
  memberEnvironment: nothing,
  endpointHealthErrors: nothing,
} as const satisfies Partial<Printer>;

/** A printer that refuses everything: a format that can show little begins with it. */
export function unsupported(format: FormatName): Printer {
  const no = () => {
    throw new CliError(ExitCode.badFeature, `${format} not supported as output format`);
  };
  return {
    ...printMessages(no),
    range(options) {
      checkRangeOptions(format, options);
      return no();
    },
    leaseGrant: no,
    leaseKeepAlive: no,
    leaseTimeToLive: no,
    leaseLeases: no,
    ...beside,
    watch: no,
    endpointHealth: no,
    endpointStatus: no,
    endpointHashKV: no,
    ...silent,
  };
}

/** Throws for a range option that only another format can honour. */
export function checkRangeOptions(format: FormatName, { valueOnly, tree }: RangeOptions): void {
  if (valueOnly && format !== "simple") {
    throw new CliError(ExitCode.badArgs, "print-value-only is only for `--write-out=simple`");
  }
  if (tree !== undefined && format !== "simple") {
    throw new CliError(ExitCode.badArgs, "--tree is only for `--write-out=simple`");
  }
}
