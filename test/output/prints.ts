// One call of a printer per recorded response, by the name it has in from-etcdctl.json.
import type { Printer, RangeOptions } from "../../src/output/printer";
import type { RangeResponse } from "../../src/proto/gen/etcdserverpb";
import * as responses from "./responses";

/** The range printed key by key, as it comes from a stream. */
export function printRange(
  printer: Printer,
  r: RangeResponse,
  options: Partial<RangeOptions> = {},
): Uint8Array {
  const range = printer.range({ countOnly: false, valueOnly: false, ...options });
  const pieces = [range.begin(responses.header)];
  for (const kv of r.kvs) pieces.push(range.kvs([kv]));
  return Buffer.concat([...pieces, range.end(r)]);
}

export const prints: Readonly<Record<string, (p: Printer) => Uint8Array>> = {
  put: (p) => p.put(responses.put),
  putOfNewKey: (p) => p.put(responses.putOfNewKey),
  del: (p) => p.del(responses.del),
  txn: (p) => p.txn(responses.txn),
  range: (p) => printRange(p, responses.range),
  emptyRange: (p) => printRange(p, responses.emptyRange),
  "range --print-value-only": (p) => printRange(p, responses.range, { valueOnly: true }),
  "emptyRange --count-only": (p) => printRange(p, responses.emptyRange, { countOnly: true }),
  leaseGrant: (p) => p.leaseGrant(responses.leaseGrant),
  leaseRevoke: (p) => p.leaseRevoke(0x12abn, responses.leaseRevoke),
  leaseKeepAlive: (p) => p.leaseKeepAlive(responses.leaseKeepAlive),
  timeToLive: (p) => p.leaseTimeToLive(responses.timeToLive, false),
  "timeToLive --keys": (p) => p.leaseTimeToLive(responses.timeToLive, true),
  expiredLease: (p) => p.leaseTimeToLive(responses.expiredLease, false),
  leases: (p) => p.leaseLeases(responses.leases),
  noLeases: (p) => p.leaseLeases(responses.noLeases),
  members: (p) => p.memberList(responses.members),
  status: (p) => p.endpointStatus([responses.status]),
  hashKV: (p) => p.endpointHashKV([responses.hashKV]),
};
