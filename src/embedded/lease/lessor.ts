// Leases: who holds which keys, and when they die. One timer for the next expiry; knows the store only as a deleter.
// Must stay true: a key belongs to at most one lease, and a lease's death deletes its keys in one revision.
// Answers to etcd's server/lease/lessor.go of a member that is always the leader.
import type { Lease } from "../../proto/gen/leasepb";
import type { LeaseBook } from "../mvcc/lease-book";

export interface LeaseState {
  readonly id: bigint;
  /** Seconds left, rounded down; may be 0 or less. */
  readonly ttl: bigint;
  readonly grantedTtl: bigint;
  /** In order of bytes. */
  keys(): Buffer[];
}

export interface Lessor extends LeaseBook {
  /** id 0n: chosen. Returns the granted TTL, raised to the least. Throws LeaseExistsError, LeaseTTLTooLargeError. */
  grant(id: bigint, ttl: bigint): { id: bigint; ttl: bigint };
  /** Deletes the attached keys in one revision. Throws LeaseNotFoundError. */
  revoke(id: bigint): void;
  /** Returns the full TTL it now has again. Throws LeaseNotFoundError. */
  renew(id: bigint): bigint;
  /** Undefined when there is no such lease. */
  timeToLive(id: bigint): LeaseState | undefined;
  /** Ids, the next to expire first. */
  leases(): bigint[];
  /** For the db file, in order of ids. */
  dump(): Lease[];
  close(): void;
}
