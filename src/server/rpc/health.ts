// The health service of gRPC, for probes and proxies. As in etcd it knows one service, the empty name: the whole server. It is
// SERVING, whatever alarms are raised, except during a defragmentation with etcd's feature StopGRPCServiceOnDefrag.
// Go: server/etcdserver/api/v3rpc/health.go, google.golang.org/grpc/health
import { EtcdError, StatusCode } from "../../errors";
import {
  HealthCheckResponse_ServingStatus as Status,
  type HealthCheckRequest,
  type HealthCheckResponse,
  type HealthService,
} from "../../proto/gen/grpc.health.v1";
import type { EtcdServer } from "../member/etcd-server";
import type { Serving } from "../member/serving";
import { BoundedQueue } from "../streams/bounded-queue";
import type { ServerCall, ServiceHandlers } from "./routes";

const wholeServer = "";

export function healthHandlers({ serving }: EtcdServer): ServiceHandlers<typeof HealthService> {
  const now = (): HealthCheckResponse => ({
    status: serving.isServing ? Status.SERVING : Status.NOT_SERVING,
  });
  return {
    check({ service }) {
      if (service !== wholeServer) throw new EtcdError(StatusCode.NotFound, "unknown service", false);
      return now();
    },
    list: () => ({ statuses: [{ key: wholeServer, value: now() }] }),
    watch: (request, call) => watch(serving, now, request, call),
  };
}

async function* watch(
  serving: Serving,
  now: () => HealthCheckResponse,
  { service }: HealthCheckRequest,
  { signal }: ServerCall,
): AsyncGenerator<HealthCheckResponse> {
  const changes = new BoundedQueue<HealthCheckResponse>(1, () => undefined);
  const stop = service === wholeServer ? serving.onChange(() => changes.put(now())) : undefined;
  signal.addEventListener("abort", () => changes.end());
  if (signal.aborted) changes.end();
  try {
    yield service === wholeServer ? now() : { status: Status.SERVICE_UNKNOWN };
    yield* changes;
  } finally {
    stop?.();
  }
}
