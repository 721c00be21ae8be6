// The interface between the client and what serves its calls: a gRPC channel, or the embedded server in this process. Both
// encode and decode every message.
import type { Clock } from "../clock";
import type { AnyMethod, Method } from "../proto/message";

/** Options of one call. All are optional. With both `deadlineAt` and `timeoutMs`, the earlier one counts. */
export interface CallOptions {
  /**
   * Cancels the call when it is aborted, at the server too; the call then fails with Canceled. With an EtcdError of code
   * DeadlineExceeded as the abort reason, it fails with that code, and the next call uses another endpoint. Default: none.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * The point in time, in milliseconds since the Unix epoch on the transport's clock, at which the call fails with
   * DeadlineExceeded. It also ends an established stream. A point in the past makes the call fail at once. Default: none.
   */
  readonly deadlineAt?: number | undefined;
  /**
   * The longest time for the call, in milliseconds, more than 0; Infinity means no limit. Then the call fails with
   * DeadlineExceeded. For a stream it is the same as `connectTimeoutMs`: an established stream has no limit. Default: that
   * of the client, unless `deadlineAt` is given; none on a bare transport.
   */
  readonly timeoutMs?: number | undefined;
  /**
   * The longest wait for a connection, in milliseconds, more than 0; Infinity means no limit. Then the call fails with
   * DeadlineExceeded. The time of an established call does not count. Default: no limit but those of the call.
   */
  readonly connectTimeoutMs?: number | undefined;
  /**
   * Makes a member without a leader refuse the call with `etcdserver: no leader`, instead of waiting for one. Sends the
   * metadata `hasleader: true`, like clientv3.WithRequireLeader. Default: false.
   */
  readonly requireLeader?: boolean | undefined;
}

export interface StreamOptions extends CallOptions {
  /**
   * Messages may come joined: one response is read from the bytes of several, one after the other, as protobuf merges messages. Its
   * type must keep what each of them has. The caller uses a response, and the bytes in it, only until it requests the next one.
   * A stream of gigabytes then takes little time and memory. Default: false.
   */
  readonly joinsMessages?: boolean | undefined;
}

/**
 * Sends calls to a cluster. Every failure of a call is an EtcdError: the server's status, or Canceled, DeadlineExceeded or
 * Unavailable from the transport.
 */
export interface Transport {
  /** Sends one request. Resolves to the response. */
  unary<I, O>(method: Method<I, O, "unary">, request: I, options: CallOptions): Promise<O>;
  /** Sends one request and yields the responses. The call starts with the loop. Leaving the loop cancels it. */
  serverStream<I, O>(
    method: Method<I, O, "serverStream">,
    request: I,
    options: StreamOptions,
  ): AsyncIterable<O>;
  /** Sends requests and yields responses until both sides have ended. Leaving the loop cancels the call. */
  duplex<I, O>(
    method: Method<I, O, "duplex">,
    requests: AsyncIterable<I>,
    options: CallOptions,
  ): AsyncIterable<O>;
  /** Ends every running call with Canceled and closes all connections. A second call does nothing. */
  close(): Promise<void>;
}

/** The signature of one RPC on a client. */
export type ClientMethod<M extends AnyMethod> =
  M extends Method<infer I, infer O, infer K>
    ? K extends "unary"
      ? (request: I, options?: CallOptions) => Promise<O>
      : K extends "serverStream"
        ? (request: I, options?: StreamOptions) => AsyncIterable<O>
        : (requests: AsyncIterable<I>, options?: CallOptions) => AsyncIterable<O>
    : never;

/** TLS files and checks, like the flags of etcdctl with the same names. Paths are relative to the working directory. */
export interface TlsOptions {
  /** File with the CA certificates (PEM) that verify the servers. Default: the system's CA certificates. */
  readonly cacert?: string | undefined;
  /** File with the client certificate (PEM). Requires `key`. Default: no client certificate. */
  readonly cert?: string | undefined;
  /** File with the private key of `cert` (PEM, without passphrase). */
  readonly key?: string | undefined;
  /**
   * Name that must be in every server's certificate; etcdctl passes the domain of DNS discovery. Default: the host of
   * each endpoint.
   */
  readonly serverName?: string | undefined;
  /** Accept any server certificate. Default: false. */
  readonly insecureSkipVerify?: boolean | undefined;
  /**
   * Whether endpoints without a scheme are plain when no other TLS option is set. Default: true. With false, they use
   * TLS.
   */
  readonly insecureTransport?: boolean | undefined;
}

/** A user with a password, for which the transport fetches tokens, or a token that the caller already has. */
export type Credentials = { readonly user: string; readonly password: string } | { readonly token: string };

/** How to reach a cluster. Zero means the same as in clientv3.ConfigSpec. Go: client/v3/config.go */
export interface TransportOptions {
  /**
   * At least one of `HOST:PORT`, `http://HOST:PORT`, `https://HOST:PORT`, `unix://PATH` or `unixs://PATH`. Each endpoint's
   * scheme decides about TLS; without a scheme, the options in `tls` decide.
   */
  readonly endpoints: readonly string[];
  /** Default: no TLS files and no further checks. */
  readonly tls?: TlsOptions | undefined;
  /** The longest time for the login when the transport opens, in milliseconds. Default: 0, which means no limit. */
  readonly dialTimeoutMs?: number | undefined;
  /**
   * The client pings a connection with running calls after this silence, in milliseconds. Less than 10 s counts as 10 s,
   * as in grpc-go. Default: 0, which means never.
   */
  readonly keepaliveTimeMs?: number | undefined;
  /** A connection closes when a ping has no response for this time, in milliseconds. Default: 20 s. */
  readonly keepaliveTimeoutMs?: number | undefined;
  /** The largest request, in bytes. A larger one fails with ResourceExhausted. Default: 0, which means 2 MiB. */
  readonly maxRequestBytes?: number | undefined;
  /** The largest response, in bytes. Must not be less than `maxRequestBytes`. Default: 0, which means 2^31 - 1. */
  readonly maxReceiveBytes?: number | undefined;
  /** Default: none. With an empty user or password the transport does not log in, as in Go. */
  readonly credentials?: Credentials | undefined;
  /** The source of time for deadlines, retries and pings. */
  readonly clock: Clock;
  /**
   * Returns numbers from 0 (included) to 1 (not included), which choose the order of connecting to the endpoints. Default:
   * Math.random.
   */
  readonly random?: (() => number) | undefined;
  /** Ends every call and every wait when it is aborted. Default: none. */
  readonly signal?: AbortSignal | undefined;
  /** Environment variables. SSL_CERT_FILE and SSL_CERT_DIR count when `tls.cacert` is not set. Default: none. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Called with one line per change of a connection and per failed attempt of a call. Default: none. */
  readonly debug?: ((line: string) => void) | undefined;
}

const defaultMaxRequestBytes = 2 * 1024 * 1024;
const defaultMaxReceiveBytes = 2 ** 31 - 1;

/** A limit below 0, which flags can have, is no limit of the caller. Go: client/v3/client.go (newClient) */
export function requestLimit({ maxRequestBytes = 0 }: TransportOptions): number {
  return maxRequestBytes > 0 ? maxRequestBytes : defaultMaxRequestBytes;
}

export function receiveLimit({ maxReceiveBytes = 0 }: TransportOptions): number {
  return maxReceiveBytes > 0 ? maxReceiveBytes : defaultMaxReceiveBytes;
}
