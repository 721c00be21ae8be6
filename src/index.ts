// The public interface of the library. Only these names are stable; all other modules are internal.
// A request is a plain object, client.kv.put({ key: "a", value: "1" }); `create` makes the whole message of it.

export type { ServerTls } from "./server/http/listener";
export { startEmbeddedServer } from "./server/server";
export type { EmbeddedServer, EmbeddedServerOptions } from "./server/server";
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
export type { Input } from "./client/library/input";
export type { Credentials, TlsOptions } from "./transport/transport";
export type { CallOptions, Transport } from "./transport/transport";

export type { Clock } from "./clock";
export { CliError, EtcdError, StatusCode } from "./errors";
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
