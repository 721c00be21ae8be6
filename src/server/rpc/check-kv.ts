// Checks the shape of requests to the KV service, in etcd's order and with etcd's texts.
// Go: server/etcdserver/api/v3rpc/key.go
import { EtcdError, StatusCode } from "../../errors";
import { serverError } from "../../etcd/error-table";
import type {
  DeleteRangeRequest,
  PutRequest,
  RangeRequest,
  RequestOp,
  TxnRequest,
} from "../../proto/gen/etcdserverpb";
import {
  RangeRequest_SortOrder as SortOrder,
  RangeRequest_SortTarget as SortTarget,
} from "../../proto/gen/etcdserverpb";
import type { KeyRange } from "../mvcc/keys";
import { KeyRanges, keyString } from "../mvcc/keys";

const sortOrders = new Set<number>(Object.values(SortOrder));
const sortTargets = new Set<number>(Object.values(SortTarget));

export function checkRange(request: RangeRequest): void {
  checkKey(request);
  if (!sortOrders.has(request.sortOrder) || !sortTargets.has(request.sortTarget)) {
    throw serverError("invalidSortOption");
  }
}

/** A stream sends keys in the order of the index, so it can neither sort nor filter by revision. */
export function checkRangeStream(request: RangeRequest): void {
  checkRange(request);
  const inOrder =
    request.sortOrder === SortOrder.NONE ||
    (request.sortTarget === SortTarget.KEY && request.sortOrder === SortOrder.ASCEND);
  if (!inOrder) throw unimplemented("RangeStream does not support custom sort orders");
  const { minModRevision, maxModRevision, minCreateRevision, maxCreateRevision } = request;
  if ([minModRevision, maxModRevision, minCreateRevision, maxCreateRevision].some((each) => each !== 0n)) {
    throw unimplemented("RangeStream does not support revision filters");
  }
}

export function checkPut(request: PutRequest): void {
  checkKey(request);
  if (request.ignoreValue && request.value.length > 0) throw serverError("valueProvided");
  if (request.ignoreLease && request.lease !== 0n) throw serverError("leaseProvided");
}

export function checkKey(request: { readonly key: Uint8Array }): void {
  if (request.key.length === 0) throw serverError("emptyKey");
}

/** `maxOps` is for all levels: a nested txn may use what its parent left of it. */
export function checkTxn(request: TxnRequest, maxOps: number): void {
  const ops = Math.max(request.compare.length, request.success.length, request.failure.length);
  if (ops > maxOps) throw serverError("tooManyOps");
  request.compare.forEach(checkKey);
  for (const op of request.success) checkOp(op, maxOps - ops);
  for (const op of request.failure) checkOp(op, maxOps - ops);
}

/** True for a read-only txn that may return old data, so it needs no leader. */
export function isSerializable(request: TxnRequest): boolean {
  return [...request.success, ...request.failure].every(
    ({ request: op }) => op?.case === "requestRange" && op.value.serializable,
  );
}

function checkOp({ request }: RequestOp, maxOps: number): void {
  switch (request?.case) {
    case "requestRange":
      return checkRange(request.value);
    case "requestPut":
      return checkPut(request.value);
    case "requestDeleteRange":
      return checkKey(request.value);
    case "requestTxn":
      return checkTxn(request.value, maxOps);
    case undefined:
      throw serverError("keyNotFound");
  }
}

function unimplemented(text: string): EtcdError {
  return new EtcdError(StatusCode.Unimplemented, text, false);
}

/**
 * Throws duplicateKey for a txn that changes a key twice: by two puts, or by a put and a delete. The two branches of a
 * nested txn may change the same key, as only one of them runs. Go: checkIntervals in key.go
 */
export function checkOverlap(request: TxnRequest): void {
  changesOf(request.success);
  changesOf(request.failure);
}

interface Changes {
  readonly puts: Set<string>;
  readonly deletes: KeyRanges;
}

function changesOf(ops: readonly RequestOp[]): Changes {
  const puts = new Set<string>();
  const deletes = new KeyRanges();
  const put = (key: string, alreadyPut: boolean) => {
    if (alreadyPut || deletes.has(key)) throw serverError("duplicateKey");
    puts.add(key);
  };

  for (const { request } of ops) {
    if (request?.case === "requestDeleteRange") deletes.add(rangeOf(request.value));
  }
  for (const { request } of ops) {
    if (request?.case !== "requestTxn") continue;
    const success = changesOf(request.value.success);
    const failure = changesOf(request.value.failure);
    for (const key of success.puts) put(key, puts.has(key));
    // Only one of the two branches runs: a key in both is put once.
    for (const key of failure.puts) put(key, puts.has(key) && !success.puts.has(key));
    deletes.addAll(success.deletes);
    deletes.addAll(failure.deletes);
  }
  for (const { request } of ops) {
    if (request?.case !== "requestPut") continue;
    const key = keyString(request.value.key);
    put(key, puts.has(key));
  }
  return { puts, deletes };
}

/** A range with the end "\0" (all keys from the start on) counts as empty here, as in etcd. */
function rangeOf({ key, rangeEnd }: DeleteRangeRequest): KeyRange {
  const start = keyString(key);
  return { start, end: rangeEnd.length === 0 ? `${start}\0` : keyString(rangeEnd) };
}
