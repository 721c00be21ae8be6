// Automatic compaction: of revisions older than a time, or further back than a number of revisions.
// Must stay true: after stop() no timer runs.
// Go: server/etcdserver/api/v3compactor/periodic.go and revision.go
import { performance } from "node:perf_hooks";
import type { Clock } from "../../clock";
import type { ZapFields } from "../../go/zap";
import type { EtcdServer } from "./etcd-server";
import { durationText } from "./slow-requests";

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

/** Records the revision at each check. The oldest recorded one is compacted once it is a period old; a failure is repeated at the next check. */
function periodicCheck(server: EtcdServer, keepMs: number): () => Promise<void> {
  const intervalMs = checkIntervalMs(keepMs);
  const maxRecorded = Math.floor(keepMs / intervalMs) + 1;
  const revisions = [server.store.revision];
  const period = { "compact-period": durationText(keepMs) };
  let lastCompacted = 0;
  let checksUntilCompaction = checksPerPeriod * (keepMs / Math.min(keepMs, hourMs));
  return async () => {
    checksUntilCompaction--;
    const oldest = revisions[0] ?? 0;
    revisions.push(server.store.revision);
    if (revisions.length > maxRecorded) revisions.shift();
    if (checksUntilCompaction > 0 || oldest === lastCompacted) return;
    const before = lastCompacted;
    lastCompacted = oldest;
    checksUntilCompaction = checksPerPeriod;
    if (await compact(server, "periodic", oldest, period, intervalMs)) return;
    lastCompacted = before;
    checksUntilCompaction = 0;
  };
}

function revisionCheck(server: EtcdServer, keepRevisions: number): () => Promise<void> {
  let lastCompacted = 0;
  const kept = { "revision-compaction-retention": keepRevisions };
  return async () => {
    const revision = server.store.revision - keepRevisions;
    if (revision <= 0 || revision === lastCompacted) return;
    const before = lastCompacted;
    lastCompacted = revision;
    if (!(await compact(server, "revision", revision, kept, revisionIntervalMs))) lastCompacted = before;
  };
}

/** Resolves to whether the history is compacted that far, maybe by a client before. */
async function compact(
  server: EtcdServer,
  mode: string,
  revision: number,
  setting: ZapFields,
  retryMs: number,
): Promise<boolean> {
  // etcd pauses it while there is no leader.
  if (!server.membership.hasQuorum) return false;
  const fields = { revision, ...setting };
  server.onLog?.("info", `starting auto ${mode} compaction`, fields);
  const startedAt = performance.now();
  try {
    if (revision > server.store.compactRevision)
      await server.proposeRequest("compaction", { revision: BigInt(revision), physical: false });
    const took = durationText(performance.now() - startedAt);
    server.onLog?.("info", `completed auto ${mode} compaction`, { ...fields, took });
    return true;
  } catch (error) {
    server.onLog?.("warn", `failed auto ${mode} compaction`, {
      ...fields,
      "retry-interval": durationText(retryMs),
      error: error instanceof Error ? error.message : String(error),
    });
    return false;
  }
}

function every(clock: Clock, intervalMs: number, work: () => Promise<void>): { stop(): void } {
  let stopped = false;
  let timer = clock.setTimeout(tick, intervalMs);
  function tick(): void {
    if (stopped) return;
    timer = clock.setTimeout(tick, intervalMs);
    void work();
  }
  return {
    stop() {
      stopped = true;
      timer.cancel();
    },
  };
}
