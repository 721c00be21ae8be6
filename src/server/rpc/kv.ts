// The KV service. Go: server/etcdserver/api/v3rpc/key.go
import { isReadOnlyTxn } from "../../etcd/methods";
import type { KVService, RangeRequest, RangeStreamResponse, TxnRequest } from "../../proto/gen/etcdserverpb";
import { applyCompact } from "../apply/engine";
import { applyRange, rangeChunks } from "../apply/range";
import { applyDeleteRange, applyPut, applyTxn, readTxn } from "../apply/txn";
import { mayDelete, mayPut, mayRead, mayTxn, requireAdmin } from "../auth/checks";
import { identity, type EtcdServer } from "../etcd-server";
import {
  checkKey,
  checkOverlap,
  checkPut,
  checkRange,
  checkRangeStream,
  checkTxn,
  isSerializable,
} from "./check-kv";
import { toServerError } from "./errors";
import { change, read, stream } from "./pipeline";
import { putCost, txnCost } from "./quota";
import type { ServerCall, ServiceHandlers } from "./routes";

const free = () => 0;

export function kvHandlers(server: EtcdServer): ServiceHandlers<typeof KVService> {
  const checkShape = (request: TxnRequest) => {
    checkTxn(request, server.limits.maxTxnOps);
    checkOverlap(request);
  };
  const changeTxn = change(server, {
    costBytes: txnCost,
    check: checkShape,
    authorize: mayTxn,
    apply: applyTxn,
  });
  const readOnlyTxn = read(server, {
    check: checkShape,
    linearizable: (request: TxnRequest) => !isSerializable(request),
    authorize: mayTxn,
    run: (request) => readTxn(server, request),
  });

  const compact = change(server, {
    costBytes: free,
    admit: requireAdmin,
    apply: applyCompact,
  });

  return {
    range: read(server, {
      check: checkRange,
      linearizable: ({ serializable }) => !serializable,
      authorize: mayRead,
      run: (request) => applyRange(server, request),
    }),

    rangeStream: stream(server, {
      check: checkRangeStream,
      linearizable: ({ serializable }) => !serializable,
      authorize: mayRead,
      run: (request, call) => rangeStream(server, request, call),
    }),

    put: change(server, {
      costBytes: putCost,
      check: checkPut,
      authorize: mayPut,
      apply: applyPut,
    }),

    deleteRange: change(server, {
      costBytes: free,
      check: checkKey,
      authorize: mayDelete,
      apply: applyDeleteRange,
    }),

    txn: (request, call) => (isReadOnlyTxn(request) ? readOnlyTxn : changeTxn)(request, call),

    compact: (request, call) => {
      const response = compact(request, call);
      const { compacting } = server.store;
      return compacting === undefined ? response : Promise.all([response, compacting]).then(([done]) => done);
    },
  };
}

async function* rangeStream(
  server: EtcdServer,
  request: RangeRequest,
  call: ServerCall,
): AsyncGenerator<RangeStreamResponse> {
  try {
    for (const rangeResponse of rangeChunks(server, request)) {
      if (call.signal.aborted) return;
      const { header } = rangeResponse;
      // Only the last chunk has a header. Its revision is the one that all chunks were read at.
      if (header !== undefined) rangeResponse.header = { ...identity(server), revision: header.revision };
      yield { rangeResponse };
    }
  } catch (error) {
    throw toServerError(error);
  }
}
