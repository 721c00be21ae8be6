// Short forms of etcd's requests for tests. Keys and values are text, and a key-value is shown as `a=1 c2 m3 v2`: created in
// revision 2, last modified in 3, version 2.
import type { EtcdClient } from "../../src/client/client";
import {
  CompactionRequest,
  DeleteRangeRequest,
  LeaseGrantRequest,
  LeaseTimeToLiveRequest,
  PutRequest,
  RangeRequest,
  TxnRequest,
  type RequestOp,
} from "../../src/proto/gen/etcdserverpb";
import type { KeyValue } from "../../src/proto/gen/mvccpb";
import { WatchSession } from "./watch-session";

export const bytes = (text: string): Uint8Array => Buffer.from(text);
export const text = (value: Uint8Array): string => Buffer.from(value).toString();

export function show(kv: KeyValue | undefined): string {
  if (!kv) return "nothing";
  return `${text(kv.key)}=${text(kv.value)} c${kv.createRevision} m${kv.modRevision} v${kv.version}`;
}

export const rangeRequest = (key: string, end = "", options: Partial<RangeRequest> = {}): RangeRequest =>
  RangeRequest.create({ key: bytes(key), rangeEnd: bytes(end), ...options });
export const putRequest = (key: string, value: string, options: Partial<PutRequest> = {}): PutRequest =>
  PutRequest.create({ key: bytes(key), value: bytes(value), ...options });
export const deleteRequest = (
  key: string,
  end = "",
  options: Partial<DeleteRangeRequest> = {},
): DeleteRangeRequest => DeleteRangeRequest.create({ key: bytes(key), rangeEnd: bytes(end), ...options });

export const getOp = (key: string, end = "", options: Partial<RangeRequest> = {}): RequestOp => ({
  request: { case: "requestRange", value: rangeRequest(key, end, options) },
});
export const putOp = (key: string, value: string, options: Partial<PutRequest> = {}): RequestOp => ({
  request: { case: "requestPut", value: putRequest(key, value, options) },
});
export const deleteOp = (key: string, end = ""): RequestOp => ({
  request: { case: "requestDeleteRange", value: deleteRequest(key, end) },
});
export const txnOp = (txn: Partial<TxnRequest>): RequestOp => ({
  request: { case: "requestTxn", value: TxnRequest.create(txn) },
});

export class Requests {
  constructor(readonly client: EtcdClient) {}

  /** Returns the revision. */
  async put(key: string, value: string, options: Partial<PutRequest> = {}): Promise<bigint> {
    const answer = await this.client.kv.put(putRequest(key, value, options));
    return answer.header?.revision ?? 0n;
  }

  /** `puts("a=1", "b=2")` makes revisions 2 and 3 of a fresh server. */
  async puts(...pairs: string[]): Promise<void> {
    for (const pair of pairs) {
      const [key = "", value = ""] = pair.split("=");
      await this.put(key, value);
    }
  }

  range(key: string, end = "", options: Partial<RangeRequest> = {}) {
    return this.client.kv.range(rangeRequest(key, end, options));
  }

  /** The key-values in the form of show(). */
  async shown(key: string, end = "", options: Partial<RangeRequest> = {}): Promise<string[]> {
    return (await this.range(key, end, options)).kvs.map(show);
  }

  async keys(key: string, end = "", options: Partial<RangeRequest> = {}): Promise<string> {
    return (await this.range(key, end, options)).kvs.map((kv) => text(kv.key)).join(" ");
  }

  del(key: string, end = "", options: Partial<DeleteRangeRequest> = {}) {
    return this.client.kv.deleteRange(deleteRequest(key, end, options));
  }

  txn(txn: Partial<TxnRequest>) {
    return this.client.kv.txn(TxnRequest.create(txn));
  }

  compact(revision: bigint, physical = false) {
    return this.client.kv.compact(CompactionRequest.create({ revision, physical }));
  }

  grant(TTL: bigint, ID = 0n) {
    return this.client.lease.leaseGrant(LeaseGrantRequest.create({ TTL, ID }));
  }

  timeToLive(ID: bigint, keys = true) {
    return this.client.lease.leaseTimeToLive(LeaseTimeToLiveRequest.create({ ID, keys }));
  }

  watch(): WatchSession {
    return new WatchSession(this.client);
  }
}
