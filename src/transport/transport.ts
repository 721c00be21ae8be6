// The seam between the client and whatever answers it: a gRPC channel, or the embedded server in this process.
// Both encode and decode every message. Failures are EtcdError; nothing here prints.
import type { AnyMethod, Method } from "../proto/message";

export interface CallOptions {
  /** Ends the call at the peer too. Whose reason is an EtcdError DeadlineExceeded: the peer was silent, calls go elsewhere. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds since the epoch; after it the call fails with DeadlineExceeded. */
  readonly deadlineMs?: number | undefined;
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
