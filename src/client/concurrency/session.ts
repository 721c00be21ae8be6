// A lease kept alive: what a lock or a candidacy hangs on. It is over when the server says so or, whatever the server does,
// when no renewal has been confirmed for the lease's time on this machine's monotonic clock; never later.
// Answers to client/v3/concurrency/session.go.
import type { Clock } from "../../clock";
import { StatusCode, type EtcdError } from "../../errors";
import { LeaseGrantRequest } from "../../proto/gen/etcdserverpb";
import type { CallOptions } from "../../transport/transport";
import type { EtcdClient } from "../client";
import { keepAlive, failureReason } from "../lease";
import { retryTransient } from "../retry";

export interface SessionOptions {
  readonly ttlSeconds: bigint;
  readonly clock: Clock;
  /** The time of a call: for the lease, if no member can be reached at all; for one try, otherwise. */
  readonly callOptions: () => CallOptions;
  /** How long a cluster that can be reached may take to give the lease: it may be choosing a leader. */
  readonly grantTimeoutMs?: number | undefined;
}

const defaultPatienceMs = 30_000;

export interface Session {
  readonly leaseId: bigint;
  /** Aborted when the lease is gone or may be; its reason says why. */
  readonly lost: AbortSignal;
  /** Renews the lease no more. It is left to end by itself, as Go's lock and elect leave theirs. */
  end(): void;
}

export async function openSession(
  service: EtcdClient["lease"],
  { ttlSeconds, clock, callOptions: call, grantTimeoutMs: patienceMs = defaultPatienceMs }: SessionOptions,
): Promise<Session> {
  const request = LeaseGrantRequest.create({ TTL: ttlSeconds });
  const { deadlineAt: unreachableMs = Infinity, signal } = call();
  const giveUpMs = clock.now() + patienceMs;
  let startedNs = clock.monotonicNs();
  // A grant whose answer was lost leaves a lease that ends by itself.
  const grant = (options: CallOptions) => {
    startedNs = clock.monotonicNs();
    return service.leaseGrant(request, options);
  };
  let isReached = false;
  const mayGoOn = (error: EtcdError): boolean => {
    // What ran out of time before it could be sent has no cause.
    isReached ||= error.code !== StatusCode.DeadlineExceeded || error.cause !== undefined;
    return clock.now() < (isReached ? giveUpMs : unreachableMs);
  };
  const { ID, TTL } = await retryTransient(grant, { clock, callOptions: call, signal, shouldRetry: mayGoOn });
  const elapsedMs = Number(clock.monotonicNs() - startedNs) / 1e6;
  const lost = new AbortController();
  const ending = new AbortController();

  async function stayAlive(): Promise<void> {
    let failure: string | undefined;
    const renewals = keepAlive(service, ID, {
      callOptions: { deadlineAt: clock.now() + Number(TTL) * 1000 - elapsedMs },
      streamOptions: { signal: ending.signal },
      clock,
      roundTripMs: elapsedMs,
      onFailure: (error) => (failure = failureReason(failure, error)),
    });
    for await (const { TTL: left } of renewals) if (left > 0n) failure = undefined;
    const reason = failure === undefined ? "the server has ended it" : `it could not be renewed: ${failure}`;
    if (!ending.signal.aborted) lost.abort(new Error(reason));
  }
  stayAlive().catch((error: unknown) => {
    if (!ending.signal.aborted) lost.abort(error);
  });

  return {
    leaseId: ID,
    lost: lost.signal,
    end: () => ending.abort(),
  };
}
