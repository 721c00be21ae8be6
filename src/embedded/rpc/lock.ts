// The Lock service: a key under the name for the caller's lease, and waiting until it is the oldest.
// Answers to etcd's api/v3lock and to Mutex of client/v3/concurrency. What it needs is loaded with the first call.
import { DeleteRangeRequest, RangeRequest } from "../../proto/gen/etcdserverpb";
import type { LockRequest, LockResponse, LockService } from "../../proto/gen/v3lockpb";
import { innerClient, leaseOf } from "./inner-client";
import { identity, type Member } from "./member";
import type { Routes, ServerCall, ServiceHandlers } from "./routes";

/** `routes`: those of the services that locks are made of. */
export function lockHandlers(member: Member, routes: Routes): ServiceHandlers<typeof LockService> {
  return {
    lock: (request, call) => lock(member, routes, request, call),

    async unlock({ key }, call) {
      const { client, patience } = innerClient(routes, member, call);
      const { header } = await client.kv.deleteRange(DeleteRangeRequest.create({ key }), {
        signal: patience.signal,
      });
      return { header };
    },
  };
}

async function lock(
  member: Member,
  routes: Routes,
  { name, lease }: LockRequest,
  call: ServerCall,
): Promise<LockResponse> {
  const { claim, read, turnOf, withdraw } = await import("../../client/claim");
  const inner = innerClient(routes, member, call);
  const { client, patience, afterwards } = inner;
  const claimant = { name, leaseId: await leaseOf(inner, lease) };
  const mine = await claim(client, claimant, patience);
  if (mine.isFirst) return { header: { ...identity(member), revision: mine.revision }, key: mine.key };
  try {
    await turnOf(client, mine, patience);
  } catch (error) {
    await withdraw(client, claimant, afterwards);
    throw error;
  }
  // The lease may have run out while we waited.
  const { header, kvs } = await read(client, RangeRequest.create({ key: mine.key }), patience);
  if (kvs.length === 0) throw new Error("mutex: session is expired");
  return { header, key: mine.key };
}
