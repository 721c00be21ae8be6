// The routes of one member of a pretended cluster: those of the shared server, with the member's id in the headers, and with
// what a member does that is paused or has no leader.
// Go: server/etcdserver/v3_server.go, server/etcdserver/api/v3rpc/interceptor.go
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
import type { LeaderStreams } from "../member/leader-streams";
import { read } from "../rpc/pipeline";
import type { Route, Routes, ServerCall } from "../rpc/routes";
import {
  LeaderlessError,
  needsAtOnce,
  peersOf,
  requiresLeader,
  untilLed,
  type LeaderWait,
} from "./leadership";
import { methodName } from "./method-names";

export interface MemberView extends LeaderWait {
  readonly server: EtcdServer;
  /** The streams of clients that require a leader. */
  readonly leaderStreams: LeaderStreams;
  /** The revision at which the member has lost its leader; undefined while it has one. */
  readonly frozenRevision: () => bigint | undefined;
  readonly onRemoved: (id: bigint) => void;
}

type Handler = (request: unknown, call: ServerCall) => unknown;

export function memberRoutes(routes: Routes, view: MemberView): Routes {
  const own: Readonly<Record<string, Handler>> = { "maintenance.moveLeader": moveLeader(view) as Handler };
  const peers = peersOf(view.topology, view.member);
  return new Map(
    [...routes].map(([path, { method, handler }]): [string, Route] => {
      if (handler === undefined) return [path, { method, handler }];
      const name = methodName(path);
      const handle = own[name] ?? (handler as Handler);
      const serve = (request: unknown, call: ServerCall) => {
        call.peers = peers;
        return handle(request, call);
      };
      const wrapped = method.kind === "unary" ? unary(view, name, serve) : streaming(view, name, serve);
      return [path, { method, handler: wrapped }];
    }),
  );
}

function unary(view: MemberView, name: string, serve: Handler): Handler {
  const { topology, member } = view;
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
    !member.isPaused && topology.hasLeader(member)
      ? led(view, () => run(request, call), call)
      : admit(view, name, call).then(() => led(view, () => run(request, call), call));
}

/** Runs a call, again after each wait for a leader. */
function led(view: MemberView, run: () => unknown, call: ServerCall): unknown {
  const wait = async (error: unknown): Promise<unknown> => {
    if (!(error instanceof LeaderlessError)) throw error;
    await untilLed(view, error.need, call.signal);
    return led(view, run, call);
  };
  try {
    const response = run();
    return response instanceof Promise ? response.catch(wait) : response;
  } catch (error) {
    if (error instanceof LeaderlessError) return wait(error);
    throw error;
  }
}

/** Resolves when the call may begin. Throws etcd's error for a member without a leader. */
async function admit(view: MemberView, name: string, call: ServerCall): Promise<void> {
  const { topology, member, clock } = view;
  await topology.when(() => !member.isPaused, clock, Infinity, call.signal);
  call.signal.throwIfAborted();
  if (topology.hasLeader(member)) return;
  if (requiresLeader(call)) throw serverError("noLeader");
  const need = needsAtOnce[name];
  if (need !== undefined) await untilLed(view, need, call.signal);
}

function streaming(view: MemberView, name: string, serve: Handler): Handler {
  const { topology, member, clock, leaderStreams } = view;
  // New events come to a member from its leader, and answers from a paused member come later.
  const isReady = (response: unknown) =>
    !member.isPaused &&
    (name !== "watch.watch" || topology.hasLeader(member) || isKnown(response as WatchResponse, view));
  const respond = async function* (request: unknown, call: ServerCall): AsyncGenerator<unknown> {
    const requests =
      name === "lease.leaseKeepAlive" ? admitted(request as AsyncIterable<unknown>, call) : request;
    await admit(view, name, call);
    const responses = await led(view, () => serve(requests, call), call);
    for await (const response of responses as AsyncIterable<unknown>) {
      await topology.when(() => isReady(response), clock, Infinity, call.signal);
      yield shown(view, name, request, response);
    }
  };
  return (request, call) => {
    const responses = respond(request, call);
    return requiresLeader(call) ? leaderStreams.led(responses) : responses;
  };

  /** Only the leader can renew a lease. */
  async function* admitted(requests: AsyncIterable<unknown>, call: ServerCall): AsyncGenerator<unknown> {
    for await (const request of requests) {
      await admit(view, name, call);
      await untilLed(view, "forwarding", call.signal);
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
