// All attempts of one call: on the serving endpoint, with token and metadata. A failed call is sent again after a token
// refresh, and where the retry rules allow it.
// Go: client/v3/retry_interceptor.go
import { EtcdError, StatusCode } from "../../errors";
import { rulesOf } from "../../etcd/methods";
import type { AnyMethod } from "../../proto/message";
import { Lifetime } from "../lifetime";
import { isSafeToRepeat, maxAttempts, pauseBeforeMs } from "../retry";
import type { TransportOptions } from "../transport";
import { unaryCall, type CallStart, type EndpointChannel } from "./channel";
import type { Pool } from "./pool";
import { NotSentError } from "./status";
import { authenticateMethod, type Token } from "./token";

/** The major and minor version, as in Go. Servers since 3.6 count clients by it. */
const clientApiVersion = "3.7";
/** A slow read is also sent to a second member after this time. */
const hedgingDelayMs = 1000;

export interface AttemptsContext {
  readonly pool: Pool;
  readonly token: Token;
  readonly options: TransportOptions;
}

export class Attempts {
  /** The endpoints that the call was sent to. */
  private readonly tried = new Set<EndpointChannel>();

  constructor(
    private readonly context: AttemptsContext,
    private readonly method: AnyMethod,
    readonly lifetime: Lifetime,
    private readonly requireLeader: boolean,
  ) {}

  /** What begins a call. Throws when the lifetime has ended meanwhile: such a call would stay open at the server. */
  start(lifetime = this.lifetime): CallStart {
    if (lifetime.endedBy) throw lifetime.error();
    // An older etcd refuses a login that has an expired token.
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
    const channel = await this.lifetime.connecting(() => this.context.pool.pick(this.lifetime));
    this.tried.add(channel);
    return channel;
  }

  /** Runs attempts until one succeeds or must not be repeated: at once after a token refresh, otherwise after a pause. */
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

  /** Sends a unary call. If a read gets no response, for example from a suspended member, a second member gets it too. */
  async callHedged(channel: EndpointChannel, bytes: Buffer): Promise<Buffer> {
    const { pool, options } = this.context;
    if (!rulesOf(this.method).hedged || pool.size === 1) return unaryCall(channel, this.start(), bytes);
    const losers = new AbortController();
    const unsubscribe = this.lifetime.onEnd(() => losers.abort());
    const lifetime = new Lifetime(options.clock, { deadlineAt: this.lifetime.deadlineAt }, losers.signal);
    try {
      const first = unaryCall(channel, this.start(lifetime), bytes);
      const outcome = await Promise.race([first.then(responded, responded), lifetime.sleep(hedgingDelayMs)]);
      const second = outcome === "responded" ? undefined : pool.anotherReady(channel);
      if (!second) return await first;
      this.debug(`${channel.endpoint.typed} is slow, sending the call to ${second.endpoint.typed} too`);
      this.tried.add(second);
      pool.avoid(channel);
      return await firstSuccess([first, unaryCall(second, this.start(lifetime), bytes)]);
    } finally {
      unsubscribe();
      losers.abort();
      lifetime.dispose();
    }
  }

  /** The error to throw. After a timeout it has a hint for each endpoint that the call needed. */
  failure(error: unknown): unknown {
    // The next call uses another endpoint.
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

const responded = () => "responded" as const;

async function firstSuccess<T>(calls: readonly Promise<T>[]): Promise<T> {
  try {
    return await Promise.any(calls);
  } catch (error) {
    throw error instanceof AggregateError ? error.errors[0] : error;
  }
}
