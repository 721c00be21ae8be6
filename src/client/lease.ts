// Keeping a lease alive: once, or for as long as it lives, across slow answers, broken streams and other members.
// Must stay true: a late answer counts, whichever stream it comes from. A second stream is opened beside a silent one,
// not instead of it, and no stream counts as silent before it has taken longer than the last answers took.
// Go: client/v3/lease.go
import { sleep, type Clock } from "../clock";
import { EtcdError, StatusCode } from "../errors";
import { serverError } from "../etcd/error-table";
import type { LeaseKeepAliveRequest, LeaseKeepAliveResponse } from "../proto/gen/etcdserverpb";
import type { CallOptions } from "../transport/transport";
import type { EtcdClient } from "./client";
import { isTransient } from "./retry";

type LeaseClient = EtcdClient["lease"];

const retryMs = 500;

/**
 * Renews the lease once. Retries transient failures until the deadline of `call`.
 * Throws EtcdError: `etcdserver: requested lease not found` when there is no such lease.
 */
export async function keepAliveOnce(
  lease: LeaseClient,
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

async function* only<T>(item: T): AsyncGenerator<T> {
  yield item;
}

async function firstOf<T>(items: AsyncIterable<T>): Promise<T | undefined> {
  for await (const item of items) return item;
  return undefined;
}

export interface KeepAliveOptions {
  /** Its deadline is the time for the first answer. */
  readonly callOptions: CallOptions;
  readonly streamOptions: CallOptions;
  readonly clock: Clock;
  /** How long an earlier answer of this server took, in milliseconds. Default: 0. */
  readonly roundTripMs?: number;
  /** Called for every broken stream. The next stream is opened half a second later. */
  readonly onFailure: (error: EtcdError) => void;
}

/**
 * Yields a response for each renewal, about three in the lease's time. Ends when the server reports that the lease is
 * gone, or when no answer has come for as long as the lease may live. Throws EtcdError(Canceled) when `streamOptions.signal` is
 * aborted.
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

/** Streams at the same time. When all are silent, a new one replaces the oldest. */
const maxStreams = 3;
/** The shortest time between two renewals, for links whose round trip takes most of the lease's time. */
const minIntervalMs = 100;
/** So many of the last round trips decide how long an answer may take. */
const roundTripsKept = 3;

class Renewal {
  /** Oldest first; the last one gets the requests. */
  private streams: RenewalStream[] = [];
  private readonly answered: LeaseKeepAliveResponse[] = [];
  private readonly roundTripsMs: number[];
  /** The server cannot have counted the lease's time from earlier than the request that it answered. */
  private aliveUntilMs: number;
  private hasAnswer = false;
  private dueMs = 0;
  private openMs = 0;
  private isGone = false;
  /** What is no failure of a call. */
  private fault: unknown;
  private wake: () => void = () => undefined;

  constructor(
    private readonly lease: LeaseClient,
    private readonly ID: bigint,
    private readonly options: KeepAliveOptions,
  ) {
    const { callOptions, clock, roundTripMs = 0 } = options;
    this.roundTripsMs = [roundTripMs];
    this.aliveUntilMs =
      callOptions.deadlineAt === undefined ? Infinity : this.nowMs + callOptions.deadlineAt - clock.now();
  }

  /** The next answer; undefined when the lease is gone or may be. */
  async next(): Promise<LeaseKeepAliveResponse | undefined> {
    const { signal } = this.options.streamOptions;
    for (;;) {
      const response = this.answered.shift();
      if (response) return response;
      if (this.fault !== undefined) throw this.fault;
      if (signal?.aborted) throw canceled(signal);
      if (this.isGone) return undefined;
      if (this.nowMs >= this.lostMs) {
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

  /** The transport knows why its endpoints are silent. */
  private async reportSilence(): Promise<void> {
    const { streams } = this;
    this.streams = [];
    for (const stream of streams) stream.close(silence);
    const errors = await Promise.all(streams.map(({ ended }) => ended));
    const hints = new Set(errors.flatMap((error) => (error instanceof EtcdError ? error.hints : [])));
    this.options.onFailure(
      new EtcdError(StatusCode.DeadlineExceeded, "context deadline exceeded", true, { hints: [...hints] }),
    );
  }

  private get nowMs(): number {
    return Number(this.options.clock.monotonicNs()) / 1e6;
  }

  private get slowestMs(): number {
    return Math.max(...this.roundTripsMs);
  }

  /** As in Go, a lease's time counts from the arrival of the answer, as long as the next answer is on its way. */
  private get lostMs(): number {
    const isAnswerDue = this.streams.some((stream) => stream.sentMs.some((ms) => ms <= this.aliveUntilMs));
    return this.aliveUntilMs + (isAnswerDue ? this.slowestMs : 0);
  }

  private act(): void {
    const nowMs = this.nowMs;
    if (nowMs >= this.openMs && (this.streams.length === 0 || nowMs >= this.silentMs)) this.open();
    const current = this.streams.at(-1);
    if (current && nowMs >= this.dueMs && current.sentMs.length === 0) {
      current.silentMs = nowMs + Math.max(2 * this.slowestMs, (this.aliveUntilMs - nowMs) / 2);
      current.send(nowMs);
    }
  }

  /** When the current stream counts as silent. */
  private get silentMs(): number {
    const current = this.streams.at(-1);
    return current && current.sentMs.length > 0 ? current.silentMs : Infinity;
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
    this.openMs = this.nowMs + retryMs;
    if (failure instanceof EtcdError) this.options.onFailure(failure);
    else if (failure !== undefined) this.fault = failure;
    this.wake();
    return failure;
  }

  /** This stream answers: the others are not needed any more. */
  private take(stream: RenewalStream, response: LeaseKeepAliveResponse): void {
    const nowMs = this.nowMs;
    const sentMs = stream.sentMs.shift() ?? nowMs - this.slowestMs;
    if (response.TTL <= 0n) this.isGone = true;
    else {
      const ttlMs = Number(response.TTL) * 1000;
      this.roundTripsMs.push(nowMs - sentMs);
      if (this.roundTripsMs.length > roundTripsKept) this.roundTripsMs.shift();
      this.aliveUntilMs = this.hasAnswer ? Math.max(this.aliveUntilMs, sentMs + ttlMs) : sentMs + ttlMs;
      this.hasAnswer = true;
      this.dueMs = sentMs + Math.max(minIntervalMs, (ttlMs - this.slowestMs) / 3);
      this.answered.push(response);
      for (const other of this.streams)
        if (other !== stream) other.close(other.sentMs.length > 0 ? silence : undefined);
      this.streams = [stream];
    }
    this.wake();
  }

  /** Resolves when there is something to do. */
  private async change(): Promise<void> {
    const { clock, streamOptions } = this.options;
    const current = this.streams.at(-1);
    const sendMs = current && current.sentMs.length === 0 ? this.dueMs : Infinity;
    const openMs = this.streams.length === 0 ? this.openMs : Math.max(this.openMs, this.silentMs);
    const delayMs = Math.min(sendMs, openMs, this.lostMs) - this.nowMs;
    const woken = new AbortController();
    this.wake = () => woken.abort();
    if (this.answered.length > 0 || this.isGone || this.fault !== undefined) return;
    const { signal } = streamOptions;
    const signals = signal ? [signal, woken.signal] : [woken.signal];
    // Whole milliseconds: a timer of less fires too early to be of use.
    await sleep(clock, Math.max(0, Math.ceil(delayMs)), AbortSignal.any(signals));
  }
}

function canceled({ reason }: AbortSignal): EtcdError {
  return new EtcdError(StatusCode.Canceled, "context canceled", true, { cause: reason });
}

const silence = new EtcdError(StatusCode.DeadlineExceeded, "context deadline exceeded", true);

/** One stream of renewals. Its answers come in the order of its requests. */
class RenewalStream {
  /** When each unanswered request was sent, in milliseconds of the monotonic clock. */
  readonly sentMs: number[] = [];
  silentMs = Infinity;
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

  responses(): AsyncIterable<LeaseKeepAliveResponse> {
    const { signal } = this.options;
    const signals = signal ? [signal, this.closing.signal] : [this.closing.signal];
    const options = { ...this.options, signal: AbortSignal.any(signals), requireLeader: true };
    return this.lease.leaseKeepAlive(this.requests(), options);
  }

  send(nowMs: number): void {
    this.sentMs.push(nowMs);
    this.toSend++;
    this.wake();
  }

  /** With `silence` as the reason, the transport asks another member next time. */
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

/** What to report after one more failure: a try that ran out of time says less than an earlier answer. */
export function failureReason(before: string | undefined, { code, message, hints }: EtcdError): string {
  if (before !== undefined && code === StatusCode.DeadlineExceeded) return before;
  return [message, ...hints].join("; ");
}
