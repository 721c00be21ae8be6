// The KV service: check the request, carry it out, fill the header. Answers to etcd's v3rpc/key.go and v3rpc/quota.go.
import type {
  KVService,
  RangeRequest,
  RangeStreamResponse,
  ResponseHeader,
} from "../../proto/gen/etcdserverpb";
import { isReadOnlyTxn } from "../../etcd/methods";
import { applyCompact } from "../apply/engine";
import { applyRange, rangeChunks } from "../apply/range";
import { applyDeleteRange, applyPut, applyTxn } from "../apply/txn";
import { mayDelete, mayPut, mayRead, mayTxn } from "../auth/checks";
import { assertLeader, identity, translated, withHeader, type EtcdServer } from "../etcd-server";
import { authorize, authorizeAdmin, proposeFor } from "./authorize";
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
import { checkAlarms, checkQuota, putCost, txnCost } from "./quota";
import type { ServerCall, ServiceHandlers } from "./routes";

export function kvHandlers(member: EtcdServer): ServiceHandlers<typeof KVService> {
  const { engine } = member;
  return {
    range(request, call) {
      checkRange(request);
      if (!request.serializable) assertLeader(member);
      authorize(member, call, (access) => mayRead(access, request));
      return withHeader(
        member,
        translated(() => applyRange(engine, request)),
      );
    },

    rangeStream(request, call) {
      checkRangeStream(request);
      if (!request.serializable) assertLeader(member);
      authorize(member, call, (access) => mayRead(access, request));
      return rangeStream(member, request, call);
    },

    put(request, call) {
      const cost = putCost(request);
      checkQuota(member, cost);
      checkPut(request);
      return change(call, cost, () => {
        authorize(member, call, (access) => mayPut(access, request));
        return applyPut(engine, request);
      });
    },

    deleteRange(request, call) {
      checkKey(request);
      return change(call, 0, () => {
        authorize(member, call, (access) => mayDelete(access, request));
        return applyDeleteRange(engine, request);
      });
    },

    txn(request, call) {
      const cost = txnCost(request);
      checkQuota(member, cost);
      checkTxn(request, member.limits.maxTxnOps);
      checkOverlap(request);
      const carryOut = () => {
        authorize(member, call, (access) => mayTxn(access, request));
        return applyTxn(engine, request);
      };
      if (!isReadOnlyTxn(request)) return change(call, cost, carryOut);
      if (!isSerializable(request)) assertLeader(member);
      return withHeader(member, translated(carryOut));
    },

    compact(request, call) {
      authorizeAdmin(member, call);
      return change(call, 0, () => applyCompact(engine, request));
    },
  };

  function change<T extends { header?: ResponseHeader | undefined }>(
    call: ServerCall,
    costBytes: number,
    apply: () => T,
  ): T | Promise<T> {
    return proposeFor(member, call, () => {
      checkAlarms(member, costBytes);
      return withHeader(member, apply());
    });
  }
}

async function* rangeStream(
  member: EtcdServer,
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
