// What stands beside the db file of a restored member: a log that says "these members were added, and all of it is
// committed", and the .snap file of the same index, from which every etcd starts.
// Answers to saveWALAndSnap in etcdutl/snapshot/v3_snapshot.go.
import { encodeMember } from "../embedded/backend/bucket-codec";
import { encodeSnapFile, snapFileName } from "../formats/snap-file";
import { segmentName } from "../formats/wal/layout";
import { newLog } from "../formats/wal/record-encoder";
import { encode } from "../proto/codec";
import { ConfChange, ConfChangeType, EntryType } from "../proto/gen/raftpb";
import type { ConfState, Snapshot } from "../proto/gen/raftpb";
import { membershipStore } from "./membership-store";
import type { Cluster } from "./new-cluster";

export interface RestoredLog {
  readonly index: bigint;
  readonly term: bigint;
  readonly segment: { readonly name: string; readonly bytes: Buffer };
  readonly snap: { readonly name: string; readonly bytes: Buffer };
}

const TERM = 1n;

export function restoredLog({ id, own, members }: Cluster): RestoredLog {
  const index = BigInt(members.length);
  const entries = members.map((member, position) => {
    const context = encodeMember(member).value;
    const change = { type: ConfChangeType.ConfChangeAddNode, nodeId: member.id, context };
    const data = encode(ConfChange, change);
    return { Type: EntryType.EntryConfChange, Term: TERM, Index: BigInt(position + 1), Data: data };
  });
  const voters = members.map((member) => member.id);
  const confState: ConfState = { voters, learners: [], votersOutgoing: [], learnersNext: [] };
  const bytes = newLog({
    metadata: { NodeID: own.id, ClusterID: id },
    entries,
    state: { term: TERM, vote: voters[0], commit: index },
    snapshot: { index, term: TERM, confState },
  });
  const snapshot: Snapshot = {
    data: Buffer.from(membershipStore(members)),
    metadata: { confState, index, term: TERM },
  };
  return {
    index,
    term: TERM,
    segment: { name: segmentName({ sequence: 0n, firstIndex: 0n }), bytes },
    snap: { name: snapFileName(snapshot), bytes: encodeSnapFile(snapshot) },
  };
}
