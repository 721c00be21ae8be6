// The engine as one value: the store with its watchers, and the lessor, tied together. Everything above (rpc/, offline)
// holds one Engine. Must stay true: leases die through the store's own write, so their deletes reach the watchers.
import type { Clock } from "../../clock";
import type { CompactionRequest, CompactionResponse } from "../../proto/gen/etcdserverpb";
import { ResponseHeader } from "../../proto/gen/etcdserverpb";
import type { DatabaseContents } from "../../storage/contents";
import { Lessor } from "../lease/lessor";
import type { Store } from "../mvcc/store";
import { createStore } from "../mvcc/store";

export interface EngineOptions {
  readonly clock: Clock;
  /** Absent: an empty store. */
  readonly contents?:
    | Pick<DatabaseContents, "records" | "leases" | "finishedCompactRevision" | "scheduledCompactRevision">
    | undefined;
  /** Chooses ids of leases (lease/lease-ids.ts has etcd's way). */
  readonly nextLeaseId: () => bigint;
  /** etcd's is 1.5 election timeouts, rounded up. Absent: 2. */
  readonly minLeaseTtlSeconds?: number | undefined;
  /** What a lease gets beyond its TTL when the store is opened: etcd's election timeout. Absent: 1000. */
  readonly leaseGraceMs?: number | undefined;
  /** Absent: 10 minutes. */
  readonly watchProgressIntervalMs?: number | undefined;
  /** Called for every lease that runs out; may revoke it itself, else it is revoked afterwards. */
  readonly onLeaseExpired?: ((id: bigint) => void) | undefined;
}

export interface Engine {
  readonly store: Store;
  readonly lessor: Lessor;
  /** Frees the lessor's timer (watch streams are closed by those who opened them); the store can still be read. */
  close(): void;
}

export function createEngine(options: EngineOptions): Engine {
  const { clock, contents } = options;
  const lessor = new Lessor({
    clock,
    nextId: options.nextLeaseId,
    write: () => store.write(),
    minTtlSeconds: options.minLeaseTtlSeconds,
    leases: contents?.leases,
    graceMs: options.leaseGraceMs,
    onExpired: options.onLeaseExpired,
  });
  const store = createStore({
    clock,
    contents,
    leases: lessor,
    watchProgressIntervalMs: options.watchProgressIntervalMs,
  });
  return { store, lessor, close: () => lessor.close() };
}

// Headers as the engine fills them: only the revision; ids and term are the RPC layer's. Leaf of apply/.

export function headerAt(revision: number): ResponseHeader {
  return ResponseHeader.create({ revision: BigInt(revision) });
}

// What applying a request may refuse beyond the errors of the store (mvcc/kv.ts) and the lessor (lease/errors.ts).
// Answers to etcd's server/etcdserver/errors.

/** ignore_value or ignore_lease for a key that does not exist. */
export class KeyNotFoundError extends Error {
  override name = "KeyNotFoundError";
  constructor() {
    super("etcdserver: key not found");
  }
}

// Compaction. Always physical: when it answers, the old revisions are gone. Answers to applierV3backend.Compaction.

export function applyCompact(
  { store }: Pick<Engine, "store">,
  request: CompactionRequest,
): CompactionResponse {
  store.compact(Number(request.revision));
  return { header: headerAt(store.revision) };
}
