// The Cluster service. Members can be added and removed as in etcd, but no other member ever starts.
// Go: server/etcdserver/api/v3rpc/member.go
import type {
  ClusterService,
  Member,
  MemberPromoteRequest,
  MemberRemoveRequest,
  MemberUpdateRequest,
  ResponseHeader,
} from "../../proto/gen/etcdserverpb";
import type { StoredMember } from "../../storage/contents";
import { requireAdmin, requireUser } from "../auth/checks";
import { addition, promotion, removal, update } from "../cluster/conf-change";
import type { Membership } from "../cluster/membership";
import { checkAddition, checkPromotion, checkRemoval, newMember } from "../cluster/membership";
import { identity, type EtcdServer } from "../member/etcd-server";
import { toServerError } from "../member/errors";
import { changeMembers, read } from "./pipeline";
import type { ServiceHandlers } from "./routes";

interface MembersResponse {
  header: ResponseHeader | undefined;
  readonly members: Member[];
}

export function clusterHandlers(server: EtcdServer): ServiceHandlers<typeof ClusterService> {
  const { clock } = server;
  const addMember = changeMembers(server, {
    admit: requireAdmin,
    precondition: (added: StoredMember, { peers }) => checkAddition(server.membership, added, peers),
    confChange: (added) => addition(added),
    response: (membership, added) => ({ ...membersOf(server, membership), member: toMessage(added) }),
  });

  return {
    memberList: read(server, {
      linearizable: ({ linearizable }) => linearizable,
      authorize: requireUser,
      run: () => membersOf(server, server.membership),
      header: identity,
    }),

    memberAdd({ peerURLs, isLearner }, call) {
      return addMember(newStoredMember(peerURLs, isLearner, clock.now()), call);
    },

    memberRemove: changeMembers(server, {
      admit: requireAdmin,
      precondition: ({ ID }: MemberRemoveRequest, { peers }) => checkRemoval(server.membership, ID, peers),
      confChange: ({ ID }) => removal(ID),
      response: (membership) => membersOf(server, membership),
    }),

    memberUpdate: changeMembers(server, {
      admit: requireAdmin,
      confChange: ({ ID, peerURLs }: MemberUpdateRequest) => update(ID, peerURLs),
      response: (membership) => membersOf(server, membership),
    }),

    // Always refused, before or after the proposal.
    memberPromote: changeMembers(server, {
      admit: requireAdmin,
      precondition: ({ ID }: MemberPromoteRequest) => checkPromotion(server.membership, ID),
      confChange: ({ ID }) => promotion(ID),
      response: (membership) => membersOf(server, membership),
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

function membersOf(server: EtcdServer, { members }: Membership): MembersResponse {
  return { header: identity(server), members: members.map(toMessage) };
}

function toMessage({ id, name, peerURLs, clientURLs, isLearner }: StoredMember): Member {
  return { ID: id, name, peerURLs: [...peerURLs], clientURLs: [...clientURLs], isLearner };
}
