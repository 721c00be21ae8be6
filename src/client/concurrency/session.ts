// A session: a lease that the client renews, for locks and elections. It is lost when the server says that the lease has
// expired, or when no renewal was confirmed for the lease's TTL on this machine's monotonic clock, whichever is first.
// Go: client/v3/concurrency/session.go
import { addAbortListener, sleep, type Clock } from "../../clock";
import { StatusCode, type EtcdError } from "../../errors";
import { LeaseGrantRequest } from "../../proto/gen/etcdserverpb";
import type { CallOptions } from "../../transport/transport";
import type { EtcdClient } from "../client";
import { failureToReport, keepAlive } from "../lease";
import { retryTransient } from "../retry";

export interface SessionOptions {
  readonly ttlSeconds: bigint;
  readonly clock: Clock;
  /** The clock for the renewals. Default: `clock`. */
  readonly renewalClock?: Clock | undefined;
  /** Options of one attempt to get the lease. While the client has reached no member, there is only one attempt. */
  readonly callOptions: () => CallOptions;
  /** The longest wait for the lease once a member was reached: the cluster may be electing a leader. Default: 30 s. */
  readonly grantTimeoutMs?: number | undefined;
  /** Ends the renewals when it is aborted, as `release` does. */
  readonly signal?: AbortSignal | undefined;
}

const defaultGrantTimeoutMs = 30_000;

export interface Session {
  readonly leaseId: bigint;
  /** What the server has granted. */
  readonly ttlSeconds: bigint;
  /** Aborted when the lease has expired or may have expired. Its reason is an Error that says why. */
  readonly lost: AbortSignal;
  /** Stops the renewals. The lease stays until its TTL is over, as after Go's lock and elect. Then `lost` is aborted. */
  release(): void;
  /** Stops the renewals of a lease whose end does not matter. `lost` is not aborted later. */
  end(): void;
}

export async function openSession(service: EtcdClient["lease"], options: SessionOptions): Promise<Session> {
  const { ttlSeconds, clock, callOptions, signal: closed } = options;
  const { renewalClock = clock, grantTimeoutMs = defaultGrantTimeoutMs } = options;
  const request = LeaseGrantRequest.create({ TTL: ttlSeconds });
  const { signal } = callOptions();
  const grantDeadlineAt = clock.now() + grantTimeoutMs;
  // When the response is lost or too late, a lease stays that expires after its TTL.
  const grant = async (options: CallOptions) => {
    const sentNs = clock.monotonicNs();
    const { ID, TTL } = await service.leaseGrant(request, options);
    return { ID, TTL, sentNs };
  };
  let isReached = false;
  const shouldRetry = (error: EtcdError): boolean => {
    // DeadlineExceeded without a cause: the request was never sent, in all of its time or because no endpoint is usable.
    isReached ||= error.code !== StatusCode.DeadlineExceeded || error.cause !== undefined;
    return isReached && clock.now() < grantDeadlineAt;
  };
  const { ID, TTL, sentNs } = await retryTransient(grant, { clock, callOptions, signal, shouldRetry });
  const elapsedMs = Number(clock.monotonicNs() - sentNs) / 1e6;
  const lost = new AbortController();
  const ending = new AbortController();
  const ended = new AbortController();
  let lastsUntilMs = Number(sentNs) / 1e6 + Number(TTL) * 1000;
  const forget = closed && addAbortListener(closed, release);

  function release(): void {
    if (ending.signal.aborted) return;
    ending.abort();
    void loseInTime();
  }

  /** What the lease protects may belong to another client once it is over, even if this client has stopped to renew it. */
  async function loseInTime(): Promise<void> {
    for (;;) {
      const leftMs = lastsUntilMs - Number(clock.monotonicNs()) / 1e6;
      if (ended.signal.aborted) return;
      if (leftMs <= 0) break;
      await sleep(renewalClock, Math.ceil(leftMs), ended.signal);
    }
    lost.abort(new Error("it was not renewed any more"));
  }

  async function renew(): Promise<void> {
    let failure: EtcdError | undefined;
    const renewals = keepAlive(service, ID, {
      callOptions: { deadlineAt: renewalClock.now() + Number(TTL) * 1000 - elapsedMs },
      streamOptions: { signal: ending.signal },
      clock: renewalClock,
      roundTripMs: elapsedMs,
      onFailure: (error) => (failure = failureToReport(failure, error)),
      onRenewal: (untilMs) => (lastsUntilMs = untilMs),
    });
    for await (const renewal of renewals) if (renewal.TTL > 0n) failure = undefined;
    const reason =
      failure === undefined
        ? "the server has ended it"
        : `it could not be renewed: ${[failure.message, ...failure.hints].join("; ")}`;
    if (!ending.signal.aborted) lost.abort(new Error(reason));
  }
  renew()
    .catch((error: unknown) => {
      if (!ending.signal.aborted) lost.abort(error);
    })
    .finally(forget);

  return {
    leaseId: ID,
    ttlSeconds: TTL,
    lost: lost.signal,
    release,
    end() {
      ended.abort();
      ending.abort();
    },
  };
}
