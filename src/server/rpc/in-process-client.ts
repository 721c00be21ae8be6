// A client of this same server that calls with one caller's permissions. Locks and elections consist of calls that the
// caller could make too. Go: server/etcdserver/api/v3client, on which etcd's lock and election services are built
import type { EtcdClient } from "../../client/client";
import { createClient } from "../../client/client";
import type { RetryOptions } from "../../client/retry";
import { EtcdError, StatusCode } from "../../errors";
import type { EtcdServer } from "../member/etcd-server";
import { inProcessTransport } from "./in-process-transport";
import type { Route, Routes, ServerCall } from "./routes";

export interface InProcessClient {
  readonly client: EtcdClient;
  /** Ends with the caller's call. */
  readonly retry: RetryOptions;
  /** For cleaning up after the caller's call has ended. */
  readonly cleanupRetry: RetryOptions;
}

export function inProcessClient(routes: Routes, { clock }: EtcdServer, caller: ServerCall): InProcessClient {
  const client = createClient(inProcessTransport(routes, { clock, caller }));
  const callOptions = () => ({});
  return {
    client,
    retry: { clock, callOptions, signal: caller.signal },
    cleanupRetry: { clock, callOptions, signal: new AbortController().signal },
  };
}

/** The lease of the request, or a new one for a request without a lease. Only the caller keeps it alive. */
export async function leaseOrNew({ client, retry }: InProcessClient, lease: bigint): Promise<bigint> {
  if (lease !== 0n) return lease;
  const { ID } = await client.lease.leaseGrant({ ID: 0n, TTL: newLeaseTtlSeconds }, { signal: retry.signal });
  return ID;
}

/** etcd's default TTL of a session. Go: client/v3/concurrency/session.go */
const newLeaseTtlSeconds = 60n;

/**
 * Returns errors to the caller as Unknown. etcd's lock and election services lose the code too, as the error comes from
 * the client inside the server.
 */
export function withUnknownCode([path, { method, handler }]: [string, Route]): [string, Route] {
  if (handler === undefined || method.kind !== "unary") return [path, { method, handler }];
  const wrapped = async (request: unknown, call: ServerCall): Promise<unknown> => {
    try {
      return await handler(request, call);
    } catch (error) {
      if (!(error instanceof EtcdError) || error.code === StatusCode.Canceled) throw error;
      throw new EtcdError(StatusCode.Unknown, error.desc, false, { cause: error });
    }
  };
  return [path, { method, handler: wrapped }];
}
