// One typed client over all services, made from their descriptions: `client.kv.range(request)`.
// Knows the Transport seam and the generated descriptions, not what is behind the seam.
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

const services = {
  kv: KVService,
  watch: WatchService,
  lease: LeaseService,
  cluster: ClusterService,
  maintenance: MaintenanceService,
  auth: AuthService,
  lock: LockService,
  election: ElectionService,
} as const;

export type ServiceClient<S extends ServiceDescription> = { readonly [K in keyof S]: ClientMethod<S[K]> };

export type EtcdClient = { readonly [K in keyof typeof services]: ServiceClient<(typeof services)[K]> } & {
  /** For calls with message types of one's own. */
  readonly transport: Transport;
  close(): Promise<void>;
};

export function createClient(transport: Transport): EtcdClient {
  const entries = Object.entries(services).map(([name, service]) => [
    name,
    serviceClient(transport, service),
  ]);
  return { ...Object.fromEntries(entries), transport, close: () => transport.close() } as EtcdClient;
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
