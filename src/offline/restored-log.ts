// The files next to the db file of a restored member: a log whose committed entries add the members, and the .snap file of
// the same index, from which etcd starts. Go: etcdutl/snapshot/v3_snapshot.go (saveWALAndSnap)
import type { ConfState, Snapshot } from "../proto/gen/raftpb";
import { ConfChange, ConfChangeType, EntryType } from "../proto/gen/raftpb";
import { encode } from "../proto/message";
import { encodeMember } from "../storage/schema";
import { encodeSnapFile, snapFileName } from "../storage/snap";
import { membershipStore } from "../storage/v2-store";
import { segmentName } from "../storage/wal/layout";
import { newLog } from "../storage/wal/record-encoder";
import type { Cluster } from "./new-cluster";

export interface RestoredLog {
  readonly index: bigint;
  readonly term: bigint;
  readonly segment: { readonly name: string; readonly bytes: Buffer };
  readonly snap: { readonly name: string; readonly bytes: Buffer };
}

/** The first raft term of the new cluster. */
const term = 1n;

export function restoredLog({ id, localMember, members }: Cluster): RestoredLog {
  const index = BigInt(members.length);
  const entries = members.map((member, position) => {
    const context = encodeMember(member).value;
    const change = { type: ConfChangeType.ConfChangeAddNode, nodeId: member.id, context };
    const data = encode(ConfChange, change);
    return { Type: EntryType.EntryConfChange, Term: term, Index: BigInt(position + 1), Data: data };
  });
  const voters = members.map((member) => member.id);
  const confState: ConfState = { voters, learners: [], votersOutgoing: [], learnersNext: [] };
  const bytes = newLog({
    metadata: { NodeID: localMember.id, ClusterID: id },
    entries,
    state: { term, vote: voters[0], commit: index },
    snapshot: { index, term, confState },
  });
  const snapshot: Snapshot = {
    data: Buffer.from(membershipStore(members)),
    metadata: { confState, index, term },
  };
  return {
    index,
    term,
    segment: { name: segmentName({ sequence: 0n, firstIndex: 0n }), bytes },
    snap: { name: snapFileName(snapshot), bytes: encodeSnapFile(snapshot) },
  };
}
