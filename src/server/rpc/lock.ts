// The Lock service: a key under the name for the caller's lease, and waiting until it is the oldest.
// Answers to etcd's api/v3lock and to Mutex of client/v3/concurrency. What it needs is loaded with the first call.
import type { EtcdClient } from "../../client/client";
import { createClient } from "../../client/client";
import type { RetryOptions } from "../../client/retry";
import { EtcdError, StatusCode } from "../../errors";
import { DeleteRangeRequest, RangeRequest } from "../../proto/gen/etcdserverpb";
import type { LockRequest, LockResponse, LockService } from "../../proto/gen/v3lockpb";
import type { EtcdServer } from "../etcd-server";
import { identity } from "../etcd-server";
import { inProcessTransport } from "../in-process-transport";
import type { Route, Routes, ServerCall, ServiceHandlers } from "./routes";

/** `routes`: those of the services that locks are made of. */
export function lockHandlers(member: EtcdServer, routes: Routes): ServiceHandlers<typeof LockService> {
  return {
    lock: (request, call) => lock(member, routes, request, call),

    async unlock({ key }, call) {
      const { client, patience } = inProcessClient(routes, member, call);
      const { header } = await client.kv.deleteRange(DeleteRangeRequest.create({ key }), {
        signal: patience.signal,
      });
      return { header };
    },
  };
}

async function lock(
  member: EtcdServer,
  routes: Routes,
  { name, lease }: LockRequest,
  call: ServerCall,
): Promise<LockResponse> {
  const {
    tryAcquire: claim,
    rangeWithRetry: read,
    waitDeletes: turnOf,
    release: withdraw,
  } = await import("../../client/concurrency/mutex");
  const inner = inProcessClient(routes, member, call);
  const { client, patience, afterwards } = inner;
  const claimant = { name, leaseId: await leaseOf(inner, lease) };
  const mine = await claim(client, claimant, patience);
  if (mine.isAcquired) return { header: { ...identity(member), revision: mine.revision }, key: mine.key };
  try {
    await turnOf(client, mine, patience);
  } catch (error) {
    await withdraw(client, claimant, afterwards);
    throw error;
  }
  // The lease may have run out while we waited.
  const { header, kvs } = await read(client, RangeRequest.create({ key: mine.key }), patience);
  if (kvs.length === 0) throw new Error("mutex: session is expired");
  return { header, key: mine.key };
}

// A client of this very server, on behalf of one caller: locks and elections are made of calls that the caller could make
// himself, with the same rights. Answers to etcd's v3client, on which its lock and election services stand: of an error
// that came through it gRPC knows the text and no code.

export interface InProcessClient {
  readonly client: EtcdClient;
  /** Ends with the caller's call. */
  readonly patience: RetryOptions;
  /** For cleaning up when that is over. */
  readonly afterwards: RetryOptions;
}

export function inProcessClient(routes: Routes, { clock }: EtcdServer, caller: ServerCall): InProcessClient {
  const client = createClient(inProcessTransport(routes, { clock, caller }));
  const call = () => ({});
  return {
    client,
    patience: { clock, callOptions: call, signal: caller.signal },
    afterwards: { clock, callOptions: call, signal: new AbortController().signal },
  };
}

/** The lease given, or a new one for who has none. Nobody keeps it alive but its owner. */
export async function leaseOf({ client, patience }: InProcessClient, lease: bigint): Promise<bigint> {
  if (lease !== 0n) return lease;
  const { ID } = await client.lease.leaseGrant({ ID: 0n, TTL: ttlSeconds }, { signal: patience.signal });
  return ID;
}

const ttlSeconds = 60n;

/** What is refused on the caller's behalf is told to him with gRPC's code Unknown. */
export function toldWithoutCode([path, { method, handler }]: [string, Route]): [string, Route] {
  if (handler === undefined || method.kind !== "unary") return [path, { method, handler }];
  const told = async (request: unknown, call: ServerCall): Promise<unknown> => {
    try {
      return await handler(request, call);
    } catch (error) {
      if (!(error instanceof EtcdError) || error.code === StatusCode.Canceled) throw error;
      throw new EtcdError(StatusCode.Unknown, error.desc, false, { cause: error });
    }
  };
  return [path, { method, handler: told }];
}
