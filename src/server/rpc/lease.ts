// The Lease service. Answers to etcd's v3rpc/lease.go.
import type {
  LeaseKeepAliveRequest,
  LeaseKeepAliveResponse,
  LeaseService,
} from "../../proto/gen/etcdserverpb";
import { mayReadLeaseKeys, mayWriteLeaseKeys, requireUser } from "../auth/checks";
import { header, type EtcdServer } from "../etcd-server";
import { LeaseNotFoundError } from "../lease/lessor";
import { authorize, authorizeUser, proposeFor } from "./authorize";
import { checkAlarms, checkQuota, leaseCost } from "./quota";
import type { ServerCall, ServiceHandlers } from "./routes";

export function leaseHandlers(member: EtcdServer): ServiceHandlers<typeof LeaseService> {
  const { lessor } = member.engine;
  return {
    leaseGrant(request, call) {
      checkQuota(member, leaseCost);
      authorizeUser(member, call);
      return proposeFor(member, call, () => {
        checkAlarms(member, leaseCost);
        const { id, ttl } = lessor.grant(request.ID, request.TTL);
        return { header: header(member), ID: id, TTL: ttl, error: "" };
      });
    },

    leaseRevoke(request, call) {
      authorizeUser(member, call);
      return proposeFor(member, call, () => {
        checkAlarms(member, 0);
        authorize(member, call, (access) => mayWriteLeaseKeys(access, request.ID));
        lessor.revoke(request.ID);
        return { header: header(member) };
      });
    },

    leaseKeepAlive: (requests, call) => keepAlive(member, requests, call),

    leaseTimeToLive({ ID, keys }, call) {
      authorize(member, call, (access) => {
        requireUser(access);
        if (keys) mayReadLeaseKeys(access, [ID]);
      });
      const lease = lessor.timeToLive(ID);
      // As in etcd, a lease that is not there is no error here.
      if (lease === undefined) return { header: header(member), ID, TTL: -1n, grantedTTL: 0n, keys: [] };
      const { ttl, grantedTtl } = lease;
      return { header: header(member), ID, TTL: ttl, grantedTTL: grantedTtl, keys: keys ? lease.keys() : [] };
    },

    leaseLeases(_request, call) {
      const leases = lessor.leases();
      authorize(member, call, (access) => {
        requireUser(access);
        mayReadLeaseKeys(access, leases);
      });
      return { header: header(member), leases: leases.map((ID) => ({ ID })) };
    },
  };
}

/** TTL 0 in an answer says that the lease is gone. */
async function* keepAlive(
  member: EtcdServer,
  requests: AsyncIterable<LeaseKeepAliveRequest>,
  call: ServerCall,
): AsyncGenerator<LeaseKeepAliveResponse> {
  for await (const { ID } of requests) {
    // The header is from before: the lease was alive at its revision.
    const before = header(member);
    authorize(member, call, (access) => {
      requireUser(access);
      mayWriteLeaseKeys(access, ID);
    });
    yield { header: before, ID, TTL: renewed(member, ID) };
  }
}

function renewed(member: EtcdServer, id: bigint): bigint {
  try {
    return member.engine.lessor.renew(id);
  } catch (error) {
    if (error instanceof LeaseNotFoundError) return 0n;
    throw error;
  }
}
