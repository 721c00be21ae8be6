// A client of this very server, on behalf of one caller: locks and elections are made of calls that the caller could make
// himself, with the same rights. Answers to etcd's v3client, on which its lock and election services stand: of an error
// that came through it gRPC knows the text and no code.
import type { EtcdClient } from "../../client/client";
import { createClient } from "../../client/client";
import type { Patience } from "../../client/passing";
import { inProcessTransport } from "../in-process-transport";
import type { Member } from "./member";
import { EtcdError, StatusCode } from "../../errors";
import type { Route, Routes, ServerCall } from "./routes";

export interface Inner {
  readonly client: EtcdClient;
  /** Ends with the caller's call. */
  readonly patience: Patience;
  /** For cleaning up when that is over. */
  readonly afterwards: Patience;
}

export function innerClient(routes: Routes, { clock }: Member, caller: ServerCall): Inner {
  const client = createClient(inProcessTransport(routes, { clock, caller }));
  const call = () => ({});
  return {
    client,
    patience: { clock, call, signal: caller.signal },
    afterwards: { clock, call, signal: new AbortController().signal },
  };
}

/** The lease given, or a new one for who has none. Nobody keeps it alive but its owner. */
export async function leaseOf({ client, patience }: Inner, lease: bigint): Promise<bigint> {
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
