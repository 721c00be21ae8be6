// Leases: the keys attached to each lease, and the time when it expires. One timer waits for the next expiry.
// Must stay true: a key belongs to at most one lease, and the end of a lease deletes its keys in one revision.
// Go: server/lease/lessor.go
import type { Clock } from "../../clock";
import { longestTimerMs } from "../../clock";
import type { Lease } from "../../proto/gen/leasepb";
import { sortInSteps, stepUnits, toEnd, type Steps } from "../../storage/steps";
import { ServerMetrics } from "../metrics/server-metrics";
import { keyBytes } from "../mvcc/keys";
import type { LeaseBook, WriteTxn } from "../mvcc/kv";
import { dueAtMs, ExpiryQueue } from "./expiry-queue";

export interface LessorOptions {
  readonly clock: Clock;
  /** Chooses the id of a lease if the client chose none. */
  readonly nextId: () => bigint;
  /** Begins a write, to delete the keys of a lease that ends. */
  readonly write: () => WriteTxn;
  /** Smaller TTLs are raised to this. Default: 2, etcd's with the default election timeout. */
  readonly minTtlSeconds?: number | undefined;
  /** Leases of the db file. They start again with their full TTL (or the rest from a checkpoint) and `graceMs`. */
  readonly leases?: readonly Lease[] | undefined;
  /** Default: 1000, etcd's election timeout. */
  readonly graceMs?: number | undefined;
  /** False while the member does not lead: leases do not expire then. Default: always true. Go: isPrimary in lessor.go */
  readonly isPrimary?: (() => boolean) | undefined;
  /** Leases do not expire before promote(): the entries of a log are being repeated. Default: false. */
  readonly isReplaying?: boolean | undefined;
  /**
   * Called for each expired lease, to propose its end; called again if the lease still exists after 3 s. Absent: the lessor
   * revokes the lease.
   */
  readonly onExpired?: ((id: bigint) => void) | undefined;
  readonly metrics?: ServerMetrics | undefined;
}

export interface LeaseState {
  readonly id: bigint;
  /** Seconds left, rounded down. */
  readonly ttl: bigint;
  readonly grantedTtl: bigint;
  /** In no order. */
  attachedKeys(): Iterable<Buffer>;
  /** Those of this moment, sorted by bytes. */
  sortedKeys(): Steps<Buffer[]>;
}

const maxTtl = 9_000_000_000n;
/** Time until the next try when leases have expired but may not end yet. Go: defaultExpiredleaseRetryInterval */
const expiredRetryMs = 3000;

interface LeaseItem {
  readonly id: bigint;
  readonly ttl: bigint;
  /** Seconds left at the last checkpoint; 0n: no checkpoint. */
  remainingTtl: bigint;
  expiresAtMs: number;
  /** When the end of the expired lease is proposed again. */
  retryAtMs: number;
  revoked: boolean;
  readonly keys: Set<string>;
}

export class Lessor implements LeaseBook {
  private readonly items = new Map<bigint, LeaseItem>();
  private readonly byKey = new Map<string, bigint>();
  private readonly queue = new ExpiryQueue<LeaseItem>();
  private readonly minTtl: bigint;
  private timer: { readonly atMs: number; cancel(): void } | undefined;
  private closed = false;
  private isReplaying: boolean;
  private readonly metrics: ServerMetrics;

  constructor(private readonly options: LessorOptions) {
    this.metrics = options.metrics ?? new ServerMetrics();
    this.minTtl = BigInt(options.minTtlSeconds ?? 2);
    this.isReplaying = options.isReplaying ?? false;
    for (const { ID, TTL, RemainingTTL } of options.leases ?? []) {
      this.insert(ID, this.atLeastMinTtl(TTL), RemainingTTL, this.graceMs);
    }
    this.setTimer();
  }

  private get graceMs(): number {
    return this.options.graceMs ?? 1000;
  }

  /**
   * The log is repeated, and the member leads: all leases, also those from the log, start again with their full TTL (or the
   * rest from a checkpoint) and `graceMs`. Go: Promote in lessor.go
   */
  promote(): void {
    this.isReplaying = false;
    for (const lease of this.items.values()) lease.expiresAtMs = this.expiryOf(lease, this.graceMs);
    this.setTimer();
  }

  private expiryOf({ ttl, remainingTtl }: Pick<LeaseItem, "ttl" | "remainingTtl">, graceMs: number): number {
    return this.nowMs() + Number(remainingTtl > 0n ? remainingTtl : ttl) * 1000 + graceMs;
  }

  private atLeastMinTtl(ttl: bigint): bigint {
    return ttl < this.minTtl ? this.minTtl : ttl;
  }

  private insert(id: bigint, ttl: bigint, remainingTtl: bigint, graceMs: number): void {
    const expiresAtMs = this.expiryOf({ ttl, remainingTtl }, graceMs);
    const lease: LeaseItem = {
      id,
      ttl,
      remainingTtl,
      expiresAtMs,
      retryAtMs: 0,
      revoked: false,
      keys: new Set(),
    };
    this.items.set(id, lease);
    this.queue.add(lease);
  }

  private nowMs(): number {
    return Number(this.options.clock.monotonicNs()) / 1e6;
  }

  /** `id` 0n lets the lessor choose. Returns the granted TTL. Throws LeaseExistsError or LeaseTTLTooLargeError. */
  grant(id: bigint, ttl: bigint): { id: bigint; ttl: bigint } {
    if (id === 0n) id = this.freeId();
    if (ttl > maxTtl) throw new LeaseTTLTooLargeError();
    if (this.items.has(id)) throw new LeaseExistsError();
    const granted = this.atLeastMinTtl(ttl);
    this.insert(id, granted, 0n, 0);
    this.metrics.leasesGranted++;
    this.metrics.leaseTtls.observe(Number(granted));
    this.setTimer();
    return { id, ttl: granted };
  }

  /** An id for a new lease. */
  freeId(): bigint {
    for (;;) {
      const chosen = this.options.nextId();
      if (!this.items.has(chosen)) return chosen;
    }
  }

  /** Sets the seconds that are left, as the leader had counted them. Go: Checkpoint in lessor.go */
  checkpoint(id: bigint, remainingTtl: bigint): void {
    const lease = this.items.get(id);
    if (lease !== undefined) lease.remainingTtl = remainingTtl;
  }

  /** Deletes the attached keys in one revision. No other write may begin between the steps. Throws LeaseNotFoundError. */
  *revoke(id: bigint): Steps<void> {
    const lease = this.get(id);
    // From now on it does not expire once more.
    lease.revoked = true;
    // Sorted, as the order of the deletes is part of the store's checksum.
    const keys = yield* sortInSteps([...lease.keys], compareKeys);
    const write = this.options.write();
    let left = stepUnits;
    for (const key of keys) {
      yield* write.deleteRange(keyBytes(key), undefined);
      if (--left > 0) continue;
      left = stepUnits;
      yield stepUnits;
    }
    this.items.delete(id);
    write.end();
    this.metrics.leasesRevoked++;
    this.setTimer();
  }

  /** Starts the TTL again and returns it. Throws LeaseNotFoundError. */
  renew(id: bigint): bigint {
    const lease = this.get(id);
    if (lease.expiresAtMs <= this.nowMs()) {
      // The timer is late. etcd's Renew waits until an expired lease is revoked.
      if (dueAtMs(lease) <= this.nowMs()) this.expire(lease);
      throw new LeaseNotFoundError();
    }
    this.metrics.leasesRenewed++;
    const before = lease.expiresAtMs;
    lease.remainingTtl = 0n;
    lease.expiresAtMs = this.expiryOf(lease, 0);
    // Only the first renewal after a start moves the time back, by `graceMs`.
    if (lease.expiresAtMs < before) this.queue.add(lease);
    this.setTimer();
    return lease.ttl;
  }

  private get(id: bigint): LeaseItem {
    const lease = this.items.get(id);
    if (lease === undefined) throw new LeaseNotFoundError();
    return lease;
  }

  /** Undefined if there is no such lease. */
  timeToLive(id: bigint): LeaseState | undefined {
    const lease = this.items.get(id);
    if (lease === undefined) return undefined;
    return {
      id,
      ttl: BigInt(Math.trunc((lease.expiresAtMs - this.nowMs()) / 1000)),
      grantedTtl: lease.ttl,
      *attachedKeys() {
        for (const key of lease.keys) yield keyBytes(key);
      },
      sortedKeys: () => sortedKeys([...lease.keys]),
    };
  }

  /** The ids, sorted by expiry time. */
  *leases(): Steps<bigint[]> {
    const sorted = yield* sortInSteps([...this.items.values()], (a, b) => a.expiresAtMs - b.expiresAtMs);
    return sorted.map((lease) => lease.id);
  }

  /** The leases for the db file, sorted by id. */
  dump(): Lease[] {
    return [...this.items.values()]
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .map((lease) => ({ ID: lease.id, TTL: lease.ttl, RemainingTTL: lease.remainingTtl }));
  }

  has(id: bigint): boolean {
    return this.items.has(id);
  }

  leaseOf(key: string): bigint {
    return this.byKey.get(key) ?? 0n;
  }

  attach(id: bigint, key: string): void {
    this.get(id).keys.add(key);
    this.byKey.set(key, id);
  }

  detach(id: bigint, key: string): void {
    this.get(id).keys.delete(key);
    this.byKey.delete(key);
  }

  close(): void {
    this.closed = true;
    this.timer?.cancel();
    this.timer = undefined;
  }

  /** Sets one timer, for the lease that expires next. A timer that fires too early is harmless, so renewals keep it. */
  private setTimer(): void {
    const next = this.queue.peek();
    if (this.closed || this.isReplaying || next === undefined) {
      this.timer?.cancel();
      this.timer = undefined;
      return;
    }
    const atMs = dueAtMs(next);
    if (this.timer !== undefined && this.timer.atMs <= atMs) return;
    this.timer?.cancel();
    const delayMs = Math.min(Math.max(Math.ceil(atMs - this.nowMs()), 0), longestTimerMs);
    const timer = this.options.clock.setTimeout(() => this.expireDue(), delayMs);
    this.timer = { atMs, cancel: () => timer.cancel() };
  }

  private expireDue(): void {
    this.timer = undefined;
    if (this.options.isPrimary?.() === false) return this.retryLater();
    for (;;) {
      const next = this.queue.peek();
      if (next === undefined || dueAtMs(next) > this.nowMs()) break;
      try {
        this.expire(next);
      } catch (error) {
        this.retryLater();
        throw error;
      }
    }
    this.setTimer();
  }

  private retryLater(): void {
    this.timer?.cancel();
    const timer = this.options.clock.setTimeout(() => this.expireDue(), expiredRetryMs);
    // No lease is due earlier than now, so setTimer() leaves this timer alone.
    this.timer = { atMs: -Infinity, cancel: () => timer.cancel() };
  }

  private expire(lease: LeaseItem): void {
    const { onExpired } = this.options;
    if (lease.revoked) return;
    if (onExpired === undefined) return toEnd(this.revoke(lease.id));
    onExpired(lease.id);
    if (!lease.revoked) lease.retryAtMs = this.nowMs() + expiredRetryMs;
  }
}

/** What handlers may use. A renewal only moves the expiry time, which is no part of the stored state, as in etcd. */
export type ReadableLessor = Pick<Lessor, "renew" | "timeToLive" | "leases" | "dump" | "has" | "freeId">;

export class LeaseNotFoundError extends Error {
  override name = "LeaseNotFoundError";
  constructor() {
    super("lease not found");
  }
}

export class LeaseExistsError extends Error {
  override name = "LeaseExistsError";
  constructor() {
    super("lease already exists");
  }
}

export class LeaseTTLTooLargeError extends Error {
  override name = "LeaseTTLTooLargeError";
  constructor() {
    super("too large lease TTL");
  }
}

const suffixBits = 48;
const int64Max = (1n << 63n) - 1n;

/**
 * A generator of ids that are unique over restarts and members. Go: pkg/idutil/id.go
 *
 *   bits 63-48  the low 16 bits of the member id
 *   bits 47-8   milliseconds since the epoch at the start
 *   bits 7-0    a counter, which overflows into the milliseconds on purpose
 */
export function uniqueIds(memberId: bigint, startMs: number): () => bigint {
  const prefix = BigInt.asUintN(16, memberId) << BigInt(suffixBits);
  let suffix = BigInt.asUintN(40, BigInt(Math.floor(startMs))) << 8n;
  return () => prefix | (suffix = BigInt.asUintN(suffixBits, suffix + 1n));
}

/** Unique ids for leases: positive, as they are int64 on the wire. */
export function leaseIds(memberId: bigint, startMs: number): () => bigint {
  const nextId = uniqueIds(memberId, startMs);
  return () => {
    for (;;) {
      const id = nextId() & int64Max;
      if (id !== 0n) return id;
    }
  };
}

function* sortedKeys(keys: string[]): Steps<Buffer[]> {
  const sorted: Buffer[] = [];
  for (const key of yield* sortInSteps(keys, compareKeys)) {
    sorted.push(keyBytes(key));
    if (sorted.length % stepUnits === 0) yield stepUnits;
  }
  return sorted;
}

function compareKeys(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
