// A client for programs: the transport's options without what only the command line needs to inject.
import { createClient, type EtcdClient } from "./client/client";
import { systemClock } from "./clock";
import { openTransport, type TransportOptions } from "./transport/open";

export interface ConnectOptions extends Omit<TransportOptions, "clock"> {
  /** Absent: the real one. */
  readonly clock?: TransportOptions["clock"];
}

/** Connects when the first call is made; credentials are checked before. close() ends the client. */
export async function connect(options: ConnectOptions): Promise<EtcdClient> {
  return createClient(await openTransport({ clock: systemClock, ...options }));
}
