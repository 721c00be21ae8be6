// What every output format can show. Printers are pure and total: they return bytes, never ask the server, and a
// format that cannot show something throws CliError(4, "<format> not supported as output format") from that method.
// Answers to etcdctl's printer.go.
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

/** Go's, then ours. */
export type FormatName = "simple" | "fields" | "json" | "protobuf" | "table" | "yaml" | "jsonl";

export interface EndpointHealth {
  readonly endpoint: string;
  readonly healthy: boolean;
  /** Undefined when the endpoint could not be asked at all. */
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
  /** `--count-only`: there are no keys, the count is the answer. */
  readonly countOnly: boolean;
  /** `--print-value-only`: only the simple format can; others throw CliError(128). */
  readonly valueOnly: boolean;
  /** `--keys-only`: the keys come without values, which formats that name them leave out then. */
  readonly keysOnly?: boolean;
  /** `--tree`: the keys drawn as a tree; only the simple format can; others throw CliError(128). */
  readonly tree?: TreeOptions | undefined;
}

export interface TreeOptions {
  /** So many levels below the root; Infinity for all. */
  readonly depth: number;
}

/**
 * A range answer as it arrives: begin once, kvs any number of times, end once. The concatenated bytes are those of
 * the whole answer in one piece.
 */
export interface RangePrinter {
  begin(header: ResponseHeader): Uint8Array;
  kvs(kvs: readonly KeyValue[]): Uint8Array;
  end(total: { more: boolean; count: bigint }): Uint8Array;
}

export interface Printer {
  /** Text that etcdctl prints beside its responses whatever the format; nothing in formats of ours, which programs read. */
  aside(text: string): Uint8Array;

  put(r: PutResponse): Uint8Array;
  range(options: RangeOptions): RangePrinter;
  del(r: DeleteRangeResponse): Uint8Array;
  txn(r: TxnResponse): Uint8Array;

  leaseGrant(r: LeaseGrantResponse): Uint8Array;
  leaseRevoke(id: bigint, r: LeaseRevokeResponse): Uint8Array;
  leaseKeepAlive(r: LeaseKeepAliveResponse): Uint8Array;
  /** The last word when the keep-alives of a lease have ended; empty but in the simple format. */
  leaseExpired(id: bigint): Uint8Array;
  leaseTimeToLive(r: LeaseTimeToLiveResponse, keys: boolean): Uint8Array;
  leaseLeases(r: LeaseLeasesResponse): Uint8Array;

  /** The notice that a watch is up to date, on stdout before the response itself; the same in all of Go's formats. */
  watchProgress(revision: bigint): Uint8Array;
  /**
   * One response of the watch stream as Go's client gives it to etcdctl: never the one that says "created"; where the
   * client's stream failed, an empty header and `canceled`; `cancelReason` as the server filled it in.
   */
  watch(r: WatchResponse): Uint8Array;

  memberAdd(r: MemberAddResponse): Uint8Array;
  /**
   * The ETCD_ lines that a new member is started with, after memberAdd; empty but in the simple format. `peerURLs` as
   * the user typed them.
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
  /** What belongs on stderr beside endpointHealth: the unhealthy ones in the simple format, else empty. */
  endpointHealthErrors(rows: readonly EndpointHealth[]): Uint8Array;
  endpointStatus(rows: readonly EndpointStatus[]): Uint8Array;
  endpointHashKV(rows: readonly EndpointHashKV[]): Uint8Array;
}
