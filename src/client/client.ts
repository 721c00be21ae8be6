// One typed client for all services of etcd, made from their descriptions: `client.kv.range(request)`. It knows the
// Transport interface and the generated descriptions, but not what the transport connects to. It takes complete messages;
// the client of the library's users is library/client.ts.
import {
  AuthService,
  ClusterService,
  KVService,
  LeaseService,
  MaintenanceService,
  WatchService,
} from "../proto/gen/etcdserverpb";
import { ElectionService } from "../proto/gen/v3electionpb";
import { LockService } from "../proto/gen/v3lockpb";
import type { AnyMethod, ServiceDescription } from "../proto/message";
import type { CallOptions, ClientMethod, Transport } from "../transport/transport";

export const services = {
  kv: KVService,
  watch: WatchService,
  lease: LeaseService,
  cluster: ClusterService,
  maintenance: MaintenanceService,
  auth: AuthService,
  lock: LockService,
  election: ElectionService,
} as const;

/**
 * The calls of one gRPC service. A unary call takes a request and CallOptions and returns a promise of its response. A
 * server stream returns an AsyncIterable of responses. A duplex stream takes an AsyncIterable of requests as well.
 * Every failure is an EtcdError. Leaving the loop over a stream cancels the call.
 */
export type ServiceClient<S extends ServiceDescription> = { readonly [K in keyof S]: ClientMethod<S[K]> };

/**
 * A client for all services of etcd's v3 API: `kv`, `watch`, `lease`, `cluster`, `maintenance`, `auth`, `lock` and
 * `election`. The messages are those of etcd's .proto files, with 64-bit integers as bigint and bytes as Uint8Array.
 */
export type EtcdClient = { readonly [K in keyof typeof services]: ServiceClient<(typeof services)[K]> } & {
  /** The transport under this client, for calls with other message types. */
  readonly transport: Transport;
  /** Ends every running call with Canceled and closes all connections. A second call does nothing. */
  close(): Promise<void>;
};

/** Makes a client on a transport that is already open. It sends nothing. The client's `close()` closes the transport. */
export function createClient(transport: Transport): EtcdClient {
  const client = { transport, close: () => transport.close() };
  for (const [name, service] of Object.entries(services)) {
    // Made when it is first used: a command needs one or two of them.
    let made: unknown;
    const get = (): unknown => (made ??= serviceClient(transport, service));
    Object.defineProperty(client, name, { enumerable: true, get });
  }
  return client as EtcdClient;
}

function serviceClient(transport: Transport, service: ServiceDescription): unknown {
  return Object.fromEntries(Object.entries(service).map(([name, method]) => [name, call(transport, method)]));
}

function call(transport: Transport, method: AnyMethod) {
  switch (method.kind) {
    case "unary":
      return (request: unknown, options: CallOptions = {}) => transport.unary(method, request, options);
    case "serverStream":
      return (request: unknown, options: CallOptions = {}) =>
        transport.serverStream(method, request, options);
    case "duplex":
      return (requests: AsyncIterable<unknown>, options: CallOptions = {}) =>
        transport.duplex(method, requests, options);
  }
}
