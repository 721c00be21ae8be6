// What every output format can show. Printers are pure and total: they return bytes, never ask the server, and a
// format that cannot show something throws CliError(4, "<format> not supported as output format") from that method.
// Answers to etcdctl's printer.go.
import type {
  DeleteRangeResponse,
  HashKVResponse,
  LeaseGrantResponse,
  LeaseKeepAliveResponse,
  LeaseLeasesResponse,
  LeaseRevokeResponse,
  LeaseTimeToLiveResponse,
  MemberListResponse,
  PutResponse,
  ResponseHeader,
  StatusResponse,
  TxnResponse,
} from "../proto/gen/etcdserverpb";
import type { KeyValue } from "../proto/gen/mvccpb";

export type FormatName = "simple" | "fields" | "json" | "protobuf" | "table";

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
  /** `--count-only`: only the fields format can; others throw CliError(128). */
  readonly countOnly: boolean;
  /** `--print-value-only`: only the simple format can; others throw CliError(128). */
  readonly valueOnly: boolean;
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

  memberList(r: MemberListResponse): Uint8Array;

  endpointHealth(rows: readonly EndpointHealth[]): Uint8Array;
  /** What belongs on stderr beside endpointHealth: the unhealthy ones in the simple format, else empty. */
  endpointHealthErrors(rows: readonly EndpointHealth[]): Uint8Array;
  endpointStatus(rows: readonly EndpointStatus[]): Uint8Array;
  endpointHashKV(rows: readonly EndpointHashKV[]): Uint8Array;
}
