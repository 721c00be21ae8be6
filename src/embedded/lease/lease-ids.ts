// Ids for leases whose client asked for none, made as etcd makes its request ids: unique over restarts and members.
// Must stay true: positive, as ids are int64 on the wire. Answers to etcd's pkg/idutil:
//
//   bits 63-48  the low 16 bits of the member's id (the top one is cleared)
//   bits 47-8   milliseconds since the epoch at the start
//   bits 7-0    a counter; it overflows into the milliseconds on purpose

const SUFFIX_BITS = 48;
const INT64_MAX = (1n << 63n) - 1n;

export function leaseIds(memberId: bigint, startMs: number): () => bigint {
  const prefix = BigInt.asUintN(16, memberId) << BigInt(SUFFIX_BITS);
  let suffix = BigInt.asUintN(40, BigInt(Math.floor(startMs))) << 8n;
  return () => {
    do suffix = BigInt.asUintN(SUFFIX_BITS, suffix + 1n);
    while (((prefix | suffix) & INT64_MAX) === 0n);
    return (prefix | suffix) & INT64_MAX;
  };
}
