// What the store asks of the lessor: which lease a key belongs to. Keys are latin1 strings of their bytes.
// Answers to the part of etcd's lease.Lessor that mvcc uses.

export interface LeaseBook {
  has(id: bigint): boolean;
  /** 0n: none. */
  leaseOf(key: string): bigint;
  /** Throws LeaseNotFoundError. */
  attach(id: bigint, key: string): void;
  detach(id: bigint, key: string): void;
}
