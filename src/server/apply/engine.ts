// The engine: the store with its watchers and the lessor, tied together.
// Must stay true: a lease that ends deletes its keys through the store's write, so watchers see the deletes.
import type { Clock } from "../../clock";
import type { CompactionRequest, CompactionResponse } from "../../proto/gen/etcdserverpb";
import { ResponseHeader } from "../../proto/gen/etcdserverpb";
import type { DatabaseContents } from "../../storage/contents";
import { Lessor, type ReadableLessor } from "../lease/lessor";
import { ServerMetrics } from "../metrics/server-metrics";
import type { ReadableStore, Store } from "../mvcc/store";
import { createStore } from "../mvcc/store";

export interface EngineOptions {
  readonly clock: Clock;
  /** Contents of a db file. Absent: an empty store. */
  readonly contents?:
    | Pick<
        DatabaseContents,
        "records" | "recordHeads" | "leases" | "finishedCompactRevision" | "scheduledCompactRevision"
      >
    | undefined;
  /** Chooses the ids of new leases. */
  readonly nextLeaseId: () => bigint;
  /** The shortest TTL that is granted. etcd's is 1.5 election timeouts, rounded up. Default: 2. */
  readonly minLeaseTtlSeconds?: number | undefined;
  /** Time added to the TTL of each lease from `contents`: etcd's election timeout. Default: 1000. */
  readonly leaseGraceMs?: number | undefined;
  /** Time between progress messages of a watch. Default: 600000 (10 minutes). */
  readonly watchProgressIntervalMs?: number | undefined;
  /** False while the member has no leader: leases do not expire then. Default: always true. */
  readonly isPrimary?: (() => boolean) | undefined;
  /** Leases do not expire before the lessor's promote(). Default: false. */
  readonly isReplaying?: boolean | undefined;
  /** Called for each expired lease. If it does not revoke the lease, the lessor does. */
  readonly onLeaseExpired?: ((id: bigint) => void) | undefined;
  readonly metrics?: ServerMetrics | undefined;
}

export interface WritableEngine {
  readonly store: Store;
  readonly lessor: Lessor;
}

export interface ReadableEngine {
  readonly store: ReadableStore;
  readonly lessor: ReadableLessor;
}

export function createEngine(options: EngineOptions): WritableEngine {
  const { clock, contents, metrics = new ServerMetrics() } = options;
  const lessor = new Lessor({
    clock,
    nextId: options.nextLeaseId,
    write: () => store.write(),
    minTtlSeconds: options.minLeaseTtlSeconds,
    leases: contents?.leases,
    graceMs: options.leaseGraceMs,
    isPrimary: options.isPrimary,
    isReplaying: options.isReplaying,
    onExpired: options.onLeaseExpired,
    metrics,
  });
  const store = createStore({
    clock,
    contents,
    leases: lessor,
    metrics,
    watchProgressIntervalMs: options.watchProgressIntervalMs,
  });
  return { store, lessor };
}

/** No older revision can be read from now on. A large store removes the records later (Store.compacting). Go: Compaction in server/etcdserver/apply/backend.go */
export function applyCompact(
  { store }: Pick<WritableEngine, "store">,
  request: CompactionRequest,
): CompactionResponse {
  store.compact(Number(request.revision));
  return { header: headerAt(store.revision) };
}

/** The header as the engine fills it: the revision only. The RPC layer adds the ids and the term. */
export function headerAt(revision: number): ResponseHeader {
  return ResponseHeader.create({ revision: BigInt(revision) });
}

/** The request has ignore_value or ignore_lease, and the key does not exist. Go: server/etcdserver/errors/errors.go */
export class KeyNotFoundError extends Error {
  override name = "KeyNotFoundError";
  constructor() {
    super("etcdserver: key not found");
  }
}
