// Bounds what a peer may do that costs it little and us more: a bucket that fills with time.

export class RateLimit {
  private left: number;
  private lastMs: number;

  constructor(
    private readonly burst: number,
    private readonly perSecond: number,
    private readonly now: () => number,
  ) {
    this.left = burst;
    this.lastMs = now();
  }

  /** False if there were more than the burst and the rate since then allow. */
  take(count = 1): boolean {
    this.left -= count;
    if (this.left >= 0) return true;
    const nowMs = this.now();
    const filled = ((nowMs - this.lastMs) * this.perSecond) / 1000;
    this.lastMs = nowMs;
    this.left = Math.min(this.burst, this.left + Math.max(0, filled));
    return this.left >= 0;
  }
}
