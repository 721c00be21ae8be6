// The Lock service. Key NAME/leaseID; the lowest create revision holds the lock.
// Go: server/etcdserver/api/v3lock/lock.go. The mutex is loaded with the first call.
import { DeleteRangeRequest, RangeRequest } from "../../proto/gen/etcdserverpb";
import type { LockRequest, LockResponse, LockService } from "../../proto/gen/v3lockpb";
import { identity, type EtcdServer } from "../member/etcd-server";
import { inProcessClient, leaseOrNew } from "./in-process-client";
import type { Routes, ServerCall, ServiceHandlers } from "./routes";

/** `routes`: the routes of the KV, Watch and Lease services. */
export function lockHandlers(server: EtcdServer, routes: Routes): ServiceHandlers<typeof LockService> {
  return {
    lock: (request, call) => lock(server, routes, request, call),

    async unlock({ key }, call) {
      const { client, retry } = inProcessClient(routes, server, call);
      const { header } = await client.kv.deleteRange(DeleteRangeRequest.create({ key }), {
        signal: retry.signal,
      });
      return { header };
    },
  };
}

async function lock(
  server: EtcdServer,
  routes: Routes,
  { name, lease }: LockRequest,
  call: ServerCall,
): Promise<LockResponse> {
  const { tryAcquire, rangeWithRetry, waitDeletes, release } = await import("../../client/concurrency/mutex");
  const inner = inProcessClient(routes, server, call);
  const { client, retry, cleanupRetry } = inner;
  const owner = { name, leaseId: await leaseOrNew(inner, lease) };
  const acquisition = await tryAcquire(client, owner, retry);
  const { key, revision } = acquisition;
  if (acquisition.isAcquired) return { header: { ...identity(server), revision }, key };
  try {
    await waitDeletes(client, acquisition, retry);
  } catch (error) {
    await release(client, owner, cleanupRetry);
    throw error;
  }
  // The lease may have expired during the wait.
  const { header, kvs } = await rangeWithRetry(client, RangeRequest.create({ key }), retry);
  if (kvs.length === 0) throw new Error("mutex: session is expired");
  return { header, key };
}
