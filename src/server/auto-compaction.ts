// Automatic compaction: of revisions older than a time, or further back than a number of revisions.
// Must stay true: after stop() no timer runs.
// Go: server/etcdserver/api/v3compactor/periodic.go and revision.go
import type { Clock } from "../clock";
import type { EtcdServer } from "./etcd-server";

/**
 * How the server compacts automatically: `periodic` removes revisions older than `keepMs` milliseconds, `revision` removes
 * all but the newest `keepRevisions` revisions, checked every 5 minutes. Same as etcd's --auto-compaction-mode.
 */
export type AutoCompaction =
  | { readonly mode: "periodic"; readonly keepMs: number }
  | { readonly mode: "revision"; readonly keepRevisions: number };

const hourMs = 3_600_000;
const revisionIntervalMs = 5 * 60_000;
/** Number of times that the server records the revision in each period (at most an hour). */
const checksPerPeriod = 10;

export function startAutoCompaction(server: EtcdServer, options: AutoCompaction): { stop(): void } {
  const { clock } = server;
  return options.mode === "periodic"
    ? every(clock, checkIntervalMs(options.keepMs), periodicCheck(server, options.keepMs))
    : every(clock, revisionIntervalMs, revisionCheck(server, options.keepRevisions));
}

function checkIntervalMs(keepMs: number): number {
  return Math.min(keepMs, hourMs) / checksPerPeriod;
}

/** Records the revision at each check. The oldest recorded one is compacted once it is a period old. */
function periodicCheck(server: EtcdServer, keepMs: number): () => void {
  const maxRecorded = Math.floor(keepMs / checkIntervalMs(keepMs)) + 1;
  const revisions = [server.store.revision];
  let lastCompacted = 0;
  let checksUntilCompaction = checksPerPeriod * (keepMs / Math.min(keepMs, hourMs));
  return () => {
    checksUntilCompaction--;
    const oldest = revisions[0] ?? 0;
    if (checksUntilCompaction <= 0 && oldest !== lastCompacted) {
      compact(server, oldest);
      lastCompacted = oldest;
      checksUntilCompaction = checksPerPeriod;
    }
    revisions.push(server.store.revision);
    if (revisions.length > maxRecorded) revisions.shift();
  };
}

function revisionCheck(server: EtcdServer, keepRevisions: number): () => void {
  return () => {
    const revision = server.store.revision - keepRevisions;
    if (revision > 0) compact(server, revision);
  };
}

function compact(server: EtcdServer, revision: number): void {
  // A client may have compacted as far already.
  if (revision <= server.store.compactRevision || !server.membership.hasQuorum) return;
  server.proposeAlone("compaction", { revision: BigInt(revision), physical: false });
  server.store.compacting?.catch((error: unknown) => server.onError?.(error));
}

function every(clock: Clock, intervalMs: number, work: () => void): { stop(): void } {
  let stopped = false;
  let timer = clock.setTimeout(tick, intervalMs);
  function tick(): void {
    if (stopped) return;
    timer = clock.setTimeout(tick, intervalMs);
    work();
  }
  return {
    stop() {
      stopped = true;
      timer.cancel();
    },
  };
}
