// Headers as the engine fills them: only the revision; ids and term are the RPC layer's. Leaf of apply/.
import { ResponseHeader } from "../../proto/gen/etcdserverpb";

export function headerAt(revision: number): ResponseHeader {
  return ResponseHeader.create({ revision: BigInt(revision) });
}
