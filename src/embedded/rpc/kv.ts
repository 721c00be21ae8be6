// The KV service: check the request, carry it out, fill the header. Answers to etcd's v3rpc/key.go and v3rpc/quota.go.
import type {
  KVService,
  RangeRequest,
  RangeStreamResponse,
  ResponseHeader,
} from "../../proto/gen/etcdserverpb";
import { applyCompact, applyDeleteRange, applyPut, applyRange, applyTxn, rangeChunks } from "../apply";
import { checkKey, checkPut, checkRange, checkRangeStream, checkTxn, isReadOnly } from "./check-kv";
import { checkOverlap } from "./check-overlap";
import { toServerError } from "./errors";
import { identity, propose, translated, withHeader, type Member } from "./member";
import { checkAlarms, checkQuota, putCost, txnCost } from "./quota";
import type { ServerCall, ServiceHandlers } from "./routes";

export function kvHandlers(member: Member): ServiceHandlers<typeof KVService> {
  const { engine } = member;
  return {
    range(request) {
      checkRange(request);
      return withHeader(
        member,
        translated(() => applyRange(engine, request)),
      );
    },

    rangeStream(request, call) {
      checkRangeStream(request);
      return rangeStream(member, request, call);
    },

    put(request, call) {
      const cost = putCost(request);
      checkQuota(member, cost);
      checkPut(request);
      return change(call, cost, () => applyPut(engine, request));
    },

    deleteRange(request, call) {
      checkKey(request);
      return change(call, 0, () => applyDeleteRange(engine, request));
    },

    txn(request, call) {
      const cost = txnCost(request);
      checkQuota(member, cost);
      checkTxn(request, member.limits.maxTxnOps);
      checkOverlap(request);
      if (!isReadOnly(request)) return change(call, cost, () => applyTxn(engine, request));
      return withHeader(
        member,
        translated(() => applyTxn(engine, request)),
      );
    },

    compact: (request, call) => change(call, 0, () => applyCompact(engine, request)),
  };

  function change<T extends { header?: ResponseHeader | undefined }>(
    call: ServerCall,
    costBytes: number,
    apply: () => T,
  ): T | Promise<T> {
    return propose(member, call.requestSizeBytes, () => {
      checkAlarms(member, costBytes);
      return withHeader(member, apply());
    });
  }
}

async function* rangeStream(
  member: Member,
  request: RangeRequest,
  call: ServerCall,
): AsyncGenerator<RangeStreamResponse> {
  try {
    for (const rangeResponse of rangeChunks(member.engine, request)) {
      if (call.signal.aborted) return;
      const { header } = rangeResponse;
      // Only the last chunk has a header; its revision is the one that all chunks were read at.
      if (header !== undefined) rangeResponse.header = { ...identity(member), revision: header.revision };
      yield { rangeResponse };
    }
  } catch (error) {
    throw toServerError(error);
  }
}
