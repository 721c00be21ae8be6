// Compaction by itself: what is older than a time, or further back than so many revisions. Must stay true: after stop()
// no timer runs. Answers to etcd's api/v3compactor (periodic.go, revision.go).
import type { Clock } from "../clock";
import { CompactionRequest } from "../proto/gen/etcdserverpb";
import { applyCompact } from "./apply/engine";
import { propose, type EtcdServer } from "./etcd-server";

export type AutoCompaction =
  | { readonly mode: "periodic"; readonly keepMs: number }
  | { readonly mode: "revision"; readonly keepRevisions: number };

const hourMs = 3_600_000;
const revisionModeMs = 5 * 60_000;
/** A period is looked at so often. */
const looks = 10;

export function startAutoCompaction(member: EtcdServer, options: AutoCompaction): { stop(): void } {
  const { clock } = member;
  return options.mode === "periodic"
    ? every(clock, Math.min(options.keepMs, hourMs) / looks, periodically(member, options.keepMs))
    : every(clock, revisionModeMs, byRevision(member, options.keepRevisions));
}

/** Remembers the revision of each look; the oldest is compacted once it is a period old. */
function periodically(member: EtcdServer, keepMs: number): () => void {
  const lookMs = Math.min(keepMs, hourMs) / looks;
  const remembered = Math.floor(keepMs / lookMs) + 1;
  const revisions = [member.engine.store.revision];
  let last = 0;
  let lookAgainIn = looks * (keepMs / Math.min(keepMs, hourMs));
  return () => {
    lookAgainIn--;
    const oldest = revisions[0] ?? 0;
    if (lookAgainIn <= 0 && oldest !== last) {
      compact(member, oldest);
      last = oldest;
      lookAgainIn = looks;
    }
    revisions.push(member.engine.store.revision);
    if (revisions.length > remembered) revisions.shift();
  };
}

function byRevision(member: EtcdServer, keep: number): () => void {
  return () => {
    const revision = member.engine.store.revision - keep;
    if (revision > 0) compact(member, revision);
  };
}

/** Somebody may have compacted as far already. */
function compact(member: EtcdServer, revision: number): void {
  const { store } = member.engine;
  if (revision <= store.compactRevision || !member.membership.hasQuorum) return;
  const request = CompactionRequest.create({ revision: BigInt(revision) });
  void propose(member, 0, () => applyCompact(member.engine, request));
}

function every(clock: Clock, intervalMs: number, work: () => void): { stop(): void } {
  let stopped = false;
  let timer = clock.setTimeout(tick, intervalMs);
  function tick(): void {
    if (stopped) return;
    work();
    timer = clock.setTimeout(tick, intervalMs);
  }
  return {
    stop() {
      stopped = true;
      timer.cancel();
    },
  };
}
