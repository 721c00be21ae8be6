// Every service of etcd's client port. A service or method without handlers here answers Unimplemented by its name.
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
import { leaseHandlers } from "./lease";
import { lockHandlers, toldWithoutCode } from "./lock";
import { maintenanceHandlers } from "./maintenance";
import { routesOf, type Routes } from "./routes";
import { watchHandlers } from "./watch";

export function allRoutes(member: EtcdServer): Routes {
  const core = new Map([
    ...routesOf(KVService, kvHandlers(member)),
    ...routesOf(WatchService, watchHandlers(member)),
    ...routesOf(LeaseService, leaseHandlers(member)),
    ...routesOf(ClusterService, clusterHandlers(member)),
    ...routesOf(MaintenanceService, maintenanceHandlers(member)),
    ...routesOf(AuthService, authHandlers(member)),
  ]);
  return new Map([
    ...core,
    ...routesOf(LockService, lockHandlers(member, core)).map(toldWithoutCode),
    ...routesOf(ElectionService, electionHandlers(member, core)).map(toldWithoutCode),
  ]);
}
