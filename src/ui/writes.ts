// Changes by the page, each on the condition that the key is still at the revision that the page showed.
import { unchangedSince } from "../client/compare";
import { DeleteRangeRequest, PutRequest, TxnRequest, type RequestOp } from "../proto/gen/etcdserverpb";
import { KeyValue } from "../proto/gen/mvccpb";
import type { Written } from "./api";
import { BadRequest } from "./bad-request";
import { getOne } from "./key";
import { callOf, type Caller } from "./source";

/** The revision at which the page saw the key; 0 if it did not exist. */
type Seen = bigint;

export async function put(key: Uint8Array, value: Uint8Array, seen: Seen, caller: Caller): Promise<Written> {
  // A value does not change who owns the key: the lease stays.
  const request = PutRequest.create({ key, value, ignoreLease: seen !== 0n });
  return change(key, seen, { request: { case: "requestPut", value: request } }, caller);
}

export async function remove(key: Uint8Array, seen: Seen, caller: Caller): Promise<Written> {
  const request = DeleteRangeRequest.create({ key });
  return change(key, seen, { request: { case: "requestDeleteRange", value: request } }, caller);
}

/** Gives the key the value that it had at a revision. */
export async function restore(
  key: Uint8Array,
  revision: bigint,
  seen: Seen,
  caller: Caller,
): Promise<Written> {
  const old = await getOne(key, revision, caller);
  if (old === undefined) throw new BadRequest(`the key did not exist at revision ${revision}`);
  return put(key, old.value, seen, caller);
}

async function change(key: Uint8Array, seen: Seen, success: RequestOp, caller: Caller): Promise<Written> {
  const state = seen === 0n ? undefined : KeyValue.create({ key, modRevision: seen });
  const request = TxnRequest.create({ compare: [unchangedSince(key, state)], success: [success] });
  const { succeeded, header } = await caller.source.client.kv.txn(request, callOf(caller));
  if (!succeeded)
    throw new BadRequest("the key was changed by another client meanwhile: nothing has been written");
  return { revision: String(header?.revision ?? 0n) };
}
