// Put, alone or inside a transaction: checks first, then the write. Answers to etcd's server/etcdserver/txn/put.go.
import type { PutRequest, PutResponse } from "../../proto/gen/etcdserverpb";
import type { KeyValue } from "../../proto/gen/mvccpb";
import { LeaseNotFoundError } from "../lease/errors";
import type { ReadView, WriteTxn } from "../mvcc/kv";
import type { Engine } from "./engine";
import { KeyNotFoundError } from "./errors";
import { headerAt } from "./header";

export function applyPut(engine: Engine, request: PutRequest): PutResponse {
  checkPut(engine, engine.store, request);
  const txn = engine.store.write();
  const response = putIn(txn, request);
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

export function putIn(txn: WriteTxn, request: PutRequest): PutResponse {
  const { key, ignoreValue, ignoreLease, prevKv } = request;
  const before = ignoreValue || ignoreLease || prevKv ? current(txn, key) : undefined;
  if ((ignoreValue || ignoreLease) && before === undefined) {
    throw new Error("a put that keeps the old value or lease lost its key inside the transaction");
  }
  const value = ignoreValue && before !== undefined ? before.value : request.value;
  const lease = ignoreLease && before !== undefined ? before.lease : request.lease;
  const revision = txn.put(key, value, lease);
  return { header: headerAt(revision), prevKv: prevKv ? before : undefined };
}

function current(view: ReadView, key: Uint8Array): KeyValue | undefined {
  return view.range(key, undefined).kvs[0];
}
