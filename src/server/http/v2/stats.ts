// /v2/stats: counters of this member, of its store and of its followers, which it has none of.
// Go (etcd 3.4): statsHandler in etcdserver/api/v2http/client.go, etcdserver/api/v2stats
import { jsonString } from "../../../go/quote";
import { formatDuration } from "../../../go/units";
import type { EtcdServer } from "../../member/etcd-server";
import { formatTime } from "../../v2store/time";
import type { HttpResponse } from "../go-server";
import { failure, HttpError, jsonContent, methodRefusal, type V2Request } from "./exchange";

/** Undefined for a path without a page. `startedAtMs` is the start of the server. */
export function serveStats(
  server: EtcdServer,
  { method, path }: V2Request,
  startedAtMs: number,
): HttpResponse | undefined {
  const page = pages[path];
  if (page === undefined) return undefined;
  const refusal = methodRefusal(method, "GET");
  if (refusal !== undefined) return refusal;
  if (path === "/v2/stats/leader" && !server.membership.hasQuorum) {
    return failure(new HttpError(403, "not current leader"), {});
  }
  return { status: 200, headers: jsonContent, body: page(server, startedAtMs) };
}

type Page = (server: EtcdServer, startedAtMs: number) => string;

const pages: Readonly<Record<string, Page | undefined>> = {
  "/v2/stats/store": (server) => server.v2.statsJson(),

  "/v2/stats/self": (server, startedAtMs) => {
    const { membership, clock } = server;
    const self = membership.members.find(({ id }) => id === membership.memberId);
    const id = `"${membership.memberId.toString(16)}"`;
    const started = `"${formatTime(BigInt(startedAtMs) * 1_000_000n)}"`;
    const uptime = formatDuration(BigInt(clock.now() - startedAtMs) * 1_000_000n);
    const [state, leader] = membership.hasQuorum ? ["StateLeader", id] : ["StateFollower", '""'];
    return (
      `{"name":${jsonString(self?.name ?? "")},"id":${id},"state":"${state}","startTime":${started},` +
      `"leaderInfo":{"leader":${leader},"uptime":"${uptime}","startTime":${started}},` +
      `"recvAppendRequestCnt":0,"sendAppendRequestCnt":0}`
    );
  },

  "/v2/stats/leader": ({ membership }) => `{"leader":"${membership.memberId.toString(16)}","followers":{}}`,
};
