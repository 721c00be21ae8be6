// Put, alone or inside a transaction: checks first, then the write. Answers to etcd's server/etcdserver/txn/put.go.
import type { PutRequest, PutResponse } from "../../proto/gen/etcdserverpb";
import type { KeyValue } from "../../proto/gen/mvccpb";
import { EMPTY_BYTES } from "../../proto/wire";
import { LeaseNotFoundError } from "../lease/errors";
import type { ReadView, WriteTxn } from "../mvcc/kv";
import type { Engine } from "./engine";
import { KeyNotFoundError } from "./errors";
import { headerAt } from "./header";

export function applyPut(engine: Engine, request: PutRequest): PutResponse {
  checkPut(engine, engine.store, request);
  const txn = engine.store.write();
  const response = putIn(txn, engine.store, request);
  txn.end();
  return response;
}

/** Throws LeaseNotFoundError or KeyNotFoundError, judged by what is there before the write. */
export function checkPut({ lessor }: Engine, view: ReadView, request: PutRequest): void {
  if (request.lease !== 0n && !lessor.has(request.lease)) throw new LeaseNotFoundError();
  if ((request.ignoreValue || request.ignoreLease) && current(view, request.key) === undefined) {
    throw new KeyNotFoundError();
  }
}

/** `committed` is the store as the transaction found it. */
export function putIn(txn: WriteTxn, committed: ReadView, request: PutRequest): PutResponse {
  const { key, ignoreValue, ignoreLease, prevKv } = request;
  const keeps = ignoreValue || ignoreLease;
  const before = keeps || prevKv ? current(txn, key) : undefined;
  // A delete earlier in the transaction may have taken the key away (where etcd's server ends with a panic).
  const kept = before ?? (keeps ? current(committed, key) : undefined);
  const value = ignoreValue ? kept?.value : request.value;
  const lease = ignoreLease ? kept?.lease : request.lease;
  const revision = txn.put(key, value ?? EMPTY_BYTES, lease ?? 0n);
  return { header: headerAt(revision), prevKv: prevKv ? before : undefined };
}

function current(view: ReadView, key: Uint8Array): KeyValue | undefined {
  return view.range(key, undefined).kvs[0];
}
