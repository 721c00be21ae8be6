// The seam between the client and whatever answers it: a gRPC channel, or the embedded server in this process.
// Both encode and decode every message. Failures are EtcdError; nothing here prints.
import type { Clock } from "../clock";
import type { AnyMethod, Method } from "../proto/message";

export interface CallOptions {
  /** Ends the call at the peer too. Whose reason is an EtcdError DeadlineExceeded: the peer was silent, calls go elsewhere. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds since the epoch; after it the call fails with DeadlineExceeded. */
  readonly deadlineAt?: number | undefined;
  /** Sends `hasleader: true`: a member without a leader refuses the call instead of waiting (Go's WithRequireLeader). */
  readonly requireLeader?: boolean | undefined;
}

export interface Transport {
  unary<I, O>(method: Method<I, O, "unary">, request: I, options: CallOptions): Promise<O>;
  /** Leaving the loop cancels the call. */
  serverStream<I, O>(
    method: Method<I, O, "serverStream">,
    request: I,
    options: CallOptions,
  ): AsyncIterable<O>;
  /** Runs until both sides end; leaving the loop cancels the call. */
  duplex<I, O>(
    method: Method<I, O, "duplex">,
    requests: AsyncIterable<I>,
    options: CallOptions,
  ): AsyncIterable<O>;
  close(): Promise<void>;
}

/** The exact signature of one RPC on a client. */
export type ClientMethod<M extends AnyMethod> =
  M extends Method<infer I, infer O, infer K>
    ? K extends "unary"
      ? (request: I, options?: CallOptions) => Promise<O>
      : K extends "serverStream"
        ? (request: I, options?: CallOptions) => AsyncIterable<O>
        : (requests: AsyncIterable<I>, options?: CallOptions) => AsyncIterable<O>
    : never;

// What a transport is opened with: the connection part of the global flags, already resolved and typed.
// Answers to clientv3.ConfigSpec; zero and absent values mean what they mean there.

export interface TlsOptions {
  /** Paths, as typed. */
  readonly cacert?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** The name to look for in every server's certificate; the domain of DNS discovery. Default: each endpoint's host. */
  readonly serverName?: string | undefined;
  readonly insecureSkipVerify?: boolean | undefined;
  /** Default true: an endpoint without scheme is plain unless a flag speaks of TLS. */
  readonly insecureTransport?: boolean | undefined;
}

export type Credentials = { readonly user: string; readonly password: string } | { readonly token: string };

export interface TransportOptions {
  /** As typed; see endpoint.ts for the forms. */
  readonly endpoints: readonly string[];
  readonly tls?: TlsOptions | undefined;
  /** Limits only the authentication at the start, as in Go; 0 means no limit. */
  readonly dialTimeoutMs?: number | undefined;
  /** Ping a connection with calls after this silence (at least 10 s, as in Go); 0 means never. */
  readonly keepaliveTimeMs?: number | undefined;
  /** A ping not answered for so long ends the connection. */
  readonly keepaliveTimeoutMs?: number | undefined;
  /** 0 means 2 MiB. */
  readonly maxRequestBytes?: number | undefined;
  /** 0 means 2 GiB less a byte. */
  readonly maxReceiveBytes?: number | undefined;
  /** With an empty user or password nothing is authenticated, as in Go. */
  readonly credentials?: Credentials | undefined;
  readonly clock: Clock;
  /** Ends every call and every wait when aborted. */
  readonly signal?: AbortSignal | undefined;
  /** SSL_CERT_FILE and SSL_CERT_DIR are looked up here when no CA is named. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Gets one line per change of a connection and per attempt of a call. */
  readonly debug?: ((line: string) => void) | undefined;
}

const defaultMaxRequestBytes = 2 * 1024 * 1024;
const defaultMaxReceiveBytes = 2 ** 31 - 1;

export function requestLimit(options: TransportOptions): number {
  return options.maxRequestBytes || defaultMaxRequestBytes;
}

export function receiveLimit(options: TransportOptions): number {
  return options.maxReceiveBytes || defaultMaxReceiveBytes;
}
