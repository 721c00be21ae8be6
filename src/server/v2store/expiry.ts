// Removes expired keys of version 2: one timer, for the key that expires next. A key that has expired before it was written
// stays until the next check, as in etcd. Go (etcd 3.4): SyncTicker in etcdserver/server.go
import { longestTimerMs, type Clock } from "../../clock";
import type { V2Store } from "./store";

const nsPerMs = 1_000_000n;
/** etcd's time between two checks. */
const checkIntervalMs = 500;

export class V2Expiry {
  private timer: { cancel(): void } | undefined;
  private timerForNs: bigint | undefined;
  private isClosed = false;
  private isExpiring = false;

  /** `expire` removes the keys that expire until then, through the raft log. Its promise never rejects. */
  constructor(
    private readonly store: V2Store,
    private readonly clock: Clock,
    private readonly expire: (cutoffNs: bigint) => void | Promise<void>,
  ) {
    store.onTtlChange = () => this.schedule();
    this.schedule();
  }

  close(): void {
    this.isClosed = true;
    this.timer?.cancel();
  }

  private schedule(): void {
    const nextNs = this.store.nextExpiryNs;
    if (this.isClosed || this.isExpiring || nextNs === this.timerForNs) return;
    this.timer?.cancel();
    this.timerForNs = nextNs;
    if (nextNs === undefined) return;
    // Rounded up: a timer that fires too early would find nothing to do.
    const delayMs = (nextNs + nsPerMs - 1n) / nsPerMs - BigInt(this.clock.now());
    const fire = () => {
      this.timerForNs = undefined;
      const nowNs = BigInt(this.clock.now()) * nsPerMs;
      const expiring = nextNs <= nowNs ? this.expire(nowNs) : undefined;
      if (expiring === undefined) return this.schedule();
      this.isExpiring = true;
      void expiring.finally(() => {
        this.isExpiring = false;
        this.schedule();
      });
    };
    this.timer = this.clock.setTimeout(
      fire,
      Math.min(Math.max(checkIntervalMs, Number(delayMs)), longestTimerMs),
    );
  }
}
