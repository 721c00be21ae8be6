// The open streams of clients that require a leader. They end when the member has had no leader for three election timeouts,
// so that the clients go to another member. Go: monitorLeader in server/etcdserver/api/v3rpc/interceptor.go
import type { Clock } from "../../clock";
import { serverError } from "../../etcd/error-table";
import type { ReadyIterator } from "../streams/ready";

/** How many election timeouts a stream lives without a leader. Go: maxNoLeaderCnt in interceptor.go */
const timeoutsWithoutLeader = 3;

export class LeaderStreams {
  private readonly streams = new Set<LedStream>();
  private timer: { cancel(): void } | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly electionTimeoutMs: number,
  ) {}

  /** Called after each change that can make or lose a leader. */
  changed(hasLeader: boolean): void {
    if (!hasLeader) {
      this.timer ??= this.clock.setTimeout(() => this.end(), timeoutsWithoutLeader * this.electionTimeoutMs);
      return;
    }
    this.timer?.cancel();
    this.timer = undefined;
  }

  /** The responses of a stream, until there is no leader. */
  led(responses: AsyncIterable<unknown>): AsyncIterable<unknown> {
    const stream = new LedStream(responses, () => this.streams.delete(stream));
    this.streams.add(stream);
    return stream;
  }

  close(): void {
    this.changed(true);
  }

  /** Ends all streams now. */
  end(): void {
    this.timer = undefined;
    for (const stream of [...this.streams]) stream.lose();
  }
}

class LedStream implements AsyncIterable<unknown>, ReadyIterator<unknown> {
  private readonly inner: ReadyIterator<unknown>;
  private isLost = false;
  private fail: ((error: Error) => void) | undefined;

  constructor(
    responses: AsyncIterable<unknown>,
    private readonly forget: () => void,
  ) {
    this.inner = responses[Symbol.asyncIterator]() as ReadyIterator<unknown>;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  lose(): void {
    this.isLost = true;
    this.forget();
    this.fail?.(serverError("noLeader"));
    void this.inner.return?.();
  }

  takeNow(): unknown {
    return this.isLost ? undefined : this.inner.takeNow?.();
  }

  async next(): Promise<IteratorResult<unknown, undefined>> {
    if (this.isLost) throw serverError("noLeader");
    const next = this.inner.next();
    const lost = new Promise<never>((_, reject) => (this.fail = reject));
    const result = await Promise.race([next, lost]);
    if (result.done === true) this.forget();
    return result;
  }

  async return(): Promise<IteratorResult<unknown, undefined>> {
    this.forget();
    await this.inner.return?.();
    return { done: true, value: undefined };
  }
}
