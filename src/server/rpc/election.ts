// The Election service. Key NAME/leaseID; the lowest create revision leads, and its value is the proclaimed one.
// Go: server/etcdserver/api/v3election/election.go, client/v3/concurrency/election.go. Loaded with the first call.
import {
  Compare,
  Compare_CompareResult,
  Compare_CompareTarget,
  DeleteRangeRequest,
  PutRequest,
  RangeRequest,
  TxnRequest,
  type RequestOp,
  type TxnResponse,
} from "../../proto/gen/etcdserverpb";
import type {
  CampaignRequest,
  CampaignResponse,
  ElectionService,
  LeaderKey,
  LeaderRequest,
  LeaderResponse,
} from "../../proto/gen/v3electionpb";
import { identity, type EtcdServer } from "../member/etcd-server";
import { inProcessClient, leaseOrNew, type InProcessClient } from "./in-process-client";
import type { Routes, ServerCall, ServiceHandlers } from "./routes";

/** `routes`: the routes of the KV, Watch and Lease services. */
export function electionHandlers(
  server: EtcdServer,
  routes: Routes,
): ServiceHandlers<typeof ElectionService> {
  const innerOf = (call: ServerCall) => inProcessClient(routes, server, call);
  return {
    campaign: async (request, call) => campaign(server, innerOf(call), request),

    async proclaim({ leader, value }, call) {
      const inner = innerOf(call);
      const { header } = await proclaim(inner, required(leader), value);
      return { header };
    },

    async leader({ name }, call) {
      const { oldestKeyRequest, mutexPrefix, rangeWithRetry } =
        await import("../../client/concurrency/mutex");
      const { client, retry } = innerOf(call);
      const { header, kvs } = await rangeWithRetry(client, oldestKeyRequest(mutexPrefix(name)), retry);
      if (kvs[0] === undefined) throw new Error("election: no leader");
      return { header, kv: kvs[0] };
    },

    observe: (request, call) => observeLeaders(innerOf(call), request),

    async resign({ leader }, call) {
      const inner = innerOf(call);
      const held = required(leader);
      // Resigning needs no lease, but etcd grants one here too.
      await leaseOrNew(inner, held.lease);
      const value = DeleteRangeRequest.create({ key: held.key });
      const { header } = await ifStillLeader(inner, held, { request: { case: "requestDeleteRange", value } });
      return { header };
    },
  };
}

async function campaign(
  server: EtcdServer,
  inner: InProcessClient,
  { name, lease, value }: CampaignRequest,
): Promise<CampaignResponse> {
  const { tryAcquire, rangeWithRetry, waitDeletes, release } = await import("../../client/concurrency/mutex");
  const { client, retry, cleanupRetry } = inner;
  const owner = { name, leaseId: await leaseOrNew(inner, lease) };
  const acquisition = await tryAcquire(client, { ...owner, value }, retry);
  const { key, createRevision: rev } = acquisition;
  const leader = { name, key, rev, lease: owner.leaseId };
  try {
    // A candidate that campaigns again with another value proclaims that value.
    const { kvs } = await rangeWithRetry(client, RangeRequest.create({ key }), retry);
    if (kvs[0] !== undefined && Buffer.compare(kvs[0].value, value) !== 0)
      await proclaim(inner, leader, value);
    if (!acquisition.isAcquired) await waitDeletes(client, acquisition, retry);
  } catch (error) {
    await release(client, owner, cleanupRetry);
    throw error;
  }
  return { header: { ...identity(server), revision: acquisition.revision }, leader };
}

async function proclaim(inner: InProcessClient, leader: LeaderKey, value: Uint8Array): Promise<TxnResponse> {
  const lease = await leaseOrNew(inner, leader.lease);
  const put = PutRequest.create({ key: leader.key, value, lease });
  const response = await ifStillLeader(inner, leader, { request: { case: "requestPut", value: put } });
  if (!response.succeeded) throw new Error("election: not leader");
  return response;
}

/** Carries out `op` if the leader's key is still the one that won the election. */
function ifStillLeader(
  { client, retry }: InProcessClient,
  { key, rev }: LeaderKey,
  op: RequestOp,
): Promise<TxnResponse> {
  const stillLeads = Compare.create({
    key,
    target: Compare_CompareTarget.CREATE,
    result: Compare_CompareResult.EQUAL,
    targetUnion: { case: "createRevision", value: rev },
  });
  return client.kv.txn(TxnRequest.create({ compare: [stillLeads], success: [op] }), {
    signal: retry.signal,
  });
}

async function* observeLeaders(
  { client, retry }: InProcessClient,
  { name }: LeaderRequest,
): AsyncGenerator<LeaderResponse> {
  const { observe } = await import("../../client/concurrency/election");
  for await (const { header, kvs } of observe(client, name, retry)) yield { header, kv: kvs[0] };
}

function required(leader: LeaderKey | undefined): LeaderKey {
  if (leader === undefined) throw new Error('"leader" field must be provided');
  return leader;
}
