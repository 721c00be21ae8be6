// The load generator of `check`: concurrent workers that share a rate limit, and statistics in constant memory. Calls that are late
// because all workers were busy are not made up for later.
// Go: golang.org/x/time/rate as etcdctl/ctlv3/command/check.go uses it, pkg/report/report.go (Stats).
import { performance } from "node:perf_hooks";
import type { Clock } from "../../clock";

export interface Load {
  /** Maximum number of concurrent calls. */
  readonly workers: number;
  /** The load ends after `calls` or after `durationMs`, whichever comes first, when all started calls have ended. */
  readonly calls?: number;
  readonly durationMs?: number;
  readonly perSecond?: number;
}

export interface LoadReport {
  /** Number of successful calls. */
  readonly calls: number;
  readonly perSecond: number;
  readonly slowestSeconds: number;
  /** NaN without a successful call. */
  readonly deviationSeconds: number;
  /** Number of failed calls by error text. */
  readonly errors: ReadonlyMap<string, number>;
  /** Share of the time in which this process was busy, from 0 to 1. Near 1 the client, not the cluster, is the limit. */
  readonly busy: number;
}

export interface LoadOptions {
  readonly clock: Clock;
  /** Ends the load early. */
  readonly signal: AbortSignal;
  readonly onProgress: (doneCalls: number, elapsedMs: number) => void;
}

/** Timers fire some milliseconds late: the calls of this time may be made up for. */
const catchUpMs = 20;
const tickMs = 1;
const progressEveryMs = 100;

export function runLoad(call: () => Promise<unknown>, load: Load, options: LoadOptions): Promise<LoadReport> {
  return new LoadRun(call, load, options).run();
}

class LoadRun {
  private started = 0;
  private inFlight = 0;
  private readonly statistics = new Statistics();
  private readonly startNs: bigint;
  /** The rate limit is used up until this time. */
  private usedMs = 0;
  private shownMs = 0;
  private finish: () => void = () => undefined;

  constructor(
    private readonly call: () => Promise<unknown>,
    private readonly load: Load,
    private readonly options: LoadOptions,
  ) {
    this.startNs = options.clock.monotonicNs();
  }

  async run(): Promise<LoadReport> {
    const before = performance.eventLoopUtilization();
    const ended = new Promise<void>((resolve) => (this.finish = resolve));
    this.options.signal.addEventListener("abort", () => this.startDue());
    this.tick();
    await ended;
    const busy = performance.eventLoopUtilization(before).utilization;
    return this.statistics.report(this.elapsedMs / 1000, busy);
  }

  private get elapsedMs(): number {
    return Number(this.options.clock.monotonicNs() - this.startNs) / 1e6;
  }

  private get isOver(): boolean {
    const { calls = Infinity, durationMs = Infinity } = this.load;
    return this.started >= calls || this.elapsedMs >= durationMs || this.options.signal.aborted;
  }

  private tick(): void {
    this.startDue();
    const { elapsedMs } = this;
    if (elapsedMs - this.shownMs >= progressEveryMs) {
      this.shownMs = elapsedMs;
      this.options.onProgress(this.statistics.done, elapsedMs);
    }
    if (!this.isOver) this.options.clock.setTimeout(() => this.tick(), tickMs);
  }

  private startDue(): void {
    const { workers, perSecond = Infinity } = this.load;
    const eachMs = 1000 / perSecond;
    this.usedMs = Math.max(this.usedMs, this.elapsedMs - Math.max(catchUpMs, eachMs));
    while (this.inFlight < workers && !this.isOver && this.usedMs + eachMs <= this.elapsedMs) {
      this.usedMs += eachMs;
      this.started++;
      this.inFlight++;
      void this.one();
    }
    if (this.isOver && this.inFlight === 0) this.finish();
  }

  private async one(): Promise<void> {
    const { clock } = this.options;
    const startNs = clock.monotonicNs();
    try {
      await this.call();
      this.statistics.add(Number(clock.monotonicNs() - startNs) / 1e9);
    } catch (error) {
      this.statistics.addError(error instanceof Error ? error.message : String(error));
    }
    this.inFlight--;
    this.startDue();
  }
}

/** Mean and standard deviation by Welford's method, which keeps no list of the latencies. */
class Statistics {
  private count = 0;
  private mean = 0;
  private squares = 0;
  private slowest = 0;
  private failed = 0;
  private readonly errors = new Map<string, number>();

  get done(): number {
    return this.count + this.failed;
  }

  add(seconds: number): void {
    this.count++;
    const delta = seconds - this.mean;
    this.mean += delta / this.count;
    this.squares += delta * (seconds - this.mean);
    this.slowest = Math.max(this.slowest, seconds);
  }

  addError(text: string): void {
    this.failed++;
    this.errors.set(text, (this.errors.get(text) ?? 0) + 1);
  }

  report(totalSeconds: number, busy: number): LoadReport {
    return {
      calls: this.count,
      perSecond: this.count / totalSeconds,
      slowestSeconds: this.slowest,
      deviationSeconds: Math.sqrt(this.squares / this.count),
      errors: this.errors,
      busy,
    };
  }
}
