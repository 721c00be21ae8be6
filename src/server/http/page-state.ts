// What the plain HTTP pages show, read from the server when a page is requested.
import { AlarmType } from "../../proto/gen/etcdserverpb";
import type { EtcdServer } from "../member/etcd-server";
import type { ServerMetrics } from "../metrics/server-metrics";
import { alarmName } from "../member/alarms";
import { statusOf } from "../member/errors";
import { readForHealth } from "../rpc/kv";
import { debugPage } from "./debug-vars";
import type { HttpState } from "./health";

/** `current` is asked for each page: reset() replaces the server. */
export function pageState(current: () => EtcdServer, metrics: ServerMetrics): HttpState {
  return {
    metrics,
    metricsPage: async () => (await import("./metrics/page")).metricsPage(current()),
    debugPage: () => debugPage(current()),
    hasLeader: () => current().membership.hasQuorum,
    read(isSerializable) {
      try {
        readForHealth(current(), isSerializable);
        return undefined;
      } catch (error) {
        return statusOf(error).desc;
      }
    },
    alarms: () =>
      current()
        .alarms.list(AlarmType.NONE)
        .map(({ alarm }) => alarmName(alarm)),
    usesCommonNames: () => current().auth.enabled && current().authOptions.clientCertAuth === true,
    versions: () => current().versions,
  };
}
