// The Transport over gRPC: each call on the serving endpoint, with token and metadata, sent again where Go's rules allow.
// Loaded only by commands that dial. Answers to clientv3.Client with its retry interceptor.
import { EtcdError, StatusCode } from "../../errors";
import { decode, encode } from "../../proto/codec";
import type { AnyMethod, Method, MessageType } from "../../proto/message";
import { Lifetime } from "../lifetime";
import { requestLimit, type TransportOptions } from "../options";
import { isRead, isSafeToRepeat, maxAttempts, pauseBeforeMs } from "../retry";
import type { CallOptions, Transport } from "../transport";
import { unaryCall, WireCall, type CallStart } from "./call";
import type { EndpointChannel } from "./endpoint-channel";
import type { Pool } from "./pool";
import { NotSentError } from "./status";
import { authenticateMethod, Token } from "./token";

/** Go sends its major and minor version; a server from 3.6 on counts clients by it. */
const clientApiVersion = "3.7";
/** A read without an answer for so long is also asked of another member. */
const secondMemberAfterMs = 1000;

/** What one call needs through all its attempts. */
interface Attempts {
  readonly method: AnyMethod;
  readonly lifetime: Lifetime;
  readonly requireLeader: boolean;
  /** Endpoints that were sent the call. */
  readonly asked: Set<EndpointChannel>;
}

export class GrpcTransport implements Transport {
  private readonly closing = new AbortController();
  private readonly token: Token;

  constructor(
    private readonly pool: Pool,
    private readonly options: TransportOptions,
  ) {
    this.token = new Token(
      options.credentials,
      (login, lifetime) => this.send(authenticateMethod, login, { lifetime }),
      options.clock,
    );
  }

  /** Fetches the first token, within the dial timeout as in Go. */
  async authenticate(): Promise<void> {
    const { dialTimeoutMs, clock } = this.options;
    const lifetime = this.lifetime(dialTimeoutMs ? { deadlineMs: clock.now() + dialTimeoutMs } : {});
    try {
      await this.token.fetch(lifetime);
    } finally {
      lifetime.end();
    }
  }

  async unary<I, O>(method: Method<I, O, "unary">, request: I, options: CallOptions): Promise<O> {
    const lifetime = this.lifetime(options);
    try {
      return await this.send(method, request, { lifetime, requireLeader: options.requireLeader ?? false });
    } finally {
      lifetime.end();
    }
  }

  async *serverStream<I, O>(
    method: Method<I, O, "serverStream">,
    request: I,
    options: CallOptions,
  ): AsyncGenerator<O, void, undefined> {
    const attempts = this.attempts(method, options);
    const bytes = this.encode(method, request);
    let call: WireCall | undefined;
    try {
      await this.token.fetchForStream(attempts.lifetime);
      // Until the first message has come, another attempt shows the caller nothing twice.
      const first = await this.retry(attempts, async (channel) => {
        call = new WireCall(channel, this.callStart(attempts));
        await call.send(bytes);
        call.endSending();
        return { message: await call.receive() };
      });
      let { message } = first;
      while (message) {
        yield this.decode(method.response, message);
        message = await call?.receive();
      }
    } catch (error) {
      throw this.asFailure(attempts, error);
    } finally {
      call?.cancel();
      attempts.lifetime.end();
    }
  }

  async *duplex<I, O>(
    method: Method<I, O, "duplex">,
    requests: AsyncIterable<I>,
    options: CallOptions,
  ): AsyncGenerator<O, void, undefined> {
    const attempts = this.attempts(method, options);
    let call: WireCall | undefined;
    let sendingFailed: unknown;
    const source = requests[Symbol.asyncIterator]();
    try {
      await this.token.fetchForStream(attempts.lifetime);
      const running = new WireCall(await this.pool.pick(attempts.lifetime), this.callStart(attempts));
      call = running;
      this.sendAll(running, method, source).catch((error: unknown) => {
        sendingFailed = error;
        running.cancel();
      });
      for (let message = await running.receive(); message; message = await running.receive()) {
        yield this.decode(method.response, message);
      }
    } catch (error) {
      throw sendingFailed ?? this.asFailure(attempts, error);
    } finally {
      call?.cancel();
      // The source may be waiting for its own next request: it is told, not waited for.
      source.return?.().catch(() => undefined);
      attempts.lifetime.end();
    }
  }

  async close(): Promise<void> {
    this.closing.abort();
    this.pool.close();
    await Promise.resolve();
  }

  private async send<I, O>(
    method: Method<I, O, "unary">,
    request: I,
    call: { lifetime: Lifetime; requireLeader?: boolean },
  ): Promise<O> {
    const attempts = { method, requireLeader: false, ...call, asked: new Set<EndpointChannel>() };
    const bytes = this.encode(method, request);
    try {
      const response = await this.retry(attempts, (channel) => this.attempt(attempts, channel, bytes));
      return this.decode(method.response, response);
    } catch (error) {
      throw this.asFailure(attempts, error);
    }
  }

  /** Go's loop: again at once after a fresh token, again after a pause where that is safe. */
  private async retry<T>(attempts: Attempts, run: (channel: EndpointChannel) => Promise<T>): Promise<T> {
    const { method, lifetime } = attempts;
    let refreshed = false;
    for (let attempt = 1; ; attempt++) {
      const channel = await this.pool.pick(lifetime);
      try {
        attempts.asked.add(channel);
        return await run(channel);
      } catch (error) {
        if (!(error instanceof EtcdError) || lifetime.over) throw error;
        this.options.debug?.(
          `${method.path} at ${channel.endpoint.typed}, attempt ${attempt}: ${error.message}`,
        );
        if (method !== authenticateMethod && this.token.mayHelp(error, refreshed)) {
          refreshed = true;
          await this.token.fetch(lifetime);
        } else if (error instanceof NotSentError) {
          attempts.asked.delete(channel);
          this.pool.avoid(channel);
        } else {
          if (attempt >= maxAttempts || !isSafeToRepeat(method, error, this.pool.size)) throw error;
          this.pool.avoid(channel);
        }
        await lifetime.sleep(pauseBeforeMs(attempt, this.pool.size));
      }
    }
  }

  /** A read that stays without an answer, as from a member that was stopped, is asked of a second one as well. */
  private async attempt(attempts: Attempts, channel: EndpointChannel, bytes: Buffer): Promise<Buffer> {
    if (!isRead(attempts.method) || this.pool.size === 1) {
      return unaryCall(channel, this.callStart(attempts), bytes);
    }
    const losers = new AbortController();
    const forget = attempts.lifetime.onOver(() => losers.abort());
    const lifetime = new Lifetime(
      this.options.clock,
      { deadlineMs: attempts.lifetime.deadlineMs },
      losers.signal,
    );
    const ask = (member: EndpointChannel) =>
      unaryCall(member, this.callStart({ ...attempts, lifetime }), bytes);
    try {
      const first = ask(channel);
      const slow = await Promise.race([first.then(answered, answered), lifetime.sleep(secondMemberAfterMs)]);
      const second = slow === "answered" ? undefined : this.pool.other(channel);
      if (!second) return await first;
      this.options.debug?.(
        `${attempts.method.path}: ${channel.endpoint.typed} is slow, asking ${second.endpoint.typed} too`,
      );
      attempts.asked.add(second);
      this.pool.avoid(channel);
      return await firstSuccess([first, ask(second)]);
    } finally {
      forget();
      losers.abort();
      lifetime.end();
    }
  }

  private callStart({ method, lifetime, requireLeader }: Attempts): CallStart {
    const metadata = {
      "client-api-version": clientApiVersion,
      ...(this.token.value !== undefined && { token: this.token.value }),
      ...(requireLeader && { hasleader: "true" }),
    };
    return { path: method.path, metadata, lifetime };
  }

  private attempts(method: AnyMethod, options: CallOptions): Attempts {
    const requireLeader = options.requireLeader ?? false;
    return { method, lifetime: this.lifetime(options), requireLeader, asked: new Set() };
  }

  private lifetime(options: CallOptions): Lifetime {
    return new Lifetime(this.options.clock, options, this.options.signal, this.closing.signal);
  }

  private encode<I>(method: Method<I, unknown>, request: I): Buffer {
    const bytes = encode(method.request, request);
    const limit = requestLimit(this.options);
    if (bytes.length <= limit) return bytes;
    throw new EtcdError(
      StatusCode.ResourceExhausted,
      `trying to send message larger than max (${bytes.length} vs. ${limit})`,
      false,
      { hints: ["raise --max-request-bytes here, and on the server too"] },
    );
  }

  private decode<O>(type: MessageType<O>, bytes: Buffer): O {
    try {
      return decode(type, bytes);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const text = `grpc: failed to unmarshal the received message: ${reason}`;
      throw new EtcdError(StatusCode.Internal, text, false, { cause });
    }
  }

  private async sendAll<I>(
    call: WireCall,
    method: Method<I, unknown>,
    source: AsyncIterator<I, unknown, undefined>,
  ): Promise<void> {
    for (let next = await source.next(); !next.done; next = await source.next()) {
      if (!(await call.send(this.encode(method, next.value)))) return;
    }
    call.endSending();
  }

  /** A call that ran out of time tells what is wrong with the endpoints it needed. */
  private asFailure({ lifetime, asked }: Attempts, error: unknown): unknown {
    if (!(error instanceof EtcdError) || error.hints.length > 0) return error;
    const isTimeout = error.known && error.code === StatusCode.DeadlineExceeded;
    return lifetime.over || isTimeout ? this.pool.failure(lifetime, asked, error) : error;
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
