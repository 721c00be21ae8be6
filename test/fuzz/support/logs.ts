// Small valid write-ahead logs.
import { InternalRaftRequest, PutRequest } from "../../../src/proto/gen/etcdserverpb";
import { encode } from "../../../src/proto/message";
import { newLog } from "../../../src/storage/wal/record-encoder";

/** The log of a restored member, with puts instead of the members. */
export function smallLog(entryCount: number): Buffer {
  const entries = Array.from({ length: entryCount }, (_, position) => {
    const put = PutRequest.create({
      key: Buffer.from(`key${position}`),
      value: Buffer.alloc(position * 9, "v"),
    });
    const request = InternalRaftRequest.create({ ID: BigInt(position), put });
    const data = Buffer.from(encode(InternalRaftRequest, request));
    return { Type: 0, Term: 1n, Index: BigInt(position + 1), Data: data };
  });
  const index = BigInt(entryCount);
  const confState = { voters: [1n, 2n ** 63n], learners: [], votersOutgoing: [], learnersNext: [] };
  const log = newLog({
    metadata: { NodeID: 1n, ClusterID: 2n },
    entries,
    state: { term: 1n, vote: 1n, commit: index },
    snapshot: { index, term: 1n, confState },
  });
  return Buffer.concat([log, Buffer.alloc(1024)]);
}
