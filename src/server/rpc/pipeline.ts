// The steps that every unary request goes through, in etcd's order. A handler is a list of what it does in each step.
// Must stay true: `apply` is the only step that changes state, and EtcdServer.propose is the only caller of it.
//
//   change:  quota → check → admit → precondition → token → propose [ alarms → authorize → apply → header ] → durable
//   read:    check → token* → leader → authorize → run → header            (* only for reads that etcd logs)
//
// A request refused before `propose` leaves no entry in the raft log; one refused inside it does.
// Go: server/etcdserver/api/v3rpc/quota.go and key.go, server/etcdserver/v3_server.go, server/etcdserver/apply
import type { ResponseHeader } from "../../proto/gen/etcdserverpb";
import type { Access } from "../auth/checks";
import { assertLeader, header, type EtcdServer, type ServerState } from "../etcd-server";
import { authorize, authorizeToken } from "./authorize";
import { toServerError } from "./errors";
import { checkAlarms, checkQuota } from "./quota";
import type { ServerCall } from "./routes";

/** A response whose header the pipeline fills in. */
interface WithHeader {
  header?: ResponseHeader | undefined;
}

/** `revision` is the one that the engine left in the response. */
type MakeHeader = (server: EtcdServer, revision?: bigint) => ResponseHeader | undefined;

export interface Change<I, O extends WithHeader> {
  /**
   * The most bytes that the change can add to the database. Above 0, the change must fit the quota, and NOSPACE refuses it.
   * Absent: a change that alarms never refuse, as it touches neither keys nor leases.
   */
  readonly costBytes?: (request: I) => number;
  /** Refuses a request of the wrong shape. */
  readonly check?: (request: I) => void;
  /** Refuses a caller before the proposal. */
  readonly admit?: (access: Access, request: I) => void;
  /** Refuses what the present state does not allow, before the proposal. */
  readonly precondition?: (request: I) => void;
  /** Refuses a caller inside the proposal. */
  readonly authorize?: (access: Access, request: I) => void;
  readonly apply: (state: ServerState, request: I) => O;
  /** Default: ids, revision and term. */
  readonly header?: MakeHeader;
}

export function change<I, O extends WithHeader>(
  server: EtcdServer,
  steps: Change<I, O>,
): (request: I, call: ServerCall) => O | Promise<O> {
  const { costBytes, header: makeHeader = header } = steps;
  return (request, call) => {
    try {
      const cost = costBytes?.(request);
      if (cost !== undefined) checkQuota(server, cost);
      steps.check?.(request);
      if (steps.admit !== undefined) authorize(server, call, steps.admit, request);
      steps.precondition?.(request);
      authorizeToken(server, call);
      return server.propose(call.requestSizeBytes, (state) => {
        if (cost !== undefined) checkAlarms(server, cost);
        if (steps.authorize !== undefined) authorize(server, call, steps.authorize, request);
        const response = steps.apply(state, request);
        response.header = makeHeader(server, response.header?.revision);
        return response;
      });
    } catch (error) {
      throw toServerError(error);
    }
  };
}

export interface Read<I, O> {
  /** Refuses a request of the wrong shape. */
  readonly check?: (request: I) => void;
  /** Whether etcd sends this read through its raft log, where it counts as an entry. Default: false. */
  readonly logged?: boolean;
  /** Whether the response must be up to date, which needs a leader. Default: false. */
  readonly linearizable?: (request: I) => boolean;
  /** Refuses a caller. */
  readonly authorize?: (access: Access, request: I) => void;
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
    if (steps.linearizable?.(request) === true) assertLeader(server);
    if (steps.authorize !== undefined) authorize(server, call, steps.authorize, request);
    return steps.run(request, call);
  };
  return (request, call) => {
    try {
      steps.check?.(request);
      if (steps.logged !== true) return runAuthorized(request, call);
      authorizeToken(server, call);
      return server.logRead(() => runAuthorized(request, call));
    } catch (error) {
      throw toServerError(error);
    }
  };
}
