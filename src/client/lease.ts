// Renewal of a lease: once, or until it expires, across slow responses, broken streams and other members.
// What must stay true: a late response counts, whichever stream it comes from. The client opens a second stream beside a
// silent one, not instead of it. No stream counts as silent before it has taken longer than the last responses took.
// Go: client/v3/lease.go
import { firstAborted, sleep, type Clock } from "../clock";
import { EtcdError, ServerStopped, StatusCode } from "../errors";
import { serverError } from "../etcd/error-table";
import type { LeaseKeepAliveRequest, LeaseKeepAliveResponse } from "../proto/gen/etcdserverpb";
import type { CallOptions } from "../transport/transport";
import type { EtcdClient } from "./client";
import { retryTransient } from "./retry";

type LeaseClient = EtcdClient["lease"];

const retryDelayMs = 500;

/**
 * Renews the lease once. A member that does not respond for a second is asked again beside another one: a follower may wait
 * for a leader that has stopped. Retries transient failures until the deadline of `options`.
 * Throws EtcdError: `etcdserver: requested lease not found` when there is no such lease.
 */
export function keepAliveOnce(
  lease: LeaseClient,
  ID: bigint,
  options: CallOptions,
  clock: Clock,
): Promise<LeaseKeepAliveResponse> {
  const { deadlineAt = Infinity, signal } = options;
  return retryTransient(
    async (attempt) => {
      const response = await firstOf(lease.leaseKeepAlive(only({ ID }), { ...options, ...attempt }));
      if (response === undefined)
        throw new EtcdError(StatusCode.Unavailable, "the server ended the stream", false);
      if (response.TTL <= 0n) throw serverError("leaseNotFound");
      return response;
    },
    { clock, callOptions: () => options, signal, shouldRetry: () => clock.now() < deadlineAt },
  );
}

async function* only<T>(item: T): AsyncGenerator<T> {
  yield item;
}

async function firstOf<T>(items: AsyncIterable<T>): Promise<T | undefined> {
  for await (const item of items) return item;
  return undefined;
}

export interface KeepAliveOptions {
  /** Their deadline is that of the first response. */
  readonly callOptions: CallOptions;
  readonly streamOptions: CallOptions;
  readonly clock: Clock;
  /** How long an earlier response of this server took, in milliseconds. Default: 0. */
  readonly roundTripMs?: number;
  /** Called for every broken stream. The next stream opens half a second later. */
  readonly onFailure: (error: EtcdError) => void;
  /** Called for every renewal, with the moment on the monotonic clock, in milliseconds, until which the lease lasts at least. */
  readonly onRenewal?: (lastsUntilMs: number) => void;
}

/**
 * Yields a response for each renewal, about three per TTL. Ends when the server reports that the lease has expired, or when
 * no response has come for the lease's TTL. Throws EtcdError with code Canceled when `streamOptions.signal` is aborted.
 */
export async function* keepAlive(
  lease: LeaseClient,
  ID: bigint,
  options: KeepAliveOptions,
): AsyncGenerator<LeaseKeepAliveResponse> {
  const renewal = new Renewal(lease, ID, options);
  try {
    for (;;) {
      const response = await renewal.next();
      if (response === undefined) return;
      yield response;
    }
  } finally {
    renewal.close();
  }
}

/** How many streams may be open at a time. When all are silent, a new one replaces the oldest. */
const maxStreams = 3;
/** As in Go, responses beyond these are dropped while the reader is slow: a server may send them unasked. */
const maxResponses = 16;
/** The shortest time between two renewals, for links whose round trip takes most of the TTL. */
const minIntervalMs = 100;
/** How many of the last round trips decide how long a response may take. */
const roundTripsKept = 3;

class Renewal {
  /** Oldest first. The last one sends the requests. */
  private streams: RenewalStream[] = [];
  private readonly responses: LeaseKeepAliveResponse[] = [];
  private readonly roundTripsMs: number[];
  /** Counts from the request, because the server cannot count the TTL from an earlier moment. */
  private expiresAt: number;
  private hasResponse = false;
  private renewAt = 0;
  private reopenAt = 0;
  private isExpired = false;
  /** An error that is not a failed call. */
  private fault: unknown;
  private wake: () => void = () => undefined;

  constructor(
    private readonly lease: LeaseClient,
    private readonly ID: bigint,
    private readonly options: KeepAliveOptions,
  ) {
    const { callOptions, clock, roundTripMs = 0 } = options;
    this.roundTripsMs = [roundTripMs];
    this.expiresAt =
      callOptions.deadlineAt === undefined ? Infinity : this.nowMs + callOptions.deadlineAt - clock.now();
  }

  /** The next response; undefined when the lease has expired or may have expired. */
  async next(): Promise<LeaseKeepAliveResponse | undefined> {
    const { signal } = this.options.streamOptions;
    for (;;) {
      const response = this.responses.shift();
      if (response) return response;
      if (this.fault !== undefined) throw this.fault;
      if (signal?.aborted) throw canceled(signal);
      if (this.isExpired) return undefined;
      if (this.nowMs >= this.lostAt) {
        await this.reportSilence();
        return undefined;
      }
      this.act();
      await this.change();
    }
  }

  close(): void {
    for (const stream of this.streams) stream.close();
    this.streams = [];
    this.wake();
  }

  /** Reports the timeout with the hints of the transport, which knows why its endpoints are silent. */
  private async reportSilence(): Promise<void> {
    const { streams } = this;
    this.streams = [];
    for (const stream of streams) stream.close(silence);
    const errors = await Promise.all(streams.map(({ ended }) => ended));
    const known = errors.filter((error) => error instanceof EtcdError);
    const hints = [...new Set(known.flatMap((error) => error.hints))];
    const endpoints = known.flatMap((error) => error.endpoints);
    const details = { hints, endpoints };
    this.options.onFailure(
      new EtcdError(StatusCode.DeadlineExceeded, "context deadline exceeded", true, details),
    );
  }

  private get nowMs(): number {
    return Number(this.options.clock.monotonicNs()) / 1e6;
  }

  private get slowestMs(): number {
    return Math.max(...this.roundTripsMs);
  }

  /** As in Go, the TTL counts from the arrival of the last response while the next response is on its way. */
  private get lostAt(): number {
    const isResponseDue = this.streams.some((stream) => stream.sentAt.some((ms) => ms <= this.expiresAt));
    return this.expiresAt + (isResponseDue ? this.slowestMs : 0);
  }

  private act(): void {
    const nowMs = this.nowMs;
    if (nowMs >= this.reopenAt && (this.streams.length === 0 || nowMs >= this.silentAt)) this.open();
    const current = this.streams.at(-1);
    if (current && nowMs >= this.renewAt && current.sentAt.length === 0) {
      current.silentAt = nowMs + Math.max(2 * this.slowestMs, (this.expiresAt - nowMs) / 2);
      current.send(nowMs);
    }
  }

  /** When the current stream counts as silent. */
  private get silentAt(): number {
    const current = this.streams.at(-1);
    return current && current.sentAt.length > 0 ? current.silentAt : Infinity;
  }

  private open(): void {
    if (this.streams.length === maxStreams) this.streams.shift()?.close(silence);
    const stream = new RenewalStream(this.lease, this.ID, this.options.streamOptions);
    this.streams.push(stream);
    stream.ended = this.read(stream);
  }

  /** Resolves to what ended the stream: an error, or undefined when the server ended it. */
  private async read(stream: RenewalStream): Promise<unknown> {
    let failure: unknown;
    try {
      for await (const response of stream.responses()) this.take(stream, response);
    } catch (error) {
      failure = error;
    }
    if (!this.streams.includes(stream) || this.options.streamOptions.signal?.aborted) return failure;
    this.streams = this.streams.filter((each) => each !== stream);
    this.reopenAt = this.nowMs + retryDelayMs;
    if (failure instanceof EtcdError && !(failure instanceof ServerStopped)) this.options.onFailure(failure);
    else if (failure !== undefined) this.fault = failure;
    this.wake();
    return failure;
  }

  /** Takes a response and closes the other streams, which are not needed any more. */
  private take(stream: RenewalStream, response: LeaseKeepAliveResponse): void {
    const nowMs = this.nowMs;
    const sentAt = stream.sentAt.shift() ?? nowMs - this.slowestMs;
    if (response.TTL <= 0n) this.isExpired = true;
    else {
      const ttlMs = Number(response.TTL) * 1000;
      this.roundTripsMs.push(nowMs - sentAt);
      if (this.roundTripsMs.length > roundTripsKept) this.roundTripsMs.shift();
      this.expiresAt = this.hasResponse ? Math.max(this.expiresAt, sentAt + ttlMs) : sentAt + ttlMs;
      this.hasResponse = true;
      this.options.onRenewal?.(this.expiresAt);
      this.renewAt = sentAt + Math.max(minIntervalMs, (ttlMs - this.slowestMs) / 3);
      if (this.responses.length < maxResponses) this.responses.push(response);
      for (const other of this.streams)
        if (other !== stream) other.close(other.sentAt.length > 0 ? silence : undefined);
      this.streams = [stream];
    }
    this.wake();
  }

  /** Resolves when there is something to do. */
  private async change(): Promise<void> {
    const { clock, streamOptions } = this.options;
    const current = this.streams.at(-1);
    const sendAt = current && current.sentAt.length === 0 ? this.renewAt : Infinity;
    const reopenAt = this.streams.length === 0 ? this.reopenAt : Math.max(this.reopenAt, this.silentAt);
    const delayMs = Math.min(sendAt, reopenAt, this.lostAt) - this.nowMs;
    const woken = new AbortController();
    this.wake = () => woken.abort();
    if (this.responses.length > 0 || this.isExpired || this.fault !== undefined) return;
    const { signal, release } = firstAborted(streamOptions.signal, woken.signal);
    // Round up to whole milliseconds, because a timer of less than one fires too early.
    await sleep(clock, Math.max(0, Math.ceil(delayMs)), signal);
    release();
  }
}

function canceled({ reason }: AbortSignal): EtcdError {
  return new EtcdError(StatusCode.Canceled, "context canceled", true, { cause: reason });
}

const silence = new EtcdError(StatusCode.DeadlineExceeded, "context deadline exceeded", true);

/** One stream of renewals. Its responses come in the order of its requests. */
class RenewalStream {
  /** When each request without a response was sent, in milliseconds of the monotonic clock. */
  readonly sentAt: number[] = [];
  silentAt = Infinity;
  /** Resolves when the stream has ended. */
  ended: Promise<unknown> = Promise.resolve();
  private toSend = 0;
  private readonly closing = new AbortController();
  private wake: () => void = () => undefined;

  constructor(
    private readonly lease: LeaseClient,
    private readonly ID: bigint,
    private readonly options: CallOptions,
  ) {}

  async *responses(): AsyncGenerator<LeaseKeepAliveResponse> {
    const { signal, release } = firstAborted(this.options.signal, this.closing.signal);
    try {
      yield* this.lease.leaseKeepAlive(this.requests(), { ...this.options, signal, requireLeader: true });
    } finally {
      release();
    }
  }

  send(nowMs: number): void {
    this.sentAt.push(nowMs);
    this.toSend++;
    this.wake();
  }

  /** With `silence` as the reason, the transport uses another member next time. */
  close(reason?: EtcdError): void {
    this.closing.abort(reason);
    this.wake();
  }

  private async *requests(): AsyncGenerator<LeaseKeepAliveRequest> {
    while (!this.closing.signal.aborted) {
      if (this.toSend > 0) {
        this.toSend--;
        yield { ID: this.ID };
      } else await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}

/**
 * The failure to report for a lease that could not be renewed, after one more. A timeout does not replace an earlier
 * failure, because a server's error says more.
 */
export function failureToReport(previous: EtcdError | undefined, next: EtcdError): EtcdError {
  return previous !== undefined && next.code === StatusCode.DeadlineExceeded ? previous : next;
}
