// Observes an election. The leader is the client whose key has the lowest create revision; its proposal is the key's value.
// The observer may miss old proposals, but always gets the latest.
// Go: client/v3/concurrency/election.go (Observe)
import { prefixEnd } from "../../etcd/keys";
import { RangeResponse, type ResponseHeader, type WatchCreateRequest } from "../../proto/gen/etcdserverpb";
import { Event_EventType, type KeyValue } from "../../proto/gen/mvccpb";
import type { EtcdClient } from "../client";
import type { RetryOptions } from "../retry";
import { afterCompaction, Watch } from "../watch";
import { oldestKeyRequest, mutexPrefix, rangeWithRetry } from "./mutex";

/**
 * Yields each proposal as a range response with one key. Throws Canceled when the signal is aborted, and an error with
 * `endpoints` when no member responds to the first call in its time. Later it waits for the members.
 */
export async function* observe(
  client: EtcdClient,
  name: string | Uint8Array,
  retry: RetryOptions,
): AsyncGenerator<RangeResponse> {
  const prefix = mutexPrefix(name);
  let range: RetryOptions = { ...retry, shouldRetry: ({ endpoints }) => endpoints.length === 0 };
  for (;;) {
    const { header, kvs } = await rangeWithRetry(client, oldestKeyRequest(prefix), range);
    range = retry;
    const leader = kvs[0] ?? (await firstPut(client, prefix, header, retry));
    if (!leader) continue;
    const at = header && { ...header, revision: kvs[0] ? header.revision : leader.modRevision };
    yield proposal(at, leader);
    yield* laterProposals(client, leader.key, (at?.revision ?? 0n) + 1n, retry);
  }
}

function proposal(header: ResponseHeader | undefined, kv: KeyValue): RangeResponse {
  return RangeResponse.create({ ...(header && { header }), kvs: [kv] });
}

/** The first candidate's key after the revision of `header`. Undefined when the watch ended without one. */
async function firstPut(
  client: EtcdClient,
  prefix: Uint8Array,
  header: ResponseHeader | undefined,
  retry: RetryOptions,
): Promise<KeyValue | undefined> {
  const request = { key: prefix, rangeEnd: prefixEnd(prefix), startRevision: (header?.revision ?? 0n) + 1n };
  for await (const { events } of watch(client, request, retry)) {
    const put = events.find(({ type }) => type === Event_EventType.PUT);
    if (put?.kv) return put.kv;
  }
  return undefined;
}

/** The leader's later proposals, until its key is deleted. */
async function* laterProposals(
  client: EtcdClient,
  key: Uint8Array,
  startRevision: bigint,
  retry: RetryOptions,
): AsyncGenerator<RangeResponse> {
  for await (const { header, events } of watch(client, { key, startRevision }, retry)) {
    for (const { type, kv } of events) {
      if (type === Event_EventType.DELETE) return;
      if (kv) yield proposal(header, kv);
    }
  }
}

/** Ends when the history is compacted. The caller then reads the current state. */
async function* watch(
  client: EtcdClient,
  request: Partial<WatchCreateRequest>,
  { clock, signal }: RetryOptions,
): WatchResponses {
  try {
    yield* new Watch(client.watch, request, { streamOptions: { signal }, clock });
  } catch (error) {
    await afterCompaction(error, clock, signal);
  }
}

type WatchResponses = ReturnType<Watch[typeof Symbol.asyncIterator]>;
