// Every service of etcd's client port.
import {
  AuthService,
  ClusterService,
  KVService,
  LeaseService,
  MaintenanceService,
  WatchService,
} from "../../proto/gen/etcdserverpb";
import { HealthService } from "../../proto/gen/grpc.health.v1";
import { ServerReflectionService } from "../../proto/gen/grpc.reflection.v1";
import { ServerReflectionService as ServerReflectionAlphaService } from "../../proto/gen/grpc.reflection.v1alpha";
import { ElectionService } from "../../proto/gen/v3electionpb";
import { LockService } from "../../proto/gen/v3lockpb";
import type { EtcdServer } from "../member/etcd-server";
import { authHandlers } from "./auth";
import { clusterHandlers } from "./cluster";
import { countedRoutes } from "./counted";
import { electionHandlers } from "./election";
import { kvHandlers } from "./kv";
import { healthHandlers } from "./health";
import { withUnknownCode } from "./in-process-client";
import { leaseHandlers } from "./lease";
import { lockHandlers } from "./lock";
import { maintenanceHandlers } from "./maintenance";
import { reflectionHandlers } from "./reflection";
import { routesOf, type Routes } from "./routes";
import { watchHandlers } from "./watch";

/** `view` puts something around the handlers, inside what counts the calls. */
export function allRoutes(server: EtcdServer, view: (routes: Routes) => Routes = unchanged): Routes {
  const core = new Map([
    ...routesOf(KVService, kvHandlers(server)),
    ...routesOf(WatchService, watchHandlers(server)),
    ...routesOf(LeaseService, leaseHandlers(server)),
    ...routesOf(ClusterService, clusterHandlers(server)),
    ...routesOf(MaintenanceService, maintenanceHandlers(server)),
    ...routesOf(AuthService, authHandlers(server)),
  ]);
  // The services of locks and elections call `core`: as in etcd, these calls are not counted.
  const all = new Map([
    ...core,
    ...routesOf(LockService, lockHandlers(server, core)).map(withUnknownCode),
    ...routesOf(ElectionService, electionHandlers(server, core)).map(withUnknownCode),
    ...routesOf(HealthService, healthHandlers(server)),
  ]);
  const reflection = reflectionHandlers(() => [...new Set([...routes.keys()].map(serviceOf))]);
  const routes = countedRoutes(
    view(
      new Map([
        ...all,
        ...routesOf(ServerReflectionService, reflection),
        ...routesOf(ServerReflectionAlphaService, reflection),
      ]),
    ),
    server,
  );
  return routes;
}

function unchanged(routes: Routes): Routes {
  return routes;
}

/** `etcdserverpb.KV` of `/etcdserverpb.KV/Range` */
function serviceOf(path: string): string {
  return path.split("/")[1] ?? "";
}
