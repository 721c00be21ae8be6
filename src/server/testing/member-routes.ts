// The routes of one member of a pretended cluster: those of the shared server, with the member's id in the headers, and with
// what a member does that is paused or has no leader.
// Go: server/etcdserver/v3_server.go, server/etcdserver/api/v3rpc/interceptor.go
import type { Clock } from "../../clock";
import { EtcdError, StatusCode } from "../../errors";
import { serverError, serverErrors } from "../../etcd/error-table";
import type {
  MemberRemoveRequest,
  MoveLeaderRequest,
  RangeRequest,
  RangeResponse,
  ResponseHeader,
  StatusResponse,
  WatchResponse,
} from "../../proto/gen/etcdserverpb";
import type { Event } from "../../proto/gen/mvccpb";
import { requireAdmin } from "../auth/checks";
import type { EtcdServer } from "../member/etcd-server";
import { read } from "../rpc/pipeline";
import type { Route, Routes, ServerCall } from "../rpc/routes";
import { needsLeader, requiresLeader } from "./leadership";
import { methodName } from "./method-names";
import type { Topology, TopologyMember } from "./topology";

export interface MemberView {
  readonly server: EtcdServer;
  readonly topology: Topology;
  readonly member: TopologyMember;
  readonly clock: Clock;
  /** How long a call waits for a leader. */
  readonly requestTimeoutMs: number;
  /** The revision at which the member has lost its leader; undefined while it has one. */
  readonly frozenRevision: () => bigint | undefined;
  readonly onRemoved: (id: bigint) => void;
}

type Handler = (request: unknown, call: ServerCall) => unknown;

export function memberRoutes(routes: Routes, view: MemberView): Routes {
  const own: Readonly<Record<string, Handler>> = { "maintenance.moveLeader": moveLeader(view) as Handler };
  return new Map(
    [...routes].map(([path, { method, handler }]): [string, Route] => {
      if (handler === undefined) return [path, { method, handler }];
      const name = methodName(path);
      const serve = own[name] ?? (handler as Handler);
      const wrapped = method.kind === "unary" ? unary(view, name, serve) : streaming(view, name, serve);
      return [path, { method, handler: wrapped }];
    }),
  );
}

function unary(view: MemberView, name: string, serve: Handler): Handler {
  const { topology, member } = view;
  const isReady = (request: unknown, call: ServerCall) =>
    !member.isPaused && (topology.hasLeader(member) || !needsLeader(name, request, call));
  const finish = (request: unknown, response: unknown) => {
    if (name === "cluster.memberRemove") view.onRemoved((request as MemberRemoveRequest).ID);
    return shown(view, name, request, response);
  };
  const run = (request: unknown, call: ServerCall) => {
    const response = serve(asOf(view, name, request), call);
    return response instanceof Promise
      ? response.then((each: unknown) => finish(request, each))
      : finish(request, response);
  };
  return (request, call) =>
    isReady(request, call)
      ? run(request, call)
      : admit(view, name, request, call).then(() => run(request, call));
}

/** Resolves when the call may begin. Throws etcd's error for a member without a leader. */
async function admit(view: MemberView, name: string, request: unknown, call: ServerCall): Promise<void> {
  const { topology, member, clock, requestTimeoutMs } = view;
  await topology.when(() => !member.isPaused, clock, Infinity, call.signal);
  call.signal.throwIfAborted();
  if (topology.hasLeader(member) || !needsLeader(name, request, call)) return;
  if (requiresLeader(call)) throw serverError("noLeader");
  const found = await topology.when(() => topology.hasLeader(member), clock, requestTimeoutMs, call.signal);
  if (!found) throw serverError("timeout");
}

function streaming(view: MemberView, name: string, serve: Handler): Handler {
  const { topology, member, clock } = view;
  // New events come to a member from its leader, and answers from a paused member come later.
  const isReady = (response: unknown) =>
    !member.isPaused &&
    (name !== "watch.watch" || topology.hasLeader(member) || isKnown(response as WatchResponse, view));
  return async function* (request, call) {
    const requests =
      name === "lease.leaseKeepAlive" ? admitted(request as AsyncIterable<unknown>, call) : request;
    await admit(view, name === "lease.leaseKeepAlive" ? "watch.watch" : name, request, call);
    for await (const response of serve(requests, call) as AsyncIterable<unknown>) {
      await topology.when(() => isReady(response), clock, Infinity, call.signal);
      yield shown(view, name, request, response);
    }
  };

  /** Only the leader can renew a lease. */
  async function* admitted(requests: AsyncIterable<unknown>, call: ServerCall): AsyncGenerator<unknown> {
    for await (const request of requests) {
      await admit(view, name, request, call);
      yield request;
    }
  }
}

/** Whether a member without a leader can send the response: it has the events from before it lost its leader. */
function isKnown({ created, canceled, events }: WatchResponse, { frozenRevision }: MemberView): boolean {
  if (created || canceled) return true;
  const revision = frozenRevision() ?? -1n;
  const list = [...(events as Iterable<Event>)];
  return list.length > 0 && list.every(({ kv }) => (kv?.modRevision ?? 0n) <= revision);
}

/** Without a leader, a serializable read sees what the member had when it lost its leader. */
function asOf({ frozenRevision }: MemberView, name: string, request: unknown): unknown {
  const revision = frozenRevision();
  if (name !== "kv.range" || revision === undefined) return request;
  const range = request as RangeRequest;
  return range.serializable && range.revision === 0n ? { ...range, revision } : range;
}

/** The response as this member sends it. */
function shown(view: MemberView, name: string, request: unknown, response: unknown): unknown {
  const { header } = response as { header?: ResponseHeader | undefined };
  const { member, topology } = view;
  if (header === undefined) return response;
  header.memberId = member.id;
  header.raftTerm = topology.term;
  const frozen = view.frozenRevision();
  if (name === "kv.range" && (request as RangeRequest).serializable && frozen !== undefined)
    (response as RangeResponse).header = { ...header, revision: frozen };
  return name === "maintenance.status" ? statusOf(view, response as StatusResponse) : response;
}

function statusOf({ member, topology }: MemberView, status: StatusResponse): StatusResponse {
  const { term: raftTerm, leader } = topology;
  if (topology.hasLeader(member)) return { ...status, raftTerm, leader: leader?.id ?? 0n };
  return { ...status, raftTerm, leader: 0n, errors: [serverErrors.noLeader.text, ...status.errors] };
}

/** Go: MoveLeader in server/etcdserver/api/v3rpc/maintenance.go and server/etcdserver/server.go */
function moveLeader({ server, topology, member, clock, requestTimeoutMs }: MemberView) {
  return read(server, {
    authorize: requireAdmin,
    async run({ targetID }: MoveLeaderRequest, call: ServerCall): Promise<{ header: undefined }> {
      if (topology.leader !== member) throw serverError("notLeader");
      const target = topology.members.find(({ id }) => id === targetID);
      const isListed = server.membership.members.some(({ id, isLearner }) => id === targetID && !isLearner);
      if (!isListed) throw serverError("badLeaderTransferee");
      const moves = () => target !== undefined && topology.moveTo(target);
      if (!(await topology.when(moves, clock, requestTimeoutMs, call.signal))) {
        const text = "etcdserver: request timed out, leader transfer took too long";
        throw new EtcdError(StatusCode.Unknown, text, false);
      }
      return { header: undefined };
    },
    header: () => undefined,
  });
}
