// The Cluster service of a cluster of one: members can be added and removed as in etcd, but nobody else ever starts.
// Answers to etcd's v3rpc/member.go.
import type { ClusterService, Member as MemberMessage, ResponseHeader } from "../../proto/gen/etcdserverpb";
import type { StoredMember } from "../../storage/contents";
import type { Membership } from "../cluster/membership";
import { checkPromotion, newMember, withMember, withoutMember, withPeerUrls } from "../cluster/membership";
import { assertLeader, identity, translated, type EtcdServer } from "../etcd-server";
import { authorizeAdmin, authorizeUser, proposeFor } from "./authorize";
import type { ServerCall, ServiceHandlers } from "./routes";

interface MembersAnswer {
  readonly header: ResponseHeader;
  readonly members: MemberMessage[];
}

export function clusterHandlers(member: EtcdServer): ServiceHandlers<typeof ClusterService> {
  const { clock, limits } = member;
  return {
    memberList({ linearizable }, call) {
      if (linearizable) assertLeader(member);
      authorizeUser(member, call);
      return answer(member);
    },

    async memberAdd({ peerURLs, isLearner }, call) {
      const added = translated(() => newMember(peerURLs, isLearner, clock.now()));
      authorizeAdmin(member, call);
      const next = translated(() => withMember(member.membership, added, limits.maxLearners));
      return { ...(await change(member, call, () => next)), member: message(added) };
    },

    memberRemove({ ID }, call) {
      authorizeAdmin(member, call);
      return change(member, call, () => withoutMember(member.membership, ID));
    },

    memberUpdate({ ID, peerURLs }, call) {
      authorizeAdmin(member, call);
      return change(member, call, () => withPeerUrls(member.membership, ID, peerURLs));
    },

    memberPromote({ ID }, call) {
      authorizeAdmin(member, call);
      return translated(() => checkPromotion(member.membership, ID));
    },
  };
}

function change(
  member: EtcdServer,
  call: ServerCall,
  next: () => Membership,
): MembersAnswer | Promise<MembersAnswer> {
  return proposeFor(member, call, () => {
    member.membership = next();
    return answer(member);
  });
}

function answer(member: EtcdServer): MembersAnswer {
  return { header: identity(member), members: member.membership.members.map(message) };
}

function message({ id, name, peerURLs, clientURLs, isLearner }: StoredMember): MemberMessage {
  return { ID: id, name, peerURLs: [...peerURLs], clientURLs: [...clientURLs], isLearner };
}
