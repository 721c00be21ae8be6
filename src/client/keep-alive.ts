// Keeping a lease alive: once, or for as long as it lives, across broken streams and other members.
// A lease counts as gone when the server says so, or when nobody has answered for as long as it may live.
// Answers to clientv3's lease.go (KeepAliveOnce and the loops behind KeepAlive).
import { EtcdError, StatusCode } from "../errors";
import type { Clock } from "../io";
import type { LeaseKeepAliveRequest, LeaseKeepAliveResponse } from "../proto/gen/etcdserverpb";
import { serverError } from "../transport/error-table";
import type { CallOptions } from "../transport/transport";
import type { EtcdClient } from "./client";
import { eachInTime } from "./each-in-time";
import { sleep } from "./sleep";

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
      if (!isPassing(error)) throw error;
    }
    await sleep(clock, retryMs, call.signal);
  }
}

export interface KeepAliveOptions {
  /** Its deadline is the time for the first answer. */
  readonly call: CallOptions;
  readonly stream: CallOptions;
  readonly clock: Clock;
  /** Told of every broken stream; the next one is opened half a second later. */
  readonly onFailure: (error: EtcdError) => void;
}

/** A response per renewal, three of them in the lease's time; ends when the lease is gone. */
export async function* keepAlive(
  lease: Lease,
  ID: bigint,
  { call, stream, clock, onFailure }: KeepAliveOptions,
): AsyncGenerator<LeaseKeepAliveResponse> {
  let aliveUntilMs = call.deadlineMs;
  let nextMs = 0;
  for (;;) {
    const ended = new AbortController();
    try {
      const renewals = eachInTime(
        (options) =>
          lease.leaseKeepAlive(
            requests(ID, () => nextMs, clock, ended.signal),
            {
              ...options,
              requireLeader: true,
            },
          ),
        { call: () => ({ deadlineMs: aliveUntilMs }), stream: () => stream, clock },
      );
      for await (const response of renewals) {
        if (response.TTL <= 0n) return;
        const ttlMs = Number(response.TTL) * 1000;
        aliveUntilMs = clock.now() + ttlMs;
        nextMs = clock.now() + ttlMs / 3;
        yield response;
      }
    } catch (error) {
      if (!(error instanceof EtcdError) || stream.signal?.aborted) throw error;
      onFailure(error);
    } finally {
      ended.abort();
    }
    if (aliveUntilMs !== undefined && clock.now() >= aliveUntilMs) return;
    await sleep(clock, retryMs, stream.signal);
  }
}

/** One at once, the next when it is due; every half second while no answer has moved that. */
async function* requests(
  ID: bigint,
  dueMs: () => number,
  clock: Clock,
  ended: AbortSignal,
): AsyncGenerator<LeaseKeepAliveRequest> {
  while (!ended.aborted) {
    yield { ID };
    await sleep(clock, retryMs, ended);
    while (!ended.aborted && clock.now() < dueMs()) await sleep(clock, dueMs() - clock.now(), ended);
  }
}

/** What Go's client tries again: the server is gone for a moment, or the call broke in the middle. */
function isPassing(error: unknown): boolean {
  return (
    error instanceof EtcdError &&
    (error.code === StatusCode.Unavailable || error.code === StatusCode.Internal)
  );
}

async function firstOf<T>(items: AsyncIterable<T>): Promise<T | undefined> {
  for await (const item of items) return item;
  return undefined;
}

async function* only<T>(item: T): AsyncGenerator<T> {
  yield item;
}
