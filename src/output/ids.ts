// Numbers of 64 bits in hexadecimal, the ways etcdctl shows ids. A negative number keeps its sign, as in Go.

/** `%x`: cluster and member ids. */
export function hexId(id: bigint): string {
  return id.toString(16);
}

/** `%016x`: lease ids. The sign counts among the 16 places. */
export function hexLeaseId(id: bigint): string {
  return id < 0n ? `-${(-id).toString(16).padStart(15, "0")}` : id.toString(16).padStart(16, "0");
}

/** `%16x`: the ids of a member and its cluster where one is changed. */
export function paddedHexId(id: bigint): string {
  return hexId(id).padStart(16, " ");
}
