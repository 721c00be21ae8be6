// The Cluster service. Members can be added and removed as in etcd, but no other member ever starts.
// Go: server/etcdserver/api/v3rpc/member.go
import type { ClusterService, Member, ResponseHeader } from "../../proto/gen/etcdserverpb";
import type { StoredMember } from "../../storage/contents";
import { requireAdmin, requireUser } from "../auth/checks";
import type { Membership } from "../cluster/membership";
import { checkPromotion, newMember, withMember, withoutMember, withPeerUrls } from "../cluster/membership";
import { identity, type EtcdServer, type ServerState } from "../etcd-server";
import { toServerError } from "./errors";
import { change, read } from "./pipeline";
import type { ServiceHandlers } from "./routes";

interface MembersResponse {
  header: ResponseHeader | undefined;
  readonly members: Member[];
}

export function clusterHandlers(server: EtcdServer): ServiceHandlers<typeof ClusterService> {
  const { clock, limits } = server;
  const withAdded = (membership: Membership, added: StoredMember) =>
    withMember(membership, added, limits.maxLearners);
  const addMember = change(server, {
    admit: requireAdmin,
    precondition: (added: StoredMember) => void withAdded(server.membership, added),
    apply: (state, added) => ({
      ...setMembership(state, withAdded(state.membership, added)),
      member: toMessage(added),
    }),
    header: identity,
  });

  return {
    memberList: read(server, {
      linearizable: ({ linearizable }) => linearizable,
      authorize: requireUser,
      run: () => membersOf(server.membership),
      header: identity,
    }),

    memberAdd({ peerURLs, isLearner }, call) {
      return addMember(newStoredMember(peerURLs, isLearner, clock.now()), call);
    },

    memberRemove: change(server, {
      admit: requireAdmin,
      apply: (state, { ID }) => setMembership(state, withoutMember(state.membership, ID)),
      header: identity,
    }),

    memberUpdate: change(server, {
      admit: requireAdmin,
      apply: (state, { ID, peerURLs }) => setMembership(state, withPeerUrls(state.membership, ID, peerURLs)),
      header: identity,
    }),

    // Always refused, see checkPromotion.
    memberPromote: read(server, {
      authorize: requireAdmin,
      run: ({ ID }): MembersResponse => checkPromotion(server.membership, ID),
    }),
  };
}

function newStoredMember(...args: Parameters<typeof newMember>): StoredMember {
  try {
    return newMember(...args);
  } catch (error) {
    throw toServerError(error);
  }
}

function setMembership(state: ServerState, next: Membership): MembersResponse {
  state.membership = next;
  return membersOf(next);
}

function membersOf({ members }: Membership): MembersResponse {
  return { header: undefined, members: members.map(toMessage) };
}

function toMessage({ id, name, peerURLs, clientURLs, isLearner }: StoredMember): Member {
  return { ID: id, name, peerURLs: [...peerURLs], clientURLs: [...clientURLs], isLearner };
}
