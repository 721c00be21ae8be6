// No key may be changed twice in one txn: not put twice, nor put and deleted, except in branches that exclude each
// other. Answers to checkIntervals of etcd's v3rpc/key.go.
import type { DeleteRangeRequest, RequestOp, TxnRequest } from "../../proto/gen/etcdserverpb";
import { serverError } from "../../transport/error-table";
import { keyString } from "../mvcc/key-bytes";
import { KeyRanges, type KeyRange } from "../mvcc/key-ranges";

/** Throws duplicateKey. */
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
    // Only one of both branches runs: the same key in both is put once.
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

/** "Everything from the key on" (an end of one zero byte) is an empty range here, as it is in etcd. */
function rangeOf({ key, rangeEnd }: DeleteRangeRequest): KeyRange {
  const start = keyString(key);
  return { start, end: rangeEnd.length === 0 ? `${start}\0` : keyString(rangeEnd) };
}
