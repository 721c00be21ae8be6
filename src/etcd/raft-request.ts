// The request in a normal entry of the raft log. Go: applyEntryNormal in server/etcdserver/server.go
import { InternalRaftRequest, Request } from "../proto/gen/etcdserverpb";
import { decode } from "../proto/message";
import { Reader, WireError } from "../proto/wire";

/** etcd 3.5 and older write requests of version 2 without the InternalRaftRequest around them. Throws WireError. */
export function decodeRaftRequest(data: Uint8Array): InternalRaftRequest {
  try {
    return decode(InternalRaftRequest, data);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
  }
  return InternalRaftRequest.create({ v2: decode(Request, data) });
}

/**
 * Whether the request may change the store of version 2: what members publish does so, too. Only looks at the numbers of the
 * fields. False only for what is certainly about keys, leases or users.
 */
export function mayTouchV2(data: Uint8Array): boolean {
  const reader = new Reader(Buffer.from(data.buffer, data.byteOffset, data.length));
  try {
    while (reader.pos < data.length) {
      const tag = reader.tag();
      const field = tag >>> 3;
      if (field === Field.v2 || field >= Field.clusterVersionSet) return true;
      reader.skip(tag);
    }
    return false;
  } catch (error) {
    if (error instanceof WireError) return true;
    throw error;
  }
}

/** Numbers of fields of InternalRaftRequest. */
const Field = { v2: 2, clusterVersionSet: 1300 } as const;
