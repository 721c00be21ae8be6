// A server with a planted fault is found out by what its clients see.
import { createClient } from "../../src/client/client";
import { systemClock } from "../../src/clock";
import type { PutRequest, RangeRequest, RangeResponse } from "../../src/proto/gen/etcdserverpb";
import { createEtcdServer } from "../../src/server/member/create-etcd-server";
import { header, type EtcdServer } from "../../src/server/member/etcd-server";
import { inProcessTransport } from "../../src/server/rpc/in-process-transport";
import { allRoutes } from "../../src/server/rpc/all-routes";
import type { Routes, ServerCall } from "../../src/server/rpc/routes";
import { seeded } from "../support/seeded";
import { until } from "../support/until";
import { faultsOf } from "./check";
import { grpcConnection } from "./connections";
import { Follower, Traffic } from "./traffic";

/** Carries out a call, or does something wrong instead. */
type Plant<I, O> = (server: EtcdServer, request: I, run: (request: I) => O) => unknown;

/** The plant takes every tenth call. */
function planted<I, O>(server: EtcdServer, path: string, plant: Plant<I, O>): Routes {
  const routes = new Map(allRoutes(server));
  const route = routes.get(path);
  const below = seeded(1);
  const handler = (request: I, call: ServerCall): unknown => {
    const run = (asked: I) => route?.handler?.(asked, call) as O;
    return below(10) === 0 ? plant(server, request, run) : run(request);
  };
  if (route !== undefined) routes.set(path, { ...route, handler });
  return routes;
}

async function faultsWith(plant: (server: EtcdServer) => Routes): Promise<string[]> {
  const server = createEtcdServer({ clock: systemClock });
  const transport = () => inProcessTransport(plant(server));
  const traffic = new Traffic();
  const clients = Array.from({ length: 4 }, (_, index) =>
    traffic.client(`client ${index}`, index, grpcConnection(createClient(transport())), 100),
  );
  await Promise.all(clients);
  const complete = new Follower(createClient(inProcessTransport(allRoutes(server))), 2);
  await until("all events have arrived", () => complete.lastRevision >= server.store.revision);
  await complete.end();
  server.close();
  return faultsOf(traffic.operations, complete.events);
}

const range = "/etcdserverpb.KV/Range";
const put = "/etcdserverpb.KV/Put";

const old = ({ store }: EtcdServer, request: RangeRequest): RangeRequest => ({
  ...request,
  revision: BigInt(Math.max(1, store.revision - 5)),
});

const stale: Plant<RangeRequest, RangeResponse> = (server, request, run) => run(old(server, request));

/** The header shows the revision that was read. */
const honestlyStale: Plant<RangeRequest, RangeResponse> = (server, request, run) => {
  const asked = old(server, request);
  return request.serializable ? run(request) : { ...run(asked), header: header(server, asked.revision) };
};

const forgets: Plant<PutRequest, unknown> = (server) => ({
  header: header(server, BigInt(server.store.revision + 1)),
});

const putsTwice: Plant<PutRequest, unknown> = (_, request, run) => {
  run(request);
  return run(request);
};

test("A right server has no faults.", async () => {
  expect(await faultsWith(allRoutes)).toEqual([]);
});

test.each<[string, (server: EtcdServer) => Routes]>([
  ["reads old values", (server) => planted(server, range, stale)],
  ["reads old values and says so", (server) => planted(server, range, honestlyStale)],
  ["forgets writes", (server) => planted(server, put, forgets)],
  ["writes twice", (server) => planted(server, put, putsTwice)],
])("A server that %s is found out.", async (_, plant) => {
  expect(await faultsWith(plant)).not.toEqual([]);
});
