// One call through all its attempts: on the serving endpoint, with token and metadata, again after a fresh token and where
// Go's rules allow it, and what it fails with in the end. Answers to client/v3/retry_interceptor.go.
import { EtcdError, StatusCode } from "../../errors";
import { rulesOf } from "../../etcd/methods";
import type { AnyMethod } from "../../proto/message";
import { Lifetime } from "../lifetime";
import { isSafeToRepeat, maxAttempts, pauseBeforeMs } from "../retry";
import type { TransportOptions } from "../transport";
import { unaryCall, type CallStart } from "./call";
import type { EndpointChannel } from "./endpoint-channel";
import type { Pool } from "./pool";
import { NotSentError } from "./status";
import { authenticateMethod, type Token } from "./token";

/** Go sends its major and minor version; a server from 3.6 on counts clients by it. */
const clientApiVersion = "3.7";
/** A read without an answer for so long is also asked of another member. */
const hedgingDelayMs = 1000;

export interface AttemptsContext {
  readonly pool: Pool;
  readonly token: Token;
  readonly options: TransportOptions;
}

export class Attempts {
  /** Endpoints that were sent the call. */
  private readonly tried = new Set<EndpointChannel>();

  constructor(
    private readonly context: AttemptsContext,
    private readonly method: AnyMethod,
    readonly lifetime: Lifetime,
    private readonly requireLeader: boolean,
  ) {}

  start(lifetime = this.lifetime): CallStart {
    // An older etcd refuses even a login that comes with a token that has run out.
    const token = this.method === authenticateMethod ? undefined : this.context.token.value;
    const metadata = {
      "client-api-version": clientApiVersion,
      ...(token !== undefined && { token }),
      ...(this.requireLeader && { hasleader: "true" }),
    };
    return { path: this.method.path, metadata, lifetime };
  }

  /** The endpoint for the next attempt. */
  async pick(): Promise<EndpointChannel> {
    const channel = await this.context.pool.pick(this.lifetime);
    this.tried.add(channel);
    return channel;
  }

  /** Go's loop: again at once after a fresh token, again after a pause where that is safe. */
  async run<T>(attemptOn: (channel: EndpointChannel) => Promise<T>): Promise<T> {
    const { pool, token } = this.context;
    let refreshed = false;
    for (let attempt = 1; ; attempt++) {
      const channel = await this.pick();
      try {
        return await attemptOn(channel);
      } catch (error) {
        if (!(error instanceof EtcdError) || this.lifetime.endedBy) throw error;
        this.debug(`at ${channel.endpoint.typed}, attempt ${attempt}: ${error.message}`);
        if (this.method !== authenticateMethod && token.shouldRefresh(error, refreshed)) {
          refreshed = true;
          await token.refresh(this.lifetime);
        } else {
          if (error instanceof NotSentError) this.tried.delete(channel);
          else if (attempt >= maxAttempts || !isSafeToRepeat(this.method, error, pool.size)) throw error;
          pool.avoid(channel);
        }
        await this.lifetime.sleep(pauseBeforeMs(attempt, pool.size));
      }
    }
  }

  /** A read that stays without an answer, as from a member that was stopped, is asked of a second one as well. */
  async callHedged(channel: EndpointChannel, bytes: Buffer): Promise<Buffer> {
    const { pool, options } = this.context;
    if (!rulesOf(this.method).hedged || pool.size === 1) return unaryCall(channel, this.start(), bytes);
    const losers = new AbortController();
    const forget = this.lifetime.onEnd(() => losers.abort());
    const lifetime = new Lifetime(options.clock, { deadlineAt: this.lifetime.deadlineAt }, losers.signal);
    try {
      const first = unaryCall(channel, this.start(lifetime), bytes);
      const slow = await Promise.race([first.then(answered, answered), lifetime.sleep(hedgingDelayMs)]);
      const second = slow === "answered" ? undefined : pool.anotherReady(channel);
      if (!second) return await first;
      this.debug(`${channel.endpoint.typed} is slow, asking ${second.endpoint.typed} too`);
      this.tried.add(second);
      pool.avoid(channel);
      return await firstSuccess([first, unaryCall(second, this.start(lifetime), bytes)]);
    } finally {
      forget();
      losers.abort();
      lifetime.dispose();
    }
  }

  /** A call that ran out of time tells what is wrong with the endpoints it needed. */
  failure(error: unknown): unknown {
    // The next call has better luck elsewhere.
    if (this.lifetime.endedBy === "deadline")
      for (const channel of this.tried) this.context.pool.avoid(channel);
    if (!(error instanceof EtcdError) || error.hints.length > 0) return error;
    const isTimeout = error.known && error.code === StatusCode.DeadlineExceeded;
    if (!isTimeout && !this.lifetime.endedBy) return error;
    return this.context.pool.failure(this.lifetime, this.tried, error);
  }

  private debug(text: string): void {
    this.context.options.debug?.(`${this.method.path} ${text}`);
  }
}

const answered = () => "answered" as const;

async function firstSuccess<T>(calls: readonly Promise<T>[]): Promise<T> {
  try {
    return await Promise.any(calls);
  } catch (error) {
    throw error instanceof AggregateError ? error.errors[0] : error;
  }
}
