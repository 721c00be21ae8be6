// The most bytes that a request adds to the database. Go: Cost in server/storage/quota.go
import type { PutRequest, RequestOp, TxnRequest } from "../../proto/gen/etcdserverpb";

const keyValueOverheadBytes = 256;

export const leaseCostBytes = 64;

export function putCost(request: PutRequest): number {
  return keyValueOverheadBytes + request.key.length + request.value.length;
}

/** The cost of the dearer branch. */
export function txnCost(request: TxnRequest): number {
  return Math.max(opsCost(request.success), opsCost(request.failure));
}

function opsCost(ops: readonly RequestOp[]): number {
  return ops.reduce((sum, { request }) => {
    if (request?.case === "requestPut") return sum + putCost(request.value);
    if (request?.case === "requestTxn") return sum + txnCost(request.value);
    return sum;
  }, 0);
}
