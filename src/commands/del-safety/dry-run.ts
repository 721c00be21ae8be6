// `del --dry-run`: the answer that the delete would have, made of what a read finds. The header is the read's: a delete's
// revision would be the next one.
import type { EtcdClient } from "../../client/client";
import { type DeleteRangeRequest, DeleteRangeResponse, RangeRequest } from "../../proto/gen/etcdserverpb";
import type { CallOptions } from "../../transport/transport";

export async function whatWouldGo(
  client: EtcdClient,
  { key, rangeEnd, prevKv }: DeleteRangeRequest,
  call: CallOptions,
): Promise<DeleteRangeResponse> {
  const request = RangeRequest.create({ key, rangeEnd, countOnly: !prevKv });
  const { header, count, kvs } = await client.kv.range(request, call);
  return DeleteRangeResponse.create({ header, deleted: count, prevKvs: kvs });
}
