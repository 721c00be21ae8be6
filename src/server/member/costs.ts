// The most bytes that a request adds to the database, and to the log. Go: Cost in server/storage/quota.go
import type { PutRequest, RequestOp, TxnRequest } from "../../proto/gen/etcdserverpb";
import type { Access } from "../auth/checks";

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

/**
 * Size of the encoded InternalRaftRequest, which etcd's limit counts: the request as one field, and a header with the
 * request's id, the user and the revision of the auth store. The upper 16 bits of that id are the lower 16 bits of the
 * member id.
 */
export function entryBytes(
  memberId: bigint,
  { caller, revision }: Pick<Access, "caller" | "revision">,
  requestSizeBytes: number,
): number {
  const idBytes = (memberId & 0x8000n) === 0n ? 9 : 10;
  const callerBytes =
    caller === undefined ? 0 : fieldBytes(Buffer.byteLength(caller)) + 1 + varintBytes(Number(revision));
  return fieldBytes(requestSizeBytes) + 1 + fieldBytes(1 + idBytes + callerBytes);
}

/** Of a field of this length whose tag is one byte long. */
function fieldBytes(lengthBytes: number): number {
  return 1 + varintBytes(lengthBytes) + lengthBytes;
}

function varintBytes(value: number): number {
  return value < 128 ? 1 : 1 + varintBytes(Math.floor(value / 128));
}
