// A lease that the client keeps alive. Locks and elections hold one too.
import { backgroundClock, firstAborted, systemClock, type Clock } from "../../clock";
import { EtcdError, StatusCode } from "../../errors";
import { isServerError } from "../../etcd/error-table";
import { LeaseTimeToLiveRequest } from "../../proto/gen/etcdserverpb";
import type { CallOptions } from "../../transport/transport";
import type { EtcdClient } from "../client";
import type { Session } from "../concurrency/session";
import { diagnosed } from "./errors";
import { integer } from "./input";
import { callTable, checkOptions } from "./options";
import { callOptionsOf, type CallContext } from "./key-calls";

// esbuild's and TypeScript's `await using` use the same symbol where the runtime has none.
export const asyncDispose: typeof Symbol.asyncDispose =
  (Symbol.asyncDispose as typeof Symbol.asyncDispose | undefined) ??
  (Symbol.for("Symbol.asyncDispose") as typeof Symbol.asyncDispose);

export interface CoordinationContext extends CallContext {
  readonly client: EtcdClient;
  /** Aborted by `close()`. */
  readonly closed: AbortSignal;
}

/**
 * A lease that the client renews until it is revoked, lost, or the client is closed. With `await using` it is revoked at the
 * end of the block.
 *
 * @example
 * await using lease = await client.lease(10);
 * await client.put("/services/a", "127.0.0.1:80", { lease });
 */
export class Lease {
  private released: Promise<void> | undefined;

  /** @internal */
  constructor(
    private readonly context: CoordinationContext,
    private readonly session: Session,
    /** The seconds that the server has granted. */
    readonly ttlSeconds: number,
  ) {}

  get id(): bigint {
    return this.session.leaseId;
  }

  /** Aborted when the lease has ended or may have ended. Its reason is an Error that says why. */
  get lost(): AbortSignal {
    return this.session.lost;
  }

  /** The seconds that are left at the server; 0 for a lease that has ended. */
  async secondsLeft(options: CallOptions = {}): Promise<number> {
    checkOptions("secondsLeft", options, callTable);
    const request = LeaseTimeToLiveRequest.create({ ID: this.id });
    const { TTL } = await diagnosed(() =>
      this.context.client.lease.leaseTimeToLive(request, callOptionsOf(this.context, options)),
    );
    return Math.max(0, Number(TTL));
  }

  /** Stops the renewals. The lease ends when its time is over; then `lost` is aborted. */
  release(): void {
    this.session.release();
  }

  /** Ends the lease and deletes its keys. A lease that has ended already is no error. Further calls return the same promise. */
  revoke(): Promise<void> {
    return (this.released ??= this.end());
  }

  /** Same as revoke(), for `await using`. */
  [asyncDispose](): Promise<void> {
    return this.revoke();
  }

  private async end(): Promise<void> {
    this.release();
    try {
      await diagnosed(() =>
        this.context.client.lease.leaseRevoke({ ID: this.id }, callOptionsOf(this.context, {})),
      );
    } catch (error) {
      if (!isServerError(error, "leaseNotFound")) throw error;
    }
    this.session.end();
  }
}

/** Rejects with an EtcdError if no lease can be granted in time. */
export async function openLease(
  context: CoordinationContext,
  ttlSeconds: number | bigint,
  options: CallOptions = {},
): Promise<Lease> {
  checkOptions("lease", options, callTable);
  const ttl = integer(ttlSeconds, "the time of lease in seconds");
  const { openSession } = await import("../concurrency/session");
  const {
    timeoutMs = Infinity,
    deadlineAt = Infinity,
    signal,
    connectTimeoutMs,
  } = callOptionsOf(context, options);
  const endAt = Math.min(context.clock.now() + timeoutMs, deadlineAt);
  const limited = { signal, connectTimeoutMs, deadlineAt: endAt === Infinity ? undefined : endAt };
  return diagnosed(async () => {
    const session = await openSession(context.client.lease, {
      ttlSeconds: ttl,
      clock: context.clock,
      // A lease that a program forgets must not keep its process alive. Its connection may.
      renewalClock: context.clock === systemClock ? backgroundClock : context.clock,
      callOptions: () => limited,
      // The whole wait has the limit of the call.
      grantTimeoutMs: endAt - context.clock.now(),
      signal: context.closed,
    });
    return new Lease(context, session, Number(session.ttlSeconds));
  });
}

/** Ends when the lease is lost, when the caller's signal is aborted and at the time limit, if there is one. */
export function waitOptions(
  clock: Clock,
  lost: AbortSignal,
  { signal, timeoutMs = Infinity, deadlineAt = Infinity }: CallOptions,
) {
  const endAt = Math.min(clock.now() + timeoutMs, deadlineAt);
  const expired = new AbortController();
  const timer =
    endAt === Infinity
      ? undefined
      : clock.setTimeout(
          () => expired.abort(new EtcdError(StatusCode.DeadlineExceeded, "context deadline exceeded", true)),
          Math.max(0, endAt - clock.now()),
        );
  const { signal: ended, release } = firstAborted(lost, expired.signal, signal);
  return {
    retry: { clock, signal: ended, callOptions: (): CallOptions => ({ signal: ended }) },
    /** The error to throw for one that came because a signal was aborted. */
    reasonOf(error: unknown): unknown {
      if (lost.aborted)
        return new EtcdError(StatusCode.Aborted, "the lease was lost", true, {
          cause: lost.reason as unknown,
        });
      return expired.signal.aborted ? (expired.signal.reason as unknown) : error;
    },
    done() {
      timer?.cancel();
      release();
    },
  };
}
