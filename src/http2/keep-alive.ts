// Pings of both directions, as grpc-go does them.
// Go: google.golang.org/grpc/internal/transport/http2_client.go (keepalive), http2_server.go (keepalive, handlePing)
import type { Clock } from "../clock";

export interface KeepAliveOptions {
  /** Ping after this silence. */
  readonly timeMs: number;
  /** Close when nothing comes for this time after a ping. */
  readonly timeoutMs: number;
  /** Ping also while no stream is active. */
  readonly withoutStreams: boolean;
}

interface Pinger {
  readonly activeStreams: number;
  ping(): void;
  /** No answer came. */
  onPingTimeout(): void;
}

/** Sends pings over a silent connection. */
export class KeepAlive {
  private timer: { cancel(): void } | undefined;
  private sawBytes = false;
  private isWaiting = false;

  constructor(
    private readonly options: KeepAliveOptions,
    private readonly clock: Clock,
    private readonly pinger: Pinger,
  ) {
    this.wait(options.timeMs);
  }

  /** Bytes have come. */
  received(): void {
    this.sawBytes = true;
  }

  stop(): void {
    this.timer?.cancel();
  }

  private wait(delayMs: number): void {
    this.timer = this.clock.setTimeout(() => this.tick(), delayMs);
  }

  private tick(): void {
    const { timeMs, timeoutMs, withoutStreams } = this.options;
    if (this.isWaiting && !this.sawBytes) return this.pinger.onPingTimeout();
    this.isWaiting = !this.sawBytes && (withoutStreams || this.pinger.activeStreams > 0);
    this.sawBytes = false;
    if (this.isWaiting) this.pinger.ping();
    this.wait(this.isWaiting ? timeoutMs : timeMs);
  }
}

export interface PingPolicy {
  /** The least time between two pings of a client. Go: --grpc-keepalive-min-time */
  readonly minTimeMs: number;
  /** Allows pings at this pace without an active stream, too; otherwise one in two hours. */
  readonly withoutStreams: boolean;
}

const maxStrikes = 2;
const idleMinTimeMs = 2 * 3600e3;

/** Counts the pings that a client may not send. Headers and data that we send forgive the pings before. */
export class PingEnforcement {
  private strikes = 0;
  private lastMs = -Infinity;

  constructor(
    private readonly policy: PingPolicy,
    private readonly now: () => number,
  ) {}

  sent(): void {
    this.strikes = 0;
    this.lastMs = -Infinity;
  }

  /** False means too many pings. */
  allows(activeStreams: number): boolean {
    const nowMs = this.now();
    const isIdle = activeStreams === 0 && !this.policy.withoutStreams;
    const leastMs = isIdle ? idleMinTimeMs : this.policy.minTimeMs;
    if (this.lastMs + leastMs > nowMs) this.strikes++;
    this.lastMs = nowMs;
    return this.strikes <= maxStrikes;
  }
}
