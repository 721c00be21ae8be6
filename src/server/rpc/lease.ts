// The Lease service. Keep-alives are not proposals, as in etcd: they only move this member's expiry time.
// Go: server/etcdserver/api/v3rpc/lease.go
import type {
  LeaseGrantRequest,
  LeaseKeepAliveRequest,
  LeaseKeepAliveResponse,
  LeaseLeasesResponse,
  LeaseService,
  LeaseTimeToLiveRequest,
  LeaseTimeToLiveResponse,
} from "../../proto/gen/etcdserverpb";
import { toEnd, type Steps } from "../../storage/steps";
import { mayReadLeaseKeys, mayWriteLeaseKeys, requireUser, type Access, type Rest } from "../auth/checks";
import { header, type EtcdServer } from "../member/etcd-server";
import { LeaseNotFoundError } from "../lease/lessor";
import { authorize } from "./authorize";
import { toServerError } from "../member/errors";
import { change, changeAs, read } from "./pipeline";
import type { ServerCall, ServiceHandlers } from "./routes";

export function leaseHandlers(server: EtcdServer): ServiceHandlers<typeof LeaseService> {
  const { lessor } = server;
  return {
    leaseGrant: changeAs(server, "leaseGrant", {
      admit: requireUser,
      // The log has the id that the server chose.
      request: (request: LeaseGrantRequest) =>
        request.ID === 0n ? { ...request, ID: lessor.freeId() } : request,
      response: (response) => response,
    }),

    leaseRevoke: change(server, "leaseRevoke", { admit: requireUser }),

    leaseKeepAlive: (requests, call) => keepAlive(server, requests, call),

    leaseTimeToLive: read(server, {
      authorize: requireUser,
      run(request, call) {
        const steps = timeToLive(server, request, call);
        return request.keys ? server.store.turn.run(steps) : toEnd(steps);
      },
    }),

    leaseLeases: read(server, {
      authorize: requireUser,
      run: (_request, call) => server.store.turn.run(leases(server, call)),
    }),
  };
}

function* timeToLive(
  server: EtcdServer,
  { ID, keys: withKeys }: LeaseTimeToLiveRequest,
  call: ServerCall,
): Steps<LeaseTimeToLiveResponse> {
  if (withKeys) yield* authorize(server, call, mayReadLeaseKeys, [ID]) ?? [];
  const lease = server.lessor.timeToLive(ID);
  // As in etcd, a missing lease is not an error here.
  if (lease === undefined) return { header: undefined, ID, TTL: -1n, grantedTTL: 0n, keys: [] };
  const response = { header: undefined, ID, TTL: lease.ttl, grantedTTL: lease.grantedTtl };
  return { ...response, keys: withKeys ? yield* lease.sortedKeys() : [] };
}

function* leases(server: EtcdServer, call: ServerCall): Steps<LeaseLeasesResponse> {
  const ids = yield* server.lessor.leases();
  yield* authorize(server, call, mayReadLeaseKeys, ids) ?? [];
  return { header: undefined, leases: ids.map((ID) => ({ ID })) };
}

/** TTL 0 in a response means that the lease is gone. */
async function* keepAlive(
  server: EtcdServer,
  requests: AsyncIterable<LeaseKeepAliveRequest>,
  call: ServerCall,
): AsyncGenerator<LeaseKeepAliveResponse> {
  for await (const { ID } of requests) {
    // The header is made before the renewal, which may end the lease: the lease was alive at this revision.
    const before = header(server);
    try {
      const rest = authorize(server, call, mayRenew, ID);
      if (rest !== undefined) await server.store.turn.run(rest);
      yield { header: before, ID, TTL: renew(server, ID) };
    } catch (error) {
      throw toServerError(error);
    }
  }
}

function mayRenew(access: Access, id: bigint): Rest {
  requireUser(access);
  return mayWriteLeaseKeys(access, id);
}

function renew({ lessor }: EtcdServer, id: bigint): bigint {
  try {
    return lessor.renew(id);
  } catch (error) {
    if (error instanceof LeaseNotFoundError) return 0n;
    throw error;
  }
}
