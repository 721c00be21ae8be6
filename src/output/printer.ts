// The interface of an output format. Printers are pure and total: they return bytes and make no requests. A method that
// a format does not support throws CliError(4, "<format> not supported as output format"). Go:
// etcdctl/ctlv3/command/printer.go
import type {
  AlarmResponse,
  AuthRoleAddResponse,
  AuthRoleDeleteResponse,
  AuthRoleGetResponse,
  AuthRoleGrantPermissionResponse,
  AuthRoleListResponse,
  AuthRoleRevokePermissionResponse,
  AuthStatusResponse,
  AuthUserAddResponse,
  AuthUserChangePasswordResponse,
  AuthUserDeleteResponse,
  AuthUserGetResponse,
  AuthUserGrantRoleResponse,
  AuthUserListResponse,
  AuthUserRevokeRoleResponse,
  DeleteRangeResponse,
  DowngradeResponse,
  HashKVResponse,
  LeaseGrantResponse,
  LeaseKeepAliveResponse,
  LeaseLeasesResponse,
  LeaseRevokeResponse,
  LeaseTimeToLiveResponse,
  MemberAddResponse,
  MemberListResponse,
  MemberPromoteResponse,
  MemberRemoveResponse,
  MemberUpdateResponse,
  MoveLeaderResponse,
  PutResponse,
  ResponseHeader,
  StatusResponse,
  TxnResponse,
  WatchResponse,
} from "../proto/gen/etcdserverpb";
import type { KeyValue } from "../proto/gen/mvccpb";

/** The formats of Go's etcdctl, then those that only this etcdctl has. */
export type FormatName = "simple" | "fields" | "json" | "protobuf" | "table" | "yaml" | "jsonl";

/** The versions of etcdctl whose output `--compat` can choose. */
export type CompatVersion = "3.5" | "3.7";

/** How tables are drawn. */
export interface TableStyle {
  readonly compat: CompatVersion;
  /** `--columns`: the names of the columns to show, in this order; all if empty. */
  readonly chosen?: readonly string[];
  /** Returns the width of the terminal: a wider table becomes blocks. Undefined in a pipe and with `--wide`. */
  readonly fitTo?: () => number | undefined;
}

export interface EndpointHealth {
  readonly endpoint: string;
  readonly healthy: boolean;
  /** Undefined if no request was possible. */
  readonly tookNs: bigint | undefined;
  /** Empty when healthy. */
  readonly error: string;
}

export interface EndpointStatus {
  readonly endpoint: string;
  readonly status: StatusResponse;
}

export interface EndpointHashKV {
  readonly endpoint: string;
  readonly response: HashKVResponse;
}

export interface RangeOptions {
  /** `--count-only`: the response has a count and no keys. */
  readonly countOnly: boolean;
  /** `--print-value-only`. Formats other than simple throw CliError(128). */
  readonly valueOnly: boolean;
  /** `--keys-only`: the keys have no values. The yaml and jsonl formats then print no value field. */
  readonly keysOnly?: boolean;
  /** The request names one key: with --decode its value is the whole output. */
  readonly isOneKey?: boolean;
  /** `--tree`. Formats other than simple throw CliError(128). */
  readonly tree?: TreeOptions | undefined;
}

export interface TreeOptions {
  /** Number of levels below the root; Infinity for all. */
  readonly depth: number;
}

/**
 * Prints a range response in parts: begin once, kvs any number of times, end once. The concatenated bytes equal those
 * of the whole response.
 */
export interface RangePrinter {
  begin(header: ResponseHeader): Uint8Array;
  kvs(kvs: readonly KeyValue[]): Uint8Array;
  end(total: { more: boolean; count: bigint }): Uint8Array;
}

export interface Printer {
  /** Text that Go's etcdctl prints next to a response in every format. Empty in yaml and jsonl, which programs read. */
  plainText(text: string): Uint8Array;

  put(r: PutResponse): Uint8Array;
  range(options: RangeOptions): RangePrinter;
  del(r: DeleteRangeResponse): Uint8Array;
  txn(r: TxnResponse): Uint8Array;

  leaseGrant(r: LeaseGrantResponse): Uint8Array;
  leaseRevoke(id: bigint, r: LeaseRevokeResponse): Uint8Array;
  leaseKeepAlive(r: LeaseKeepAliveResponse): Uint8Array;
  /** The line at the end of `lease keep-alive`. Empty except in the simple format. */
  leaseExpired(id: bigint): Uint8Array;
  leaseTimeToLive(r: LeaseTimeToLiveResponse, keys: boolean): Uint8Array;
  leaseLeases(r: LeaseLeasesResponse): Uint8Array;

  /** A progress notification of a watch, printed before the response. The same text in all of Go's formats. */
  watchProgress(revision: bigint): Uint8Array;
  /**
   * One response of the watch stream as Go's client returns it: never the "created" response. After a failure of the
   * client's stream, the header is empty and `canceled` is set. `cancelReason` is the server's.
   */
  watch(r: WatchResponse): Uint8Array;

  memberAdd(r: MemberAddResponse): Uint8Array;
  /**
   * The environment of the new member, ETCD_NAME and so on, printed after memberAdd. Empty except in the simple format.
   * `peerURLs` is the user's argument.
   */
  memberEnvironment(name: string, peerURLs: string, r: MemberAddResponse): Uint8Array;
  memberRemove(id: bigint, r: MemberRemoveResponse): Uint8Array;
  memberUpdate(id: bigint, r: MemberUpdateResponse): Uint8Array;
  memberPromote(id: bigint, r: MemberPromoteResponse): Uint8Array;
  memberList(r: MemberListResponse): Uint8Array;
  moveLeader(leader: bigint, target: bigint, r: MoveLeaderResponse): Uint8Array;

  alarm(r: AlarmResponse): Uint8Array;
  downgradeValidate(r: DowngradeResponse): Uint8Array;
  downgradeEnable(r: DowngradeResponse): Uint8Array;
  downgradeCancel(r: DowngradeResponse): Uint8Array;

  authStatus(r: AuthStatusResponse): Uint8Array;
  roleAdd(role: string, r: AuthRoleAddResponse): Uint8Array;
  roleGet(role: string, r: AuthRoleGetResponse): Uint8Array;
  roleList(r: AuthRoleListResponse): Uint8Array;
  roleDelete(role: string, r: AuthRoleDeleteResponse): Uint8Array;
  roleGrantPermission(role: string, r: AuthRoleGrantPermissionResponse): Uint8Array;
  roleRevokePermission(
    role: string,
    key: Uint8Array,
    end: Uint8Array,
    r: AuthRoleRevokePermissionResponse,
  ): Uint8Array;
  userAdd(user: string, r: AuthUserAddResponse): Uint8Array;
  userGet(user: string, r: AuthUserGetResponse): Uint8Array;
  userList(r: AuthUserListResponse): Uint8Array;
  userChangePassword(r: AuthUserChangePasswordResponse): Uint8Array;
  userGrantRole(user: string, role: string, r: AuthUserGrantRoleResponse): Uint8Array;
  userRevokeRole(user: string, role: string, r: AuthUserRevokeRoleResponse): Uint8Array;
  userDelete(user: string, r: AuthUserDeleteResponse): Uint8Array;

  endpointHealth(rows: readonly EndpointHealth[]): Uint8Array;
  /** The text for stderr: unhealthy endpoints in the simple format. Empty in the others. */
  endpointHealthErrors(rows: readonly EndpointHealth[]): Uint8Array;
  endpointStatus(rows: readonly EndpointStatus[]): Uint8Array;
  endpointHashKV(rows: readonly EndpointHashKV[]): Uint8Array;
}
