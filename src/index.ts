// The public interface of the library. Only these names are stable; all other modules are internal.
// A request is a plain object, client.kv.put({ key: "a", value: "1" }); `create` makes the whole message of it.

export type { ServerTls } from "./server/http/tls-server";
export { startEmbeddedServer } from "./server/server";
export type { EmbeddedServer, EmbeddedServerOptions } from "./server/server";
export { startEmbeddedCluster } from "./server/embedded-cluster";
export type { ClusterMember, EmbeddedCluster, EmbeddedClusterOptions } from "./server/embedded-cluster";
export type { IssuedCertificate, ServerCertificates } from "./server/testing/certificate-files";
export type {
  DelayOptions,
  DropOptions,
  FailOptions,
  Fault,
  FaultMoment,
  FaultOptions,
  Faults,
} from "./server/testing/faults";
export type { LoadSource } from "./server/testing/load";
export type { MethodName, MethodSelector } from "./server/testing/method-names";
export type { LoggedRequest, RequestLog } from "./server/testing/request-log";
export type { ResetOptions } from "./server/testing/server-tools";
export type { PermissionOptions, UserOptions } from "./server/testing/set-up-auth";
export type { TravelClock } from "./server/testing/travel-clock";

export { connect, createClient, openTransport } from "./client/library/client";
export type { ClientOptions, ConnectOptions } from "./client/library/client";
export type { LibraryClient as EtcdClient } from "./client/library/client";
export type { LibraryTransportOptions as TransportOptions } from "./client/library/client";
export { ConnectionDiagnosis } from "./client/library/errors";
export type { Input } from "./client/library/input";
export type {
  CompactOptions,
  DeleteOptions,
  DeleteResult,
  GetAllOptions,
  LeaseReference,
  PutOptions,
  PutResult,
  ReadOptions,
  SortTarget,
} from "./client/library/key-calls";
export type { Lease } from "./client/library/lease-handle";
export type { Election, Leadership, Lock, LockOptions } from "./client/library/lock-handle";
export type { SnapshotStream } from "./client/library/snapshot-stream";
export type { Bytes, RangeTarget } from "./client/library/targets";
export type {
  Condition,
  SendableTxn,
  Txn,
  TxnOp,
  TxnOpResult,
  TxnResult,
} from "./client/library/txn-builder";
export type { Entries, Value } from "./client/library/values";
export type { Watcher, WatchEvent, WatchOptions } from "./client/library/watcher";
export { DamagedSnapshot } from "./client/snapshot";
export type { SnapshotSummary } from "./client/snapshot";
export { WatchCanceled } from "./client/watch";
export type { Credentials, TlsOptions } from "./transport/transport";
export type { CallOptions, Transport } from "./transport/transport";

export type { Clock } from "./clock";
export { CliError, EtcdError, StatusCode } from "./errors";
export type { EndpointProblem } from "./errors";
export { serverErrorName } from "./etcd/error-table";
export type { ServerErrorName } from "./etcd/error-table";

export {
  AlarmRequest,
  CompactionRequest,
  Compare,
  DeleteRangeRequest,
  HashKVRequest,
  LeaseGrantRequest,
  LeaseKeepAliveRequest,
  LeaseRevokeRequest,
  LeaseTimeToLiveRequest,
  MemberListRequest,
  PutRequest,
  RangeRequest,
  RequestOp,
  TxnRequest,
  WatchCancelRequest,
  WatchCreateRequest,
  WatchProgressRequest,
  WatchRequest,
} from "./client/library/messages";
export {
  AlarmRequest_AlarmAction,
  AlarmType,
  Compare_CompareResult,
  Compare_CompareTarget,
  RangeRequest_SortOrder,
  RangeRequest_SortTarget,
  WatchCreateRequest_FilterType,
} from "./proto/gen/etcdserverpb";
export type {
  AlarmResponse,
  CompactionResponse,
  DeleteRangeResponse,
  HashKVResponse,
  LeaseGrantResponse,
  LeaseKeepAliveResponse,
  LeaseLeasesResponse,
  LeaseRevokeResponse,
  LeaseTimeToLiveResponse,
  MemberListResponse,
  PutResponse,
  RangeResponse,
  RangeStreamResponse,
  ResponseHeader,
  ResponseOp,
  SnapshotResponse,
  StatusResponse,
  TxnResponse,
  WatchResponse,
} from "./proto/gen/etcdserverpb";
export { Event_EventType } from "./proto/gen/mvccpb";
export type { Event, KeyValue } from "./proto/gen/mvccpb";
