// The Cluster service of a cluster of one: its member can be listed, not changed. Answers to etcd's v3rpc/member.go.
import type { ClusterService } from "../../proto/gen/etcdserverpb";
import { identity, type Member } from "./member";
import type { ServiceHandlers } from "./routes";

export function clusterHandlers(member: Member): ServiceHandlers<typeof ClusterService> {
  return {
    memberList: () => ({
      header: identity(member),
      members: member.membership.members.map(({ id, name, peerURLs, clientURLs, isLearner }) => ({
        ID: id,
        name,
        peerURLs: [...peerURLs],
        clientURLs: [...clientURLs],
        isLearner,
      })),
    }),
  };
}
