// The KV service. Go: server/etcdserver/api/v3rpc/key.go
import { performance } from "node:perf_hooks";
import { isReadOnlyTxn } from "../../etcd/methods";
import {
  RangeRequest,
  type CompactionResponse,
  type KVService,
  type RangeResponse,
  type RangeStreamResponse,
  type TxnRequest,
  type TxnResponse,
} from "../../proto/gen/etcdserverpb";
import { applyRange, rangeChunks, rangeIn } from "../apply/range";
import { readTxn } from "../apply/txn";
import { mayRead, mayTxn, requireAdmin, type Access } from "../auth/checks";
import { AuthError } from "../auth/permissions";
import { identity, type EtcdServer } from "../member/etcd-server";
import {
  checkKey,
  checkOverlap,
  checkPut,
  checkRange,
  checkRangeStream,
  checkTxn,
  isSerializable,
} from "./check-kv";
import { toServerError } from "../member/errors";
import { change, read, stream } from "./pipeline";
import type { ServerCall, ServiceHandlers } from "./routes";

export function kvHandlers(server: EtcdServer): ServiceHandlers<typeof KVService> {
  const checkShape = (request: TxnRequest) => {
    checkTxn(request, server.limits.maxTxnOps);
    checkOverlap(request);
  };
  const changeTxn = change(server, "txn", { check: checkShape });
  const readOnlyTxn = read(server, {
    type: "ReadonlyTxn",
    check: checkShape,
    linearizable: (request: TxnRequest) => !isSerializable(request),
    authorize: withToken(mayTxn),
    run: (request): TxnResponse | Promise<TxnResponse> => server.runAlone(() => readTxn(server, request)),
  });

  const compact = change(server, "compaction", { admit: requireAdmin });

  return {
    range: read(server, {
      type: "Range",
      check: checkRange,
      linearizable: ({ serializable }) => !serializable,
      authorize: withToken(mayRead),
      run: (request) => rangeInTurn(server, request),
    }),

    rangeStream: stream(server, {
      check: checkRangeStream,
      linearizable: ({ serializable }) => !serializable,
      authorize: withToken(mayRead),
      run: (request, call) => rangeStream(server, request, call),
    }),

    put: change(server, "put", { check: checkPut }),

    deleteRange: change(server, "deleteRange", { check: checkKey }),

    txn: (request, call) => (isReadOnlyTxn(request) ? readOnlyTxn : changeTxn)(request, call),

    compact(request, call) {
      const removed = (response: CompactionResponse) => {
        const { compacting } = server.store;
        return compacting === undefined ? response : compacting.then(() => response);
      };
      const response = compact(request, call);
      return response instanceof Promise ? response.then(removed) : removed(response);
    },
  };
}

/**
 * The check of a read, which refuses tokens of a later revision of the auth store too: a signed one may come from another
 * server. Go: doSerialize in server/etcdserver/v3_server.go
 */
function withToken<I, R>(check: (access: Access, request: I) => R): (access: Access, request: I) => R {
  return (access, request) => {
    const rest = check(access, request);
    if (access.revision > access.auth.revision) throw new AuthError("authOldRevision");
    return rest;
  };
}

/** The range without the wait for a leader and the check of the permission. */
function timed<T>({ metrics }: EtcdServer, range: () => T | Promise<T>): T | Promise<T> {
  const startedAt = performance.now();
  const ended = (isSuccess: boolean) =>
    metrics.rangeSeconds.of(`${isSuccess}`).observe((performance.now() - startedAt) / 1000);
  const failed = (error: unknown): never => {
    ended(false);
    throw error;
  };
  const succeeded = (result: T) => {
    ended(true);
    return result;
  };
  try {
    const result = range();
    return result instanceof Promise ? result.then(succeeded, failed) : succeeded(result);
  } catch (error) {
    return failed(error);
  }
}

/** The read of a health check, which needs no permission. Throws what a client's read would throw. */
export function readForHealth(server: EtcdServer, serializable: boolean): void {
  const request = RangeRequest.create({ keysOnly: true, limit: 1n, serializable });
  const steps = {
    type: "Range",
    linearizable: () => !serializable,
    run: () => timed(server, () => applyRange(server, request)),
  } as const;
  void read(server, steps)(request, { signal: neverAborted, metadata: new Map(), requestSizeBytes: 0 });
}

const neverAborted = new AbortController().signal;

/** Over several turns if the range is large, or if many arrive together. */
function rangeInTurn(server: EtcdServer, request: RangeRequest): RangeResponse | Promise<RangeResponse> {
  const { turn } = server.store;
  if (turn.isSpent) return turn.rest().then(() => rangeInTurn(server, request));
  return timed(server, () => turn.run(rangeIn(server.store, request)));
}

async function* rangeStream(
  server: EtcdServer,
  request: RangeRequest,
  call: ServerCall,
): AsyncGenerator<RangeStreamResponse> {
  try {
    const chunks = rangeChunks(server, request);
    for (;;) {
      const next = await timed(server, () => chunks.next());
      if (next.done === true || call.signal.aborted) return;
      const rangeResponse = next.value;
      const { header } = rangeResponse;
      // Only the last chunk has a header. Its revision is the one that all chunks were read at.
      if (header !== undefined) rangeResponse.header = { ...identity(server), revision: header.revision };
      yield { rangeResponse };
      if (header !== undefined) return;
    }
  } catch (error) {
    throw toServerError(error);
  }
}
