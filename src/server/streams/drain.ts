// Ends connections without losing a call: what the server has received is answered first. Knows no protocol.
// Must stay true: a call that the server has begun is answered before its connection closes, unless the call waits for something that may never happen.
// Go: stopServers in server/embed/etcd.go, Drain in google.golang.org/grpc/internal/transport/http2_server.go

import { backgroundClock } from "../../clock";

/** What the end of a connection needs from it. HTTP/1 and HTTP/2 connections implement it. */
export interface DrainableConnection {
  /** Paths of the requests that are not over, such as `/etcdserverpb.KV/Put`. */
  openPaths(): Iterable<string>;
  /**
   * Asks the client to send no new request here: GOAWAY, or `Connection: close` with the next response. Resolves when
   * no request can arrive any more that the connection would still serve, at the latest when it closes.
   */
  goAway(): Promise<void> | void;
  /** Calls `listener` each time that a request is over, and when the connection has closed. */
  onProgress(listener: () => void): void;
  /**
   * Sends what is queued, then the end of the connection, and reads on until the client closes it: unread bytes would
   * make the system drop answers on their way.
   */
  end(): void;
  readonly isClosed: boolean;
  /** Closes at once. */
  destroy(): void;
}

/** How long a client may take to close the connection that the server has ended. */
const closeWaitMs = 500;

/** Resolves when all connections are closed; `limit` closes those that are left. */
export async function drain(connections: Iterable<DrainableConnection>, limit: AbortSignal): Promise<void> {
  const all = [...connections];
  const stop = () => {
    for (const each of all) each.destroy();
  };
  if (limit.aborted) return stop();
  limit.addEventListener("abort", stop, { once: true });
  try {
    await Promise.all(all.map((each) => drainOne(each)));
  } finally {
    limit.removeEventListener("abort", stop);
  }
}

async function drainOne(connection: DrainableConnection): Promise<void> {
  const mayClose = () => connection.isClosed || [...connection.openPaths()].every(isEndless);
  await connection.goAway();
  await progress(connection, mayClose);
  if (connection.isClosed) return;
  // Cuts the streams that never end: their client continues with another member.
  connection.end();
  const timer = backgroundClock.setTimeout(() => connection.destroy(), closeWaitMs);
  await progress(connection, () => connection.isClosed);
  timer.cancel();
}

function progress(connection: DrainableConnection, isDone: () => boolean): Promise<void> {
  if (isDone()) return Promise.resolve();
  return new Promise((resolve) => {
    connection.onProgress(() => {
      if (isDone()) resolve();
    });
  });
}

/**
 * Calls that wait for something that may never happen: they are cut. All others end by themselves and are awaited.
 * A call through the JSON gateway has the path of the gateway.
 */
const endless = new Set([
  "/etcdserverpb.Watch/Watch",
  "/etcdserverpb.Lease/LeaseKeepAlive",
  "/v3lockpb.Lock/Lock",
  "/v3electionpb.Election/Campaign",
  "/v3electionpb.Election/Observe",
  "/grpc.health.v1.Health/Watch",
  ...["/watch", "/lease/keepalive", "/lock/lock", "/election/campaign", "/election/observe"].map(
    (path) => `/v3${path}`,
  ),
]);

export function isEndless(path: string): boolean {
  return endless.has(path) || path.startsWith("/grpc.reflection.");
}
