// A key under NAME/ for the lease of a session, and waiting until it is the oldest one there: what locks and elections
// are made of. Everyone waits only for the one before him. All calls here may be made twice, so they are patient.
// Answers to client/v3/concurrency's mutex.go (tryAcquire) and key.go (waitDeletes).
import { prefixEnd } from "../../etcd/keys";
import { rawBytes } from "../../go/raw-text";
import {
  Compare,
  Compare_CompareResult,
  Compare_CompareTarget,
  DeleteRangeRequest,
  PutRequest,
  RangeRequest,
  RangeRequest_SortOrder,
  RangeRequest_SortTarget,
  TxnRequest,
  WatchCreateRequest_FilterType,
  type RangeResponse,
} from "../../proto/gen/etcdserverpb";
import type { KeyValue } from "../../proto/gen/mvccpb";
import type { EtcdClient } from "../client";
import { retryTransient, type RetryOptions } from "../retry";
import { Watch, WatchCanceled } from "../watch";

/** Who claims what. */
export interface MutexKey {
  readonly name: string | Uint8Array;
  readonly leaseId: bigint;
}

export interface Acquisition {
  readonly key: Uint8Array;
  readonly prefix: Uint8Array;
  readonly createRevision: bigint;
  /** Of the answer to the claim. */
  readonly revision: bigint;
  readonly isAcquired: boolean;
}

/** The prefix of all claims to a name. */
export function mutexPrefix(name: string | Uint8Array): Uint8Array {
  return Buffer.concat([rawBytes(name), Buffer.from("/")]);
}

export async function tryAcquire(
  client: EtcdClient,
  { name, value = "", leaseId }: MutexKey & { readonly value?: string | Uint8Array },
  patience: RetryOptions,
): Promise<Acquisition> {
  const prefix = mutexPrefix(name);
  const key = keyOf({ name, leaseId });
  const put = PutRequest.create({ key, value: rawBytes(value), lease: leaseId });
  const own = { request: { case: "requestRange" as const, value: RangeRequest.create({ key }) } };
  const first = { request: { case: "requestRange" as const, value: oldestKeyRequest(prefix) } };
  const request = TxnRequest.create({
    compare: [
      Compare.create({
        key,
        target: Compare_CompareTarget.CREATE,
        result: Compare_CompareResult.EQUAL,
        targetUnion: { case: "createRevision", value: 0n },
      }),
    ],
    success: [{ request: { case: "requestPut", value: put } }, first],
    failure: [own, first],
  });
  const { header, succeeded, responses } = await retryTransient(
    (options) => client.kv.txn(request, options),
    patience,
  );
  const [before, oldest] = responses.map(({ response }) =>
    response?.case === "responseRange" ? response.value.kvs[0] : undefined,
  );
  const revision = header?.revision ?? 0n;
  const createRevision = succeeded ? revision : (before?.createRevision ?? revision);
  const isFirst = oldest === undefined || oldest.createRevision === createRevision;
  return { key, prefix, createRevision, revision, isAcquired: isFirst };
}

/**
 * Takes the claim back, and nobody else's: only a key that hangs on our lease is deleted. False if there was none.
 * Tried again after a failure, it may find its own work done.
 */
export async function release(
  client: EtcdClient,
  claimant: MutexKey,
  patience: RetryOptions,
): Promise<boolean> {
  const key = keyOf(claimant);
  const ours = Compare.create({
    key,
    target: Compare_CompareTarget.LEASE,
    result: Compare_CompareResult.EQUAL,
    targetUnion: { case: "lease", value: claimant.leaseId },
  });
  const waitDelete = { case: "requestDeleteRange" as const, value: DeleteRangeRequest.create({ key }) };
  const request = TxnRequest.create({ compare: [ours], success: [{ request: waitDelete }] });
  let tries = 0;
  const { succeeded } = await retryTransient((options) => {
    tries++;
    return client.kv.txn(request, options);
  }, patience);
  return succeeded || tries > 1;
}

function keyOf({ name, leaseId }: MutexKey): Buffer {
  return Buffer.concat([mutexPrefix(name), Buffer.from(leaseId.toString(16))]);
}

/** The oldest claim of all. */
export function oldestKeyRequest(prefix: Uint8Array): RangeRequest {
  return RangeRequest.create({
    key: prefix,
    rangeEnd: prefixEnd(prefix),
    limit: 1n,
    sortTarget: RangeRequest_SortTarget.CREATE,
    sortOrder: RangeRequest_SortOrder.ASCEND,
  });
}

/** Resolves when every older claim is gone. */
export async function waitDeletes(
  client: EtcdClient,
  claim: Acquisition,
  patience: RetryOptions,
): Promise<void> {
  const older = RangeRequest.create({
    ...oldestKeyRequest(claim.prefix),
    sortOrder: RangeRequest_SortOrder.DESCEND,
    maxCreateRevision: claim.createRevision - 1n,
  });
  for (;;) {
    const { kvs, header } = await rangeWithRetry(client, older, patience);
    if (kvs[0] === undefined) return;
    await waitDelete(client, kvs[0], (header?.revision ?? 0n) + 1n, patience);
  }
}

export function rangeWithRetry(
  client: EtcdClient,
  request: RangeRequest,
  patience: RetryOptions,
): Promise<RangeResponse> {
  return retryTransient((options) => client.kv.range(request, options), patience);
}

/** Resolves when the key may be gone. */
async function waitDelete(
  client: EtcdClient,
  { key }: KeyValue,
  startRevision: bigint,
  { clock, signal }: RetryOptions,
): Promise<void> {
  const request = { key, startRevision, filters: [WatchCreateRequest_FilterType.NOPUT] };
  try {
    for await (const { events } of new Watch(client.watch, request, { streamOptions: { signal }, clock })) {
      if (events.length > 0) return;
    }
  } catch (error) {
    // What happened to the key meanwhile is no longer known, only how things stand.
    if (!(error instanceof WatchCanceled && error.compactRevision !== 0n)) throw error;
  }
}
