// Leases: who holds which keys, and when they die. One timer for the next expiry; knows the store only as a deleter.
// Must stay true: a key belongs to at most one lease, and a lease's death deletes its keys in one revision.
// Answers to etcd's server/lease/lessor.go of a member that is always the leader.
import type { Clock } from "../../clock";
import { longestTimerMs } from "../../clock";
import type { Lease } from "../../proto/gen/leasepb";
import { keyBytes } from "../mvcc/keys";
import type { LeaseBook, WriteTxn } from "../mvcc/kv";
import { ExpiryQueue } from "./expiry-queue";

export interface LessorOptions {
  readonly clock: Clock;
  /** Chooses the id where the client gave none; lease-ids.ts has etcd's way. */
  readonly nextId: () => bigint;
  /** Begins a write that deletes the keys of a dying lease. */
  readonly write: () => WriteTxn;
  /** TTLs below are raised to it. Absent: 2, etcd's with the usual election timeout. */
  readonly minTtlSeconds?: number | undefined;
  /** Leases of the db file. They get their whole TTL again (or what a checkpoint left of it) and `graceMs`. */
  readonly leases?: readonly Lease[] | undefined;
  /** Absent: 1000, etcd's election timeout. */
  readonly graceMs?: number | undefined;
  /** Called for each lease whose time is up; may revoke it itself, else it is revoked afterwards. */
  readonly onExpired?: ((id: bigint) => void) | undefined;
}

export interface LeaseState {
  readonly id: bigint;
  /** Seconds left, rounded down. */
  readonly ttl: bigint;
  readonly grantedTtl: bigint;
  /** In order of bytes. */
  keys(): Buffer[];
}

const maxTtl = 9_000_000_000n;
interface HeldLease {
  readonly id: bigint;
  readonly ttl: bigint;
  /** From a checkpoint; 0n: none. */
  remainingTtl: bigint;
  expiresAtMs: number;
  revoked: boolean;
  readonly keys: Set<string>;
}

export class Lessor implements LeaseBook {
  private readonly held = new Map<bigint, HeldLease>();
  private readonly byKey = new Map<string, bigint>();
  private readonly queue = new ExpiryQueue<HeldLease>();
  private readonly minTtl: bigint;
  private timer: { readonly atMs: number; cancel(): void } | undefined;
  private closed = false;

  constructor(private readonly options: LessorOptions) {
    this.minTtl = BigInt(options.minTtlSeconds ?? 2);
    for (const { ID, TTL, RemainingTTL } of options.leases ?? []) {
      this.hold(ID, this.raised(TTL), RemainingTTL, options.graceMs ?? 1000);
    }
    this.setTimer();
  }

  private raised(ttl: bigint): bigint {
    return ttl < this.minTtl ? this.minTtl : ttl;
  }

  private hold(id: bigint, ttl: bigint, remainingTtl: bigint, graceMs: number): void {
    const seconds = Number(remainingTtl > 0n ? remainingTtl : ttl);
    const expiresAtMs = this.nowMs() + seconds * 1000 + graceMs;
    const lease: HeldLease = { id, ttl, remainingTtl, expiresAtMs, revoked: false, keys: new Set() };
    this.held.set(id, lease);
    this.queue.add(lease);
  }

  private nowMs(): number {
    return Number(this.options.clock.monotonicNs()) / 1e6;
  }

  /** id 0n: chosen. Returns the TTL as granted. Throws LeaseExistsError, LeaseTTLTooLargeError. */
  grant(id: bigint, ttl: bigint): { id: bigint; ttl: bigint } {
    while (id === 0n) {
      const chosen = this.options.nextId();
      if (!this.held.has(chosen)) id = chosen;
    }
    if (ttl > maxTtl) throw new LeaseTTLTooLargeError();
    if (this.held.has(id)) throw new LeaseExistsError();
    const granted = this.raised(ttl);
    this.hold(id, granted, 0n, 0);
    this.setTimer();
    return { id, ttl: granted };
  }

  /** Deletes the attached keys in one revision. Throws LeaseNotFoundError. */
  revoke(id: bigint): void {
    const lease = this.get(id);
    const write = this.options.write();
    // In order, as the order of the deletes is part of the store's checksum.
    for (const key of [...lease.keys].sort()) write.deleteRange(keyBytes(key), undefined);
    lease.revoked = true;
    this.held.delete(id);
    write.end();
    this.setTimer();
  }

  /** Returns the full TTL, which it now has again. Throws LeaseNotFoundError. */
  renew(id: bigint): bigint {
    const lease = this.get(id);
    if (lease.expiresAtMs <= this.nowMs()) {
      // Its timer is late: it dies now, as etcd's renewal would wait for its death.
      this.expire(lease);
      throw new LeaseNotFoundError();
    }
    lease.remainingTtl = 0n;
    lease.expiresAtMs = this.nowMs() + Number(lease.ttl) * 1000;
    return lease.ttl;
  }

  private get(id: bigint): HeldLease {
    const lease = this.held.get(id);
    if (lease === undefined) throw new LeaseNotFoundError();
    return lease;
  }

  /** Undefined when there is no such lease. */
  timeToLive(id: bigint): LeaseState | undefined {
    const lease = this.held.get(id);
    if (lease === undefined) return undefined;
    return {
      id,
      ttl: BigInt(Math.trunc((lease.expiresAtMs - this.nowMs()) / 1000)),
      grantedTtl: lease.ttl,
      keys: () => [...lease.keys].sort().map(keyBytes),
    };
  }

  /** Ids, the next to expire first. */
  leases(): bigint[] {
    return [...this.held.values()].sort((a, b) => a.expiresAtMs - b.expiresAtMs).map((lease) => lease.id);
  }

  /** For the db file, in order of ids. */
  dump(): Lease[] {
    return [...this.held.values()]
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .map((lease) => ({ ID: lease.id, TTL: lease.ttl, RemainingTTL: lease.remainingTtl }));
  }

  has(id: bigint): boolean {
    return this.held.has(id);
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

  /** One timer, for the lease that dies next. A timer that is too early does no harm, so renewals leave it. */
  private setTimer(): void {
    const next = this.queue.peek();
    if (this.closed || next === undefined) {
      this.timer?.cancel();
      this.timer = undefined;
      return;
    }
    if (this.timer !== undefined && this.timer.atMs <= next.expiresAtMs) return;
    this.timer?.cancel();
    const delayMs = Math.min(Math.max(Math.ceil(next.expiresAtMs - this.nowMs()), 0), longestTimerMs);
    const timer = this.options.clock.setTimeout(() => this.expireDue(), delayMs);
    this.timer = { atMs: next.expiresAtMs, cancel: () => timer.cancel() };
  }

  private expireDue(): void {
    this.timer = undefined;
    for (;;) {
      const next = this.queue.peek();
      if (next === undefined || next.expiresAtMs > this.nowMs()) break;
      this.expire(next);
    }
    this.setTimer();
  }

  private expire(lease: HeldLease): void {
    this.options.onExpired?.(lease.id);
    if (!lease.revoked) this.revoke(lease.id);
  }
}

// What the lessor refuses, in etcd's words (server/lease/lessor.go); the RPC layer turns them into server errors.

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

// Ids for leases whose client asked for none, made as etcd makes its request ids: unique over restarts and members.
// Must stay true: positive, as ids are int64 on the wire. Answers to etcd's pkg/idutil:
//
//   bits 63-48  the low 16 bits of the member's id (the top one is cleared)
//   bits 47-8   milliseconds since the epoch at the start
//   bits 7-0    a counter; it overflows into the milliseconds on purpose

const suffixBits = 48;
const int64Max = (1n << 63n) - 1n;

export function leaseIds(memberId: bigint, startMs: number): () => bigint {
  const prefix = BigInt.asUintN(16, memberId) << BigInt(suffixBits);
  let suffix = BigInt.asUintN(40, BigInt(Math.floor(startMs))) << 8n;
  return () => {
    do suffix = BigInt.asUintN(suffixBits, suffix + 1n);
    while (((prefix | suffix) & int64Max) === 0n);
    return (prefix | suffix) & int64Max;
  };
}
