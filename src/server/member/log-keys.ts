// Which keys must be known to repeat the entries of a log. A store with only these keys, and the revision of the whole, comes to
// the same results for them as the whole store. A put of another key raises the revision, whatever was there before.
import { decodeRaftRequest } from "../../etcd/raft-request";
import type { Compare, DeleteRangeRequest, PutRequest, TxnRequest } from "../../proto/gen/etcdserverpb";
import { EntryType, type Entry } from "../../proto/gen/raftpb";
import { endOf } from "../mvcc/keys";

/** `end` as in ReadView.range. */
export interface NeededRange {
  readonly key: Uint8Array;
  readonly end: Uint8Array | undefined;
}

/** Undefined: all keys, as far as one can see. */
export function keysNeededBy(entries: readonly Entry[]): NeededRange[] | undefined {
  const needed = new Map<string, NeededRange>();
  const need = ({ key, rangeEnd = noBytes }: { key: Uint8Array; rangeEnd?: Uint8Array }) => {
    const end = endOf(rangeEnd);
    needed.set(`${hexOf(key)} ${end === undefined ? "" : `to ${hexOf(end)}`}`, { key, end });
  };
  for (const { Type, Data } of entries) {
    if (Type === EntryType.EntryConfChange || Data === undefined || Data.length === 0) continue;
    const { put, deleteRange, txn, leaseRevoke } = decodeRaftRequest(Data);
    // The keys of a lease are known only to the records.
    if (leaseRevoke !== undefined) return undefined;
    if (put?.ignoreValue === true || put?.ignoreLease === true) need(put);
    if (deleteRange !== undefined) need(deleteRange);
    if (txn !== undefined) neededByTxn(txn, need);
  }
  return [...needed.values()];
}

const noBytes = new Uint8Array();

function neededByTxn(
  { compare, success, failure }: TxnRequest,
  need: (request: PutRequest | DeleteRangeRequest | Compare) => void,
): void {
  for (const each of compare) need(each);
  for (const { request } of [...success, ...failure]) {
    if (request?.case === "requestDeleteRange") need(request.value);
    else if (request?.case === "requestTxn") neededByTxn(request.value, need);
    else if (request?.case === "requestPut" && (request.value.ignoreValue || request.value.ignoreLease))
      need(request.value);
  }
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
