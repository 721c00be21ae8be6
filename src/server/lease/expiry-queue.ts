// The lease that expires next: a heap with one entry for each lease. A renewal does not change the heap: an entry that
// reaches the top too early is replaced by one with the lease's new time. Go: server/lease/lease_queue.go
import { Heap } from "heap-js";

export interface Expiring {
  /** Milliseconds of the lessor's clock. It only moves later. */
  readonly expiresAtMs: number;
  readonly revoked: boolean;
}

interface Entry<T> {
  readonly lease: T;
  readonly atMs: number;
}

export class ExpiryQueue<T extends Expiring> {
  private readonly heap = new Heap<Entry<T>>((a, b) => a.atMs - b.atMs);

  add(lease: T): void {
    this.heap.push({ lease, atMs: lease.expiresAtMs });
  }

  /** The lease that expires next, now or later. Skips revoked leases. */
  peek(): T | undefined {
    for (;;) {
      const top = this.heap.peek();
      if (top === undefined) return undefined;
      const { lease, atMs } = top;
      if (lease.revoked) this.heap.pop();
      else if (atMs < lease.expiresAtMs) this.heap.replace({ lease, atMs: lease.expiresAtMs });
      else return lease;
    }
  }
}
