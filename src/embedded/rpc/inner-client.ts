// A client of this very server, on behalf of one caller: locks and elections are made of calls that the caller could make
// himself, with the same rights. Answers to etcd's v3client, on which its lock and election services stand.
import type { EtcdClient } from "../../client/client";
import { createClient } from "../../client/client";
import type { Patience } from "../../client/passing";
import { inProcessTransport } from "../in-process-transport";
import type { Member } from "./member";
import type { Routes, ServerCall } from "./routes";

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
