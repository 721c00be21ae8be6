// The Transport over gRPC. It encodes and decodes messages and logs in at the start. Only commands that dial load it.
// Go: client/v3/client.go
import { EtcdError, StatusCode } from "../../errors";
import { decode, encode, type AnyMethod, type Method } from "../../proto/message";
import type { BadEndpoint, Endpoint } from "../endpoint";
import { forStream, Lifetime, withDeadline } from "../lifetime";
import type { TlsSetup } from "../tls/setup";
import {
  requestLimit,
  type CallOptions,
  type StreamOptions,
  type Transport,
  type TransportOptions,
} from "../transport";
import { unmarshal } from "../unmarshal";
import { Attempts } from "./attempts";
import type { EndpointChannel, OpenChannel, WireCall } from "./channel";
import { Pool } from "./pool";
import { Token, authenticateMethod } from "./token";

export class GrpcTransport implements Transport {
  private readonly closing = new AbortController();
  private readonly token: Token;

  constructor(
    private readonly pool: Pool,
    private readonly options: TransportOptions,
  ) {
    this.token = new Token(
      options.credentials,
      (login, lifetime) => this.send(authenticateMethod, login, lifetime, {}),
      options.clock,
    );
  }

  /** Gets the first token, within the dial timeout as in Go. */
  async authenticate(): Promise<void> {
    const { dialTimeoutMs, clock } = this.options;
    const lifetime = this.lifetime(dialTimeoutMs ? { deadlineAt: clock.now() + dialTimeoutMs } : {});
    try {
      await this.token.refresh(lifetime);
    } finally {
      lifetime.dispose();
    }
  }

  async unary<I, O>(method: Method<I, O, "unary">, request: I, options: CallOptions): Promise<O> {
    const lifetime = this.lifetime(withDeadline(options, this.options.clock));
    try {
      return await this.send(method, request, lifetime, options);
    } finally {
      lifetime.dispose();
    }
  }

  async *serverStream<I, O>(
    method: Method<I, O, "serverStream">,
    request: I,
    options: StreamOptions,
  ): AsyncGenerator<O, void, undefined> {
    const attempts = this.attempts(method, this.lifetime(forStream(options)), options);
    let call: WireCall | undefined;
    try {
      const bytes = this.encode(method, request);
      await attempts.lifetime.connecting(() => this.token.refreshForStream(attempts.lifetime));
      // Before the first message, another attempt cannot repeat messages.
      const first = await attempts.run(async (channel) => {
        call = channel.call({ ...attempts.start(), joinsMessages: options.joinsMessages });
        call.endSending(bytes);
        return { message: await call.receive() };
      });
      let { message } = first;
      while (message) {
        const response = message;
        yield unmarshal(() => decode(method.response, response));
        message = await call?.receive();
      }
    } catch (error) {
      throw attempts.failure(error);
    } finally {
      call?.cancel();
      attempts.lifetime.dispose();
    }
  }

  async *duplex<I, O>(
    method: Method<I, O, "duplex">,
    requests: AsyncIterable<I>,
    options: CallOptions,
  ): AsyncGenerator<O, void, undefined> {
    const attempts = this.attempts(method, this.lifetime(forStream(options)), options);
    let call: WireCall | undefined;
    let channel: EndpointChannel | undefined;
    const sender = new Sender();
    const source = requests[Symbol.asyncIterator]();
    try {
      await attempts.lifetime.connecting(() => this.token.refreshForStream(attempts.lifetime));
      channel = await attempts.pick();
      call = channel.call(attempts.start());
      sender.sendAll(call, source, (request) => this.encode(method, request));
      for (let message = await call.receive(); message; message = await call.receive()) {
        sender.countResponse(call);
        yield unmarshal(() => decode(method.response, message));
      }
    } catch (error) {
      // When the caller opens the stream again, it gets another member: this one may have lost its leader.
      if (channel && attempts.lifetime.endedBy !== "canceled") this.pool.avoid(channel);
      throw sender.failure ?? attempts.failure(error);
    } finally {
      call?.cancel();
      // Do not wait for the source: it may itself be waiting for its next request.
      source.return?.().catch(() => undefined);
      attempts.lifetime.dispose();
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
    lifetime: Lifetime,
    options: CallOptions,
  ): Promise<O> {
    const attempts = this.attempts(method, lifetime, options);
    const bytes = this.encode(method, request);
    try {
      const message = await attempts.run((channel) => attempts.callHedged(channel, bytes));
      return unmarshal(() => decode(method.response, message));
    } catch (error) {
      throw attempts.failure(error);
    }
  }

  private attempts(method: AnyMethod, lifetime: Lifetime, options: CallOptions): Attempts {
    const { pool, token } = this;
    return new Attempts(
      { pool, token, options: this.options },
      method,
      lifetime,
      options.requireLeader ?? false,
    );
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
}

/**
 * Sends the requests of a duplex call. `etcd grpc-proxy` takes the end of the requests as a cancellation, so the client ends
 * them only when it has as many responses as it has sent requests.
 */
class Sender {
  /** What ended the requests early, if they failed. */
  failure: unknown;
  private isOver = false;
  private unanswered = 0;

  sendAll<I>(
    call: WireCall,
    source: AsyncIterator<I, unknown, undefined>,
    encodeRequest: (request: I) => Buffer,
  ): void {
    this.send(call, source, encodeRequest).catch((error: unknown) => {
      this.failure = error;
      call.cancel();
    });
  }

  countResponse(call: WireCall): void {
    this.unanswered--;
    this.endWhenAnswered(call);
  }

  private async send<I>(
    call: WireCall,
    source: AsyncIterator<I, unknown, undefined>,
    encodeRequest: (request: I) => Buffer,
  ): Promise<void> {
    for (let next = await source.next(); !next.done; next = await source.next()) {
      this.unanswered++;
      if (!(await call.send(encodeRequest(next.value)))) return;
    }
    this.isOver = true;
    this.endWhenAnswered(call);
  }

  private endWhenAnswered(call: WireCall): void {
    if (!this.isOver || this.unanswered > 0) return;
    this.isOver = false;
    call.endSending();
  }
}

/** Starts to connect to all endpoints. Waits only for the login, when there is a user. */
export async function openGrpc(
  endpoints: readonly (Endpoint | BadEndpoint)[],
  options: TransportOptions,
  tls: TlsSetup | undefined,
  openChannel: OpenChannel,
): Promise<Transport> {
  const transport = new GrpcTransport(new Pool(endpoints, options, tls, openChannel), options);
  try {
    await transport.authenticate();
  } catch (error) {
    await transport.close();
    throw error;
  }
  return transport;
}
