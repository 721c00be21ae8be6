// Measures how long it takes to send each response of a watch: from when the connection takes it until it asks for the next one.
// Go: sendLoop in server/etcdserver/api/v3rpc/watch.go
import { performance } from "node:perf_hooks";
import type { WatchResponse } from "../../proto/gen/etcdserverpb";
import type { ServerMetrics } from "../metrics/server-metrics";
import type { ReadyIterator } from "../streams/ready";

export class TimedWatch implements AsyncIterable<WatchResponse>, ReadyIterator<WatchResponse> {
  private readonly inner: ReadyIterator<WatchResponse>;
  private sending: WatchResponse | undefined;
  private startedAt = 0;

  constructor(
    responses: AsyncIterable<WatchResponse>,
    private readonly metrics: ServerMetrics,
  ) {
    this.inner = responses[Symbol.asyncIterator]();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  takeNow(): WatchResponse | undefined {
    this.sent();
    const response = this.inner.takeNow?.();
    if (response !== undefined) this.begin(response);
    return response;
  }

  async next(): Promise<IteratorResult<WatchResponse, undefined>> {
    this.sent();
    const next = await this.inner.next();
    if (next.done !== true) this.begin(next.value);
    return next;
  }

  async return(): Promise<IteratorResult<WatchResponse, undefined>> {
    await this.inner.return?.();
    return { done: true, value: undefined };
  }

  private begin(response: WatchResponse): void {
    this.sending = response;
    this.startedAt = performance.now();
  }

  private sent(): void {
    const { sending, metrics } = this;
    if (sending === undefined) return;
    this.sending = undefined;
    const seconds = (performance.now() - this.startedAt) / 1000;
    const { created, canceled, compactRevision, events } = sending;
    if (created) metrics.watchControlSeconds.observe(seconds);
    if (created || (canceled && compactRevision === 0n)) return;
    metrics.watchSendSeconds.observe(seconds);
    if (events.length > 0) metrics.watchEventSeconds.observe(seconds / events.length);
  }
}
