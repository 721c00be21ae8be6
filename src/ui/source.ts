// What the page's server needs of the program: a client, deadlines and the clock. The command `ui` makes it.
import type { EtcdClient } from "../client/client";
import type { ReadRangeOptions } from "../client/range";
import type { Clock } from "../clock";
import type { CallOptions } from "../transport/transport";

export interface Source {
  readonly kind: "cluster" | "offline";
  /** Endpoints, or the path of --offline. */
  readonly name: string;
  readonly client: EtcdClient;
  readonly endpoints: readonly string[];
  /** Empty if it is not known. */
  readonly userName: string;
  /** A client for one endpoint. */
  clientOf(endpoint: string): Promise<EtcdClient>;
  /** The deadline of one call. */
  call(): CallOptions;
  readonly clock: Clock;
}

/** How a handler reads: the page's own signal ends the call when the page has gone. */
export interface Caller {
  readonly source: Source;
  readonly signal: AbortSignal;
}

export function callOf({ source, signal }: Caller): CallOptions {
  return { ...source.call(), signal };
}

export function readingOf(caller: Caller): ReadRangeOptions {
  const { client, clock } = caller.source;
  return {
    transport: client.transport,
    callOptions: () => callOf(caller),
    streamOptions: () => ({ signal: caller.signal }),
    clock,
    requireStream: false,
  };
}
