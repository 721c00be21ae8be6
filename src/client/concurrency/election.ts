// Who leads an election, as it changes: the proposal of the oldest claim. Not every proposal of the past may be seen, but
// always the latest. Answers to Observe in client/v3/concurrency's election.go.
import { prefixEnd } from "../../etcd/keys";
import { RangeResponse, type ResponseHeader, type WatchCreateRequest } from "../../proto/gen/etcdserverpb";
import { Event_EventType, type KeyValue } from "../../proto/gen/mvccpb";
import type { EtcdClient } from "../client";
import type { RetryOptions } from "../retry";
import { Watch, WatchCanceled } from "../watch";
import { oldestKeyRequest, mutexPrefix, rangeWithRetry } from "./mutex";

/** Each proposal as a range answer of one key. Fails as cancelled when the signal is aborted. */
export async function* observe(
  client: EtcdClient,
  name: string | Uint8Array,
  patience: RetryOptions,
): AsyncGenerator<RangeResponse> {
  const prefix = mutexPrefix(name);
  for (;;) {
    const { header, kvs } = await rangeWithRetry(client, oldestKeyRequest(prefix), patience);
    const leader = kvs[0] ?? (await firstPut(client, prefix, header, patience));
    if (!leader) continue;
    const at = header && { ...header, revision: kvs[0] ? header.revision : leader.modRevision };
    yield proposal(at, leader);
    yield* changes(client, leader.key, (at?.revision ?? 0n) + 1n, patience);
  }
}

function proposal(header: ResponseHeader | undefined, kv: KeyValue): RangeResponse {
  return RangeResponse.create({ ...(header && { header }), kvs: [kv] });
}

async function firstPut(
  client: EtcdClient,
  prefix: Uint8Array,
  header: ResponseHeader | undefined,
  patience: RetryOptions,
): Promise<KeyValue | undefined> {
  const request = { key: prefix, rangeEnd: prefixEnd(prefix), startRevision: (header?.revision ?? 0n) + 1n };
  for await (const { events } of watched(client, request, patience)) {
    const put = events.find(({ type }) => type === Event_EventType.PUT);
    if (put?.kv) return put.kv;
  }
  return undefined;
}

/** What the leader proposes until his key is gone. */
async function* changes(
  client: EtcdClient,
  key: Uint8Array,
  startRevision: bigint,
  patience: RetryOptions,
): AsyncGenerator<RangeResponse> {
  for await (const { header, events } of watched(client, { key, startRevision }, patience)) {
    for (const { type, kv } of events) {
      if (type === Event_EventType.DELETE) return;
      if (kv) yield proposal(header, kv);
    }
  }
}

/** Ends when the history is gone: then only how things stand can be told. */
async function* watched(
  client: EtcdClient,
  request: Partial<WatchCreateRequest>,
  { clock, signal }: RetryOptions,
): Watched {
  try {
    yield* new Watch(client.watch, request, { streamOptions: { signal }, clock });
  } catch (error) {
    if (!(error instanceof WatchCanceled && error.compactRevision !== 0n)) throw error;
  }
}

type Watched = ReturnType<Watch[typeof Symbol.asyncIterator]>;
