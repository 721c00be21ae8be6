// Keeping a lease alive: once, or for as long as it lives, across broken streams and other members.
// A lease counts as gone when the server says so, or when nobody has answered for as long as it may live.
// Answers to clientv3's lease.go (KeepAliveOnce and the loops behind KeepAlive).
import type { Clock } from "../clock";
import { sleep } from "../clock";
import { EtcdError, StatusCode } from "../errors";
import { serverError } from "../etcd/error-table";
import type { LeaseKeepAliveRequest, LeaseKeepAliveResponse } from "../proto/gen/etcdserverpb";
import type { CallOptions } from "../transport/transport";
import type { EtcdClient } from "./client";
import { perMessageDeadline } from "./per-message-deadline";
import { isTransient } from "./retry";

type Lease = EtcdClient["lease"];

const retryMs = 500;

/** Fails with `requested lease not found` when there is none. */
export async function keepAliveOnce(
  lease: Lease,
  ID: bigint,
  call: CallOptions,
  clock: Clock,
): Promise<LeaseKeepAliveResponse> {
  for (;;) {
    try {
      const response = await firstOf(lease.leaseKeepAlive(only({ ID }), call));
      if (response && response.TTL <= 0n) throw serverError("leaseNotFound");
      if (response) return response;
    } catch (error) {
      if (!isTransient(error) || call.signal?.aborted) throw error;
    }
    await sleep(clock, retryMs, call.signal);
  }
}

export interface KeepAliveOptions {
  /** Its deadline is the time for the first answer. */
  readonly callOptions: CallOptions;
  readonly streamOptions: CallOptions;
  readonly clock: Clock;
  /** Told of every broken stream; the next one is opened half a second later. */
  readonly onFailure: (error: EtcdError) => void;
}

/**
 * A response per renewal, three of them in the lease's time; ends when the lease is gone. Its time counts from when the
 * renewal was sent, on the monotonic clock: the server cannot have counted from earlier.
 */
export async function* keepAlive(
  lease: Lease,
  ID: bigint,
  { callOptions: call, streamOptions: stream, clock, onFailure }: KeepAliveOptions,
): AsyncGenerator<LeaseKeepAliveResponse> {
  const nowMs = (): number => Number(clock.monotonicNs()) / 1e6;
  let aliveUntilMs = call.deadlineAt === undefined ? Infinity : nowMs() + call.deadlineAt - clock.now();
  let nextMs = 0;
  /** Once there was an answer, the next one has half of the time that is left then: a member that hangs can be left. */
  const patienceMs = (): number => {
    const untilDueMs = Math.max(0, nextMs - nowMs());
    const leftMs = aliveUntilMs - nowMs() - untilDueMs;
    return untilDueMs + (nextMs > 0 ? leftMs / 2 : leftMs);
  };
  for (;;) {
    const ended = new AbortController();
    const sentMs: number[] = [];
    try {
      const requests = requestsWhenDue({
        ID,
        nowMs,
        dueMs: () => nextMs,
        sentMs,
        clock,
        ended: ended.signal,
      });
      const renewals = perMessageDeadline(
        (options) => lease.leaseKeepAlive(requests, { ...options, requireLeader: true }),
        {
          callOptions: () => ({ deadlineAt: clock.now() + patienceMs() }),
          streamOptions: () => stream,
          clock,
        },
      );
      for await (const response of renewals) {
        if (response.TTL <= 0n) return;
        const ttlMs = Number(response.TTL) * 1000;
        // The answers of a stream come in the order of its requests.
        aliveUntilMs = (sentMs.shift() ?? nowMs()) + ttlMs;
        nextMs = nowMs() + ttlMs / 3;
        yield response;
      }
    } catch (error) {
      if (!(error instanceof EtcdError) || stream.signal?.aborted) throw error;
      onFailure(error);
    } finally {
      ended.abort();
    }
    const leftMs = aliveUntilMs - nowMs();
    if (leftMs <= 0 || stream.signal?.aborted) return;
    await sleep(clock, Math.min(retryMs, leftMs), stream.signal);
  }
}

/** What to tell after one more failure: a try that ran out of time says less than what was answered to an earlier one. */
export function failureReason(before: string | undefined, { code, message, hints }: EtcdError): string {
  if (before !== undefined && code === StatusCode.DeadlineExceeded) return before;
  return [message, ...hints].join("; ");
}

interface Requests {
  readonly ID: bigint;
  readonly nowMs: () => number;
  readonly dueMs: () => number;
  /** Gets the time of each request. */
  readonly sentMs: number[];
  readonly clock: Clock;
  readonly ended: AbortSignal;
}

/** One at once, the next when it is due; every half second while no answer has moved that. */
async function* requestsWhenDue({
  ID,
  nowMs,
  dueMs,
  sentMs,
  clock,
  ended,
}: Requests): AsyncGenerator<LeaseKeepAliveRequest> {
  while (!ended.aborted) {
    sentMs.push(nowMs());
    yield { ID };
    await sleep(clock, retryMs, ended);
    while (!ended.aborted && nowMs() < dueMs()) await sleep(clock, dueMs() - nowMs(), ended);
  }
}

async function firstOf<T>(items: AsyncIterable<T>): Promise<T | undefined> {
  for await (const item of items) return item;
  return undefined;
}

async function* only<T>(item: T): AsyncGenerator<T> {
  yield item;
}
