// Mutual exclusion, for locks and elections. A client puts the key NAME/leaseID. The lowest create revision holds the lock;
// each waiter watches its predecessor. Every call here may run twice without harm, so it is retried.
// Go: client/v3/concurrency/mutex.go, client/v3/concurrency/key.go
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
import { afterCompaction, Watch } from "../watch";

/** Names the key NAME/leaseID of one client. */
export interface MutexKey {
  readonly name: string | Uint8Array;
  readonly leaseId: bigint;
}

export interface Acquisition {
  readonly key: Uint8Array;
  readonly prefix: Uint8Array;
  readonly createRevision: bigint;
  /** Revision in the header of the response. */
  readonly revision: bigint;
  /** Whether the key holds the lock. If not, `waitDeletes` waits for it. */
  readonly isAcquired: boolean;
}

/** The prefix of the keys of all clients. */
export function mutexPrefix(name: string | Uint8Array): Uint8Array {
  return Buffer.concat([rawBytes(name), Buffer.from("/")]);
}

/** Puts the client's key, unless an earlier attempt already did. */
export async function tryAcquire(
  client: EtcdClient,
  { name, value = "", leaseId }: MutexKey & { readonly value?: string | Uint8Array },
  retry: RetryOptions,
): Promise<Acquisition> {
  const prefix = mutexPrefix(name);
  const key = keyBytes({ name, leaseId });
  const put = PutRequest.create({ key, value: rawBytes(value), lease: leaseId });
  const get = { request: { case: "requestRange" as const, value: RangeRequest.create({ key }) } };
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
    failure: [get, first],
  });
  const { header, succeeded, responses } = await retryTransient(
    (options) => client.kv.txn(request, options),
    retry,
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
 * Deletes the client's key, if it still has the client's lease. Returns false when there was no such key. After a retry it
 * returns true, because the earlier attempt may have deleted the key.
 */
export async function release(client: EtcdClient, mutexKey: MutexKey, retry: RetryOptions): Promise<boolean> {
  const key = keyBytes(mutexKey);
  const isOwnLease = Compare.create({
    key,
    target: Compare_CompareTarget.LEASE,
    result: Compare_CompareResult.EQUAL,
    targetUnion: { case: "lease", value: mutexKey.leaseId },
  });
  const deletion = { case: "requestDeleteRange" as const, value: DeleteRangeRequest.create({ key }) };
  const request = TxnRequest.create({ compare: [isOwnLease], success: [{ request: deletion }] });
  let attempts = 0;
  const { succeeded } = await retryTransient((options) => {
    attempts++;
    return client.kv.txn(request, options);
  }, retry);
  return succeeded || attempts > 1;
}

function keyBytes({ name, leaseId }: MutexKey): Buffer {
  return Buffer.concat([mutexPrefix(name), Buffer.from(leaseId.toString(16))]);
}

/** The request for the key that holds the lock. */
export function oldestKeyRequest(prefix: Uint8Array): RangeRequest {
  return RangeRequest.create({
    key: prefix,
    rangeEnd: prefixEnd(prefix),
    limit: 1n,
    sortTarget: RangeRequest_SortTarget.CREATE,
    sortOrder: RangeRequest_SortOrder.ASCEND,
  });
}

/** Resolves when no older key is left, which means that the lock is held. */
export async function waitDeletes(
  client: EtcdClient,
  acquisition: Acquisition,
  retry: RetryOptions,
): Promise<void> {
  const predecessor = RangeRequest.create({
    ...oldestKeyRequest(acquisition.prefix),
    sortOrder: RangeRequest_SortOrder.DESCEND,
    maxCreateRevision: acquisition.createRevision - 1n,
  });
  for (;;) {
    const { kvs, header } = await rangeWithRetry(client, predecessor, retry);
    if (kvs[0] === undefined) return;
    await waitDelete(client, kvs[0], (header?.revision ?? 0n) + 1n, retry);
  }
}

export function rangeWithRetry(
  client: EtcdClient,
  request: RangeRequest,
  retry: RetryOptions,
): Promise<RangeResponse> {
  return retryTransient((options) => client.kv.range(request, options), retry);
}

/** Resolves when the key may be deleted. */
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
    // The history is compacted. The caller reads the current state instead.
    await afterCompaction(error, clock, signal);
  }
}
