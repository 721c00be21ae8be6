// The Election service: who has the oldest key under the name leads, and its value is what he proclaims.
// Answers to etcd's api/v3election and to Election of client/v3/concurrency. What it needs is loaded with the first call.
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
import { identity, type EtcdServer } from "../etcd-server";
import { inProcessClient, leaseOf, type InProcessClient } from "./lock";
import type { Routes, ServerCall, ServiceHandlers } from "./routes";

/** `routes`: those of the services that elections are made of. */
export function electionHandlers(
  member: EtcdServer,
  routes: Routes,
): ServiceHandlers<typeof ElectionService> {
  const innerOf = (call: ServerCall) => inProcessClient(routes, member, call);
  return {
    campaign: async (request, call) => campaign(member, innerOf(call), request),

    async proclaim({ leader, value }, call) {
      const inner = innerOf(call);
      const { header } = await proclaim(inner, given(leader), value);
      return { header };
    },

    async leader({ name }, call) {
      const {
        oldestKeyRequest: firstClaim,
        mutexPrefix: prefixOf,
        rangeWithRetry: read,
      } = await import("../../client/concurrency/mutex");
      const { client, patience } = innerOf(call);
      const { header, kvs } = await read(client, firstClaim(prefixOf(name)), patience);
      if (kvs[0] === undefined) throw new Error("election: no leader");
      return { header, kv: kvs[0] };
    },

    observe: (request, call) => observeLeaders(innerOf(call), request),

    async resign({ leader }, call) {
      const { key } = given(leader);
      const deletion = { case: "requestDeleteRange" as const, value: DeleteRangeRequest.create({ key }) };
      const { header } = await asLeader(innerOf(call), given(leader), { request: deletion });
      return { header };
    },
  };
}

async function campaign(
  member: EtcdServer,
  inner: InProcessClient,
  { name, lease, value }: CampaignRequest,
): Promise<CampaignResponse> {
  const {
    tryAcquire: claim,
    rangeWithRetry: read,
    waitDeletes: turnOf,
    release: withdraw,
  } = await import("../../client/concurrency/mutex");
  const { client, patience, afterwards } = inner;
  const claimant = { name, leaseId: await leaseOf(inner, lease) };
  const mine = await claim(client, { ...claimant, value }, patience);
  const { key, createRevision: rev } = mine;
  const leader = { name, key, rev, lease: claimant.leaseId };
  try {
    // Who campaigns again with another value proclaims it.
    const { kvs } = await read(client, RangeRequest.create({ key }), patience);
    if (kvs[0] !== undefined && Buffer.compare(kvs[0].value, value) !== 0)
      await proclaim(inner, leader, value);
    if (!mine.isAcquired) await turnOf(client, mine, patience);
  } catch (error) {
    await withdraw(client, claimant, afterwards);
    throw error;
  }
  return { header: { ...identity(member), revision: mine.revision }, leader };
}

async function proclaim(inner: InProcessClient, leader: LeaderKey, value: Uint8Array): Promise<TxnResponse> {
  const lease = await leaseOf(inner, leader.lease);
  const put = PutRequest.create({ key: leader.key, value, lease });
  const response = await asLeader(inner, leader, { request: { case: "requestPut", value: put } });
  if (!response.succeeded) throw new Error("election: not leader");
  return response;
}

/** Does it if the leader's key is still the one that he won with. */
function asLeader(
  { client, patience }: InProcessClient,
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
    signal: patience.signal,
  });
}

async function* observeLeaders(
  { client, patience }: InProcessClient,
  { name }: LeaderRequest,
): AsyncGenerator<LeaderResponse> {
  const { observe } = await import("../../client/concurrency/election");
  for await (const { header, kvs } of observe(client, name, patience)) yield { header, kv: kvs[0] };
}

function given(leader: LeaderKey | undefined): LeaderKey {
  if (leader === undefined) throw new Error('"leader" field must be provided');
  return leader;
}
