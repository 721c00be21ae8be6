// The steps that every unary request goes through, in etcd's order. A handler is a list of what it does in each step.
// Must stay true: a handler changes state only through a proposal, whose applier is in the table of appliers.ts.
//
//   change:  quota → check → admit → precondition → token → propose [ durable → alarms → authorize → apply → header ]
//   read:    check → leader → authorize → run → header
//
// A request refused before `propose` leaves no entry in the raft log; one refused inside it does.
// Go: server/etcdserver/api/v3rpc/quota.go and key.go, server/etcdserver/v3_server.go, server/etcdserver/apply
import { performance } from "node:perf_hooks";
import type { ResponseHeader } from "../../proto/gen/etcdserverpb";
import type { ConfChange } from "../../proto/gen/raftpb";
import { appliers, type RequestKind, type RequestOf, type ResponseOf } from "../member/appliers";
import { toEnd } from "../../storage/steps";
import type { Access, Rest } from "../auth/checks";
import type { Membership } from "../cluster/membership";
import { assertLeader, header, type EtcdServer } from "../member/etcd-server";
import { accessOf, authorize } from "./authorize";
import { toServerError } from "../member/errors";
import { checkQuota } from "./quota";
import type { ServerCall } from "./routes";

/** A response whose header the pipeline fills in. */
interface WithHeader {
  header?: ResponseHeader | undefined;
}

/** `revision` is the one that the engine left in the response. */
type MakeHeader = (server: EtcdServer, revision?: bigint) => ResponseHeader | undefined;

type Handle<I, O> = (request: I, call: ServerCall) => O | Promise<O>;

/** The steps before a proposal. */
interface Admission<I> {
  /** Refuses a request of the wrong shape. */
  readonly check?: (request: I) => void;
  /** Refuses a caller before the proposal. */
  readonly admit?: (access: Access, request: I) => void;
  /** Refuses what the present state does not allow, before the proposal. */
  readonly precondition?: (request: I, call: ServerCall) => void;
}

function admitted<I>(server: EtcdServer, steps: Admission<I>, request: I, call: ServerCall): Access {
  steps.check?.(request);
  if (steps.admit !== undefined) authorize(server, call, steps.admit, request);
  steps.precondition?.(request, call);
  return accessOf(server, call);
}

/** Proposes the client's request. */
export function change<K extends RequestKind>(
  server: EtcdServer,
  kind: K,
  steps: Admission<RequestOf<K>> = {},
): Handle<RequestOf<K>, ResponseOf<K>> {
  return changeAs(server, kind, {
    ...steps,
    request: (request) => request,
    response: (response) => response,
  });
}

interface ChangeAs<I, K extends RequestKind, O> extends Admission<I> {
  /** The request of the log. */
  readonly request: (request: I) => RequestOf<K>;
  readonly response: (result: ResponseOf<K>, request: I) => O;
}

/** Proposes another request than the client's. */
export function changeAs<I, K extends RequestKind, O extends WithHeader>(
  server: EtcdServer,
  kind: K,
  steps: ChangeAs<I, K, O>,
): Handle<I, O> {
  const { costBytes } = appliers[kind] as { costBytes?: (request: RequestOf<K>) => number };
  return (request, call) => {
    try {
      const proposed = steps.request(request);
      if (costBytes !== undefined) checkQuota(server, costBytes(proposed));
      const access = admitted(server, steps, request, call);
      const { requestSizeBytes, peers } = call;
      return server.proposeRequest(kind, proposed, { access, requestSizeBytes, peers }, (result) => {
        const response = steps.response(result, request);
        response.header = header(server, response.header?.revision);
        return response;
      });
    } catch (error) {
      throw toServerError(error);
    }
  };
}

interface ChangeMembers<I, O> extends Admission<I> {
  readonly confChange: (request: I) => ConfChange;
  readonly response: (membership: Membership, request: I) => O;
}

/** Proposes a change of the member list. */
export function changeMembers<I, O>(server: EtcdServer, steps: ChangeMembers<I, O>): Handle<I, O> {
  return (request, call) => {
    try {
      admitted(server, steps, request, call);
      call.peers?.assertLeader("membership");
      return server.proposeConfChange(steps.confChange(request), (membership) =>
        steps.response(membership, request),
      );
    } catch (error) {
      throw toServerError(error);
    }
  };
}

export interface Read<I, O> {
  /** etcd's name of the read in its metrics. Absent: etcd does not measure it. */
  readonly type?: "Range" | "ReadonlyTxn";
  /** Refuses a request of the wrong shape. */
  readonly check?: (request: I) => void;
  /** Whether the response must be up to date, which needs a leader. Default: false. */
  readonly linearizable?: (request: I) => boolean;
  /** Refuses a caller. A check of many keys belongs to `run`. */
  readonly authorize?: (access: Access, request: I) => Rest | void;
  readonly run: (request: I, call: ServerCall) => O;
}

export function read<I, O extends WithHeader>(
  server: EtcdServer,
  steps: Read<I, O | Promise<O>> & { readonly header?: MakeHeader },
): (request: I, call: ServerCall) => O | Promise<O> {
  const { header: makeHeader = header } = steps;
  const runAuthorized = stream(server, steps);
  return (request, call) => {
    const response = runAuthorized(request, call);
    return response instanceof Promise ? response.then(withHeader, refused) : withHeader(response);
  };
  function withHeader(response: O): O {
    response.header = makeHeader(server, response.header?.revision);
    return response;
  }
  function refused(error: unknown): never {
    throw toServerError(error);
  }
}

/** A read whose response is a stream: the same steps, but `run` fills the headers. */
export function stream<I, O>(server: EtcdServer, steps: Read<I, O>): (request: I, call: ServerCall) => O {
  const runAuthorized = (request: I, call: ServerCall): O => {
    if (steps.linearizable?.(request) === true) assertReadIndex(server, call);
    const rest = steps.authorize && authorize(server, call, steps.authorize, request);
    if (rest !== undefined) toEnd(rest);
    return steps.run(request, call);
  };
  const run = steps.type === undefined ? runAuthorized : measured(server, steps.type, runAuthorized);
  return (request, call) => {
    try {
      steps.check?.(request);
      return run(request, call);
    } catch (error) {
      throw toServerError(error);
    }
  };
}

function measured<I, O>(
  { metrics }: EtcdServer,
  type: NonNullable<Read<I, O>["type"]>,
  run: Handle<I, O>,
): (request: I, call: ServerCall) => O {
  return (request, call) => {
    const startedAt = performance.now();
    const ended = (isSuccess: boolean) =>
      metrics.requestSeconds.of(`${isSuccess}\n${type}`).observe((performance.now() - startedAt) / 1000);
    try {
      const response = run(request, call) as O;
      if (response instanceof Promise) {
        void response.then(
          () => ended(true),
          () => ended(false),
        );
      } else ended(true);
      return response;
    } catch (error) {
      ended(false);
      throw error;
    }
  };
}

/** A linearizable read needs a leader that confirms its index. */
export function assertReadIndex(server: EtcdServer, { peers }: ServerCall): void {
  if (!server.membership.hasQuorum) server.metrics.readIndexesFailed++;
  assertLeader(server);
  peers?.assertLeader("read");
}
