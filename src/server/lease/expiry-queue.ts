// The lease that expires next: a heap with one entry for each lease. A renewal does not change the heap: an entry that
// reaches the top too early is replaced by one with the lease's new time. A lease whose time moves back is added again, and
// its entry from before does no harm. Go: server/lease/lease_queue.go
import { Heap } from "heap-js";

export interface Expiring {
  /** Milliseconds of the lessor's clock. */
  readonly expiresAtMs: number;
  /** When the end of an expired lease is proposed again; 0 before the first time. */
  readonly retryAtMs: number;
  readonly revoked: boolean;
}

export function dueAtMs({ expiresAtMs, retryAtMs }: Expiring): number {
  return Math.max(expiresAtMs, retryAtMs);
}

interface Entry<T> {
  readonly lease: T;
  readonly atMs: number;
}

export class ExpiryQueue<T extends Expiring> {
  private readonly heap = new Heap<Entry<T>>((a, b) => a.atMs - b.atMs);

  add(lease: T): void {
    this.heap.push({ lease, atMs: dueAtMs(lease) });
  }

  /** The lease that expires next, now or later. Skips revoked leases. */
  peek(): T | undefined {
    for (;;) {
      const top = this.heap.peek();
      if (top === undefined) return undefined;
      const { lease, atMs } = top;
      if (lease.revoked) this.heap.pop();
      else if (atMs < dueAtMs(lease)) this.heap.replace({ lease, atMs: dueAtMs(lease) });
      else return lease;
    }
  }
}
