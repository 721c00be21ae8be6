// Changes of the member list as entries of the raft log, in both directions.
// Go: applyConfChange in server/etcdserver/server.go, ValidateConfigurationChange in membership/cluster.go
import { ConfChangeType, type ConfChange } from "../../proto/gen/raftpb";
import type { StoredMember } from "../../storage/contents";
import { decodeMember, encodeMember } from "../../storage/schema";
import { withMember, withoutMember, withPeerUrls, withPromoted, type Membership } from "./membership";

/** Adds a member. As the first entry of a new log it has no `isPromote`, as in etcd. */
export function addition(member: StoredMember, isFirst = false): ConfChange {
  const { value } = encodeMember(member);
  const context = isFirst ? value : Buffer.from(value.toString().replace(/\}$/, ',"isPromote":false}'));
  const type = member.isLearner ? ConfChangeType.ConfChangeAddLearnerNode : ConfChangeType.ConfChangeAddNode;
  return { type, nodeId: member.id, context };
}

export function removal(nodeId: bigint): ConfChange {
  return { type: ConfChangeType.ConfChangeRemoveNode, nodeId };
}

/** Makes a voter of a learner. */
export function promotion(nodeId: bigint): ConfChange {
  const context = Buffer.from(`{"id":${nodeId},"peerURLs":null,"isPromote":true}`);
  return { type: ConfChangeType.ConfChangeAddNode, nodeId, context };
}

export function update(nodeId: bigint, peerURLs: readonly string[]): ConfChange {
  const { value } = encodeMember({ id: nodeId, name: "", peerURLs, clientURLs: [], isLearner: false });
  return { type: ConfChangeType.ConfChangeUpdateNode, nodeId, context: value };
}

/** Throws MembershipError for a change that the present list does not allow. */
export function applyConfChange(before: Membership, change: ConfChange, maxLearners: number): Membership {
  const id = change.nodeId ?? 0n;
  switch (change.type ?? ConfChangeType.ConfChangeAddNode) {
    case ConfChangeType.ConfChangeRemoveNode:
      return withoutMember(before, id);
    case ConfChangeType.ConfChangeUpdateNode:
      return withPeerUrls(before, id, memberIn(change).peerURLs);
    default:
      if (isPromotion(change)) return withPromoted(before, id);
      return withMember(before, memberIn(change), maxLearners);
  }
}

function memberIn({ nodeId = 0n, context = new Uint8Array() }: ConfChange): StoredMember {
  return decodeMember({ key: Buffer.from(nodeId.toString(16)), value: Buffer.from(context) });
}

function isPromotion({ context = new Uint8Array() }: ConfChange): boolean {
  return (JSON.parse(Buffer.from(context).toString()) as { isPromote?: boolean } | null)?.isPromote === true;
}
