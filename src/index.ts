// The public interface of the library. Only these names are stable; all other modules are internal.
// `create` makes a request and sets the other fields to zero: PutRequest.create({ key, value }).

export type { ServerTls } from "./server/http/listener";
export { startEmbeddedServer } from "./server/server";
export type { EmbeddedServer, EmbeddedServerOptions } from "./server/server";

export { connect, createClient } from "./client/client";
export type { ConnectOptions, EtcdClient } from "./client/client";
export { openTransport } from "./transport/open";
export type { Credentials, TlsOptions, TransportOptions } from "./transport/transport";
export type { CallOptions, Transport } from "./transport/transport";

export type { Clock } from "./clock";
export { CliError, EtcdError, StatusCode } from "./errors";

export {
  AlarmRequest,
  AlarmRequest_AlarmAction,
  AlarmType,
  CompactionRequest,
  Compare,
  Compare_CompareResult,
  Compare_CompareTarget,
  DeleteRangeRequest,
  HashKVRequest,
  LeaseGrantRequest,
  LeaseKeepAliveRequest,
  LeaseRevokeRequest,
  LeaseTimeToLiveRequest,
  MemberListRequest,
  PutRequest,
  RangeRequest,
  RangeRequest_SortOrder,
  RangeRequest_SortTarget,
  RequestOp,
  TxnRequest,
  WatchCancelRequest,
  WatchCreateRequest,
  WatchCreateRequest_FilterType,
  WatchProgressRequest,
  WatchRequest,
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
