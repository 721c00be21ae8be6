// The line of the log at the end of a compaction. Go: scheduleCompaction in server/storage/mvcc/kvstore_compaction.go
import { performance } from "node:perf_hooks";
import { humanizeBytes } from "../../go/units";
import type { ServerMetrics } from "../metrics/server-metrics";
import type { ReadableStore } from "../mvcc/store";
import { durationText, type LogSink } from "./slow-requests";

interface Compacting {
  readonly store: ReadableStore;
  readonly metrics: ServerMetrics;
  readonly onLog?: LogSink | undefined;
}

/** Call it before the compaction is applied, and the result after it. */
export function compactionLog({ store, metrics, onLog }: Compacting): (() => void) | undefined {
  if (onLog === undefined) return undefined;
  const startedAt = performance.now();
  const keysBefore = metrics.compactedKeys;
  return () => {
    const revision = store.compactRevision;
    const write = () => {
      const [size, inUse] = [store.sizeBytes, store.sizeInUseBytes];
      onLog("info", "finished scheduled compaction", {
        "compact-revision": revision,
        took: durationText(performance.now() - startedAt),
        "number-of-keys-compacted": metrics.compactedKeys - keysBefore,
        hash: store.hash(revision).hash,
        "current-db-size-bytes": size,
        "current-db-size": humanizeBytes(BigInt(size)),
        "current-db-size-in-use-bytes": inUse,
        "current-db-size-in-use": humanizeBytes(BigInt(inUse)),
      });
    };
    if (store.compacting === undefined) write();
    else store.compacting.then(write).catch(() => undefined);
  };
}
