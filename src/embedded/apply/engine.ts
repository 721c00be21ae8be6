// The engine as one value: the store with its watchers, and the lessor, tied together. Everything above (rpc/, offline)
// holds one Engine. Must stay true: leases die through the store's own write, so their deletes reach the watchers.
import type { Clock } from "../../io";
import type { DatabaseContents } from "../backend/contents";
import type { Lessor } from "../lease/lessor";
import type { Store } from "../mvcc/store";

export interface EngineOptions {
  readonly clock: Clock;
  /** Absent: an empty store. */
  readonly contents?: Pick<
    DatabaseContents,
    "records" | "leases" | "finishedCompactRevision" | "scheduledCompactRevision"
  >;
  /** Chooses ids of leases (lease/lease-ids.ts has etcd's way). */
  readonly nextLeaseId: () => bigint;
  /** etcd's is 1.5 election timeouts, rounded up: 2 seconds by default. */
  readonly minLeaseTtlSeconds?: number;
  /** What a lease gets beyond its TTL when the store is opened: etcd's election timeout, 1000 by default. */
  readonly leaseGraceMs?: number;
  /** Absent: 10 minutes. */
  readonly watchProgressIntervalMs?: number;
  /** Called for every lease that runs out; must revoke it. Absent: lessor.revoke. */
  readonly onLeaseExpired?: (id: bigint) => void;
}

export interface Engine {
  readonly store: Store;
  readonly lessor: Lessor;
  /** Frees the timers; the store can still be read. */
  close(): void;
}
