// Many calls at once for a measurement: a number of workers, a rate that they share, and statistics in flat memory.
// The rate holds from moment to moment: what was missed while all workers waited is not caught up with later.
// Answers to golang.org/x/time/rate as etcdctl's check.go uses it, and to pkg/report's Stats.
import { performance } from "node:perf_hooks";
import type { Clock } from "../../clock";

export interface Load {
  /** Calls in flight. */
  readonly workers: number;
  /** Ends the load, whichever comes first; what is in flight then is waited for. */
  readonly calls?: number;
  readonly durationMs?: number;
  readonly perSecond?: number;
}

export interface LoadReport {
  /** Successful ones. */
  readonly calls: number;
  readonly perSecond: number;
  readonly slowestSeconds: number;
  /** NaN without any. */
  readonly deviationSeconds: number;
  /** How often each text was the error. */
  readonly errors: ReadonlyMap<string, number>;
  /** How much of the time this process was computing, 0 to 1: near 1 it has measured itself. */
  readonly busy: number;
}

export interface LoadOptions {
  readonly clock: Clock;
  /** Ends the load early. */
  readonly signal: AbortSignal;
  readonly onProgress: (doneCalls: number, elapsedMs: number) => void;
}

/** Timers come late by some milliseconds; so much of the rate may be made up for. */
const catchUpMs = 20;
const tickMs = 1;
const progressEveryMs = 100;

export function runLoad(call: () => Promise<unknown>, load: Load, world: LoadOptions): Promise<LoadReport> {
  return new LoadRun(call, load, world).run();
}

class LoadRun {
  private started = 0;
  private inFlight = 0;
  private readonly statistics = new Statistics();
  private readonly startNs: bigint;
  /** The time until which the rate has been used up. */
  private usedMs = 0;
  private shownMs = 0;
  private finish: () => void = () => undefined;

  constructor(
    private readonly call: () => Promise<unknown>,
    private readonly load: Load,
    private readonly world: LoadOptions,
  ) {
    this.startNs = world.clock.monotonicNs();
  }

  async run(): Promise<LoadReport> {
    const before = performance.eventLoopUtilization();
    const ended = new Promise<void>((resolve) => (this.finish = resolve));
    this.world.signal.addEventListener("abort", () => this.startDue());
    this.tick();
    await ended;
    const busy = performance.eventLoopUtilization(before).utilization;
    return this.statistics.report(this.elapsedMs / 1000, busy);
  }

  private get elapsedMs(): number {
    return Number(this.world.clock.monotonicNs() - this.startNs) / 1e6;
  }

  private get isOver(): boolean {
    const { calls = Infinity, durationMs = Infinity } = this.load;
    return this.started >= calls || this.elapsedMs >= durationMs || this.world.signal.aborted;
  }

  private tick(): void {
    this.startDue();
    const { elapsedMs } = this;
    if (elapsedMs - this.shownMs >= progressEveryMs) {
      this.shownMs = elapsedMs;
      this.world.onProgress(this.statistics.done, elapsedMs);
    }
    if (!this.isOver) this.world.clock.setTimeout(() => this.tick(), tickMs);
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
    const { clock } = this.world;
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

/** Mean and deviation by Welford's method: no list of all the times. */
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
