// Which keys the entries of a log touch. A store with only these keys, and the revision of the whole, can repeat the entries:
// each comes to the same result as in the whole store.
import { decodeRaftRequest } from "../etcd/raft-request";
import { EntryType, type Entry } from "../proto/gen/raftpb";
import type { DeleteRangeRequest, PutRequest, TxnRequest } from "../proto/gen/etcdserverpb";
import { endOf } from "./mvcc/keys";

/** `end` as in ReadView.range. */
export interface TouchedRange {
  readonly key: Uint8Array;
  readonly end: Uint8Array | undefined;
}

/** Undefined: all keys, as far as one can see. */
export function keysOfLog(entries: readonly Entry[]): TouchedRange[] | undefined {
  const touched = new Map<string, TouchedRange>();
  const touch = ({ key, rangeEnd }: { key: Uint8Array; rangeEnd?: Uint8Array }) => {
    const end = endOf(rangeEnd ?? new Uint8Array());
    touched.set(`${hexOf(key)} ${end === undefined ? "" : `to ${hexOf(end)}`}`, { key, end });
  };
  for (const { Type, Data } of entries) {
    if (Type === EntryType.EntryConfChange || Data === undefined || Data.length === 0) continue;
    const { put, deleteRange, txn, leaseRevoke } = decodeRaftRequest(Data);
    // The keys of a lease are known only to the records.
    if (leaseRevoke !== undefined) return undefined;
    for (const request of [put, deleteRange]) if (request !== undefined) touch(request);
    if (txn !== undefined) touchTxn(txn, touch);
  }
  return [...touched.values()];
}

function touchTxn(
  { compare, success, failure }: TxnRequest,
  touch: (request: PutRequest | DeleteRangeRequest | TxnRequest["compare"][number]) => void,
): void {
  for (const each of compare) touch(each);
  for (const { request } of [...success, ...failure]) {
    if (request?.case === "requestPut" || request?.case === "requestDeleteRange") touch(request.value);
    else if (request?.case === "requestTxn") touchTxn(request.value, touch);
  }
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
