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

export interface NeededKeys {
  readonly ranges: readonly NeededRange[];
  /** The keys of these leases too. Which they are, only the records know. */
  readonly leases: readonly bigint[];
}

export interface NeededOptions {
  /** Also the keys that are put, so that their new records have the right version and create revision. Default: false. */
  readonly puts?: boolean;
}

export function keysNeededBy(entries: readonly Entry[], { puts = false }: NeededOptions = {}): NeededKeys {
  const leases: bigint[] = [];
  const needed = new Map<string, NeededRange>();
  const need = ({ key, rangeEnd = noBytes }: { key: Uint8Array; rangeEnd?: Uint8Array }) => {
    const end = endOf(rangeEnd);
    needed.set(`${hexOf(key)} ${end === undefined ? "" : `to ${hexOf(end)}`}`, { key, end });
  };
  for (const { Type, Data } of entries) {
    if (Type === EntryType.EntryConfChange || Data === undefined || Data.length === 0) continue;
    const { put, deleteRange, txn, leaseRevoke } = decodeRaftRequest(Data);
    if (leaseRevoke !== undefined) leases.push(leaseRevoke.ID);
    if (put !== undefined && (puts || needsPrevious(put))) need(put);
    if (deleteRange !== undefined) need(deleteRange);
    if (txn !== undefined) neededByTxn(txn, puts, need);
  }
  return { ranges: [...needed.values()], leases };
}

const noBytes = new Uint8Array();

function needsPrevious({ ignoreValue, ignoreLease }: PutRequest): boolean {
  return ignoreValue || ignoreLease;
}

function neededByTxn(
  { compare, success, failure }: TxnRequest,
  puts: boolean,
  need: (request: PutRequest | DeleteRangeRequest | Compare) => void,
): void {
  for (const each of compare) need(each);
  for (const { request } of [...success, ...failure]) {
    if (request?.case === "requestDeleteRange") need(request.value);
    else if (request?.case === "requestTxn") neededByTxn(request.value, puts, need);
    else if (request?.case === "requestPut" && (puts || needsPrevious(request.value))) need(request.value);
  }
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
