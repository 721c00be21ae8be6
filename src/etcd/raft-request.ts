// The request in a normal entry of the raft log. Go: applyEntryNormal in server/etcdserver/server.go
import { InternalRaftRequest, Request } from "../proto/gen/etcdserverpb";
import { decode } from "../proto/message";
import { WireError } from "../proto/wire";

/** etcd 3.5 and older write requests of version 2 without the InternalRaftRequest around them. Throws WireError. */
export function decodeRaftRequest(data: Uint8Array): InternalRaftRequest {
  try {
    return decode(InternalRaftRequest, data);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
  }
  return InternalRaftRequest.create({ v2: decode(Request, data) });
}
