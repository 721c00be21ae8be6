// DeleteRange, alone or inside a transaction. Answers to etcd's server/etcdserver/txn/delete.go.
import type { DeleteRangeRequest, DeleteRangeResponse } from "../../proto/gen/etcdserverpb";
import { endOf } from "../mvcc/key-bytes";
import type { WriteTxn } from "../mvcc/kv";
import type { Engine } from "./engine";
import { headerAt } from "./header";

export function applyDeleteRange(
  { store }: Pick<Engine, "store">,
  request: DeleteRangeRequest,
): DeleteRangeResponse {
  const txn = store.write();
  const response = deleteRangeIn(txn, request);
  txn.end();
  return response;
}

export function deleteRangeIn(txn: WriteTxn, request: DeleteRangeRequest): DeleteRangeResponse {
  const end = endOf(request.rangeEnd);
  const prevKvs = request.prevKv ? txn.range(request.key, end).kvs : [];
  const { deleted, revision } = txn.deleteRange(request.key, end);
  return { header: headerAt(revision), deleted: BigInt(deleted), prevKvs };
}
