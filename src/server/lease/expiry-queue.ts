// The lease that expires next: a binary heap with one entry for each lease. A renewal does not change the heap: an entry
// that reaches the top too early moves to its lease's new time. Go: server/lease/lease_queue.go

export interface Expiring {
  /** Milliseconds of the lessor's clock. It only moves later. */
  readonly expiresAtMs: number;
  readonly revoked: boolean;
}

interface Entry<T> {
  readonly lease: T;
  atMs: number;
}

export class ExpiryQueue<T extends Expiring> {
  private readonly heap: Entry<T>[] = [];

  add(lease: T): void {
    this.heap.push({ lease, atMs: lease.expiresAtMs });
    this.up(this.heap.length - 1);
  }

  /** The lease that expires next, now or later. Skips revoked leases. */
  peek(): T | undefined {
    for (;;) {
      const top = this.heap[0];
      if (top === undefined) return undefined;
      if (top.lease.revoked) this.pop();
      else if (top.atMs < top.lease.expiresAtMs) {
        top.atMs = top.lease.expiresAtMs;
        this.down();
      } else return top.lease;
    }
  }

  private pop(): void {
    const last = this.heap.pop();
    if (last === undefined || this.heap.length === 0) return;
    this.heap[0] = last;
    this.down();
  }

  private at(place: number): Entry<T> {
    return this.heap[place] as Entry<T>;
  }

  private up(place: number): void {
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (this.at(parent).atMs <= this.at(place).atMs) return;
      this.swap(parent, place);
      place = parent;
    }
  }

  private down(): void {
    for (let place = 0; ;) {
      let child = 2 * place + 1;
      if (child >= this.heap.length) return;
      if (child + 1 < this.heap.length && this.at(child + 1).atMs < this.at(child).atMs) child++;
      if (this.at(place).atMs <= this.at(child).atMs) return;
      this.swap(place, child);
      place = child;
    }
  }

  private swap(a: number, b: number): void {
    const entry = this.at(a);
    this.heap[a] = this.at(b);
    this.heap[b] = entry;
  }
}
