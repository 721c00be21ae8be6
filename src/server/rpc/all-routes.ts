// Every service of etcd's client port.
import {
  AuthService,
  ClusterService,
  KVService,
  LeaseService,
  MaintenanceService,
  WatchService,
} from "../../proto/gen/etcdserverpb";
import { ElectionService } from "../../proto/gen/v3electionpb";
import { LockService } from "../../proto/gen/v3lockpb";
import type { EtcdServer } from "../etcd-server";
import { authHandlers } from "./auth";
import { clusterHandlers } from "./cluster";
import { electionHandlers } from "./election";
import { kvHandlers } from "./kv";
import { withUnknownCode } from "./in-process-client";
import { leaseHandlers } from "./lease";
import { lockHandlers } from "./lock";
import { maintenanceHandlers } from "./maintenance";
import { routesOf, type Routes } from "./routes";
import { watchHandlers } from "./watch";

export function allRoutes(server: EtcdServer): Routes {
  const core = new Map([
    ...routesOf(KVService, kvHandlers(server)),
    ...routesOf(WatchService, watchHandlers(server)),
    ...routesOf(LeaseService, leaseHandlers(server)),
    ...routesOf(ClusterService, clusterHandlers(server)),
    ...routesOf(MaintenanceService, maintenanceHandlers(server)),
    ...routesOf(AuthService, authHandlers(server)),
  ]);
  return new Map([
    ...core,
    ...routesOf(LockService, lockHandlers(server, core)).map(withUnknownCode),
    ...routesOf(ElectionService, electionHandlers(server, core)).map(withUnknownCode),
  ]);
}
