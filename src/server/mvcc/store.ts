// The door of mvcc/: a versioned store with watchers on top. Everything above holds a Store and nothing of its parts.
// Answers to etcd's mvcc/watchable_store.go as the server sees it.
import type { Clock } from "../../clock";
import type { StoredRecord } from "../../storage/contents";
import type { Kv } from "./kv";
import type { VersionedStoreOptions } from "./versioned-store";
import { VersionedStore } from "./versioned-store";
import type { WatchSink, WatchStream, Watchable } from "./watch";
import { SinkWatchStream, eventsFor } from "./watch-stream";
import { WatcherGroup } from "./watcher-group";

export interface StoreOptions extends VersionedStoreOptions {
  /** For progress notifications. */
  readonly clock: Clock;
  /** Absent: 10 minutes. */
  readonly watchProgressIntervalMs?: number | undefined;
}

export interface Store extends Kv, Watchable {
  /**
   * All records in rising (main, sub) order, for the snapshot writer: a picture of this moment, which may be read while
   * the store is written, compacted and defragmented.
   */
  records(): Iterable<StoredRecord>;
  /** 0: never compacted. For the file's finishedCompactRevision; the scheduled one is always the same. */
  readonly finishedCompactRevision: number;
  /** What etcd's db file would measure, about: it never shrinks but by defragment(). */
  readonly sizeBytes: number;
  readonly sizeInUseBytes: number;
  /** Rewrites what lies in memory without the holes that compaction left. */
  defragment(): void;
}

export function createStore(options: StoreOptions): Store {
  return new WatchableStore(options);
}

// Watching as a layer over the store: a write that ends tells the watchers that have seen all before it (`synced`).
// Those that have not are in their stream's `behind` until it has caught up. The store below does not know of it.
// Answers to etcd's mvcc/watchable_store.go and watchable_store_txn.go.

const defaultProgressIntervalMs = 10 * 60 * 1000;

export class WatchableStore extends VersionedStore implements Store {
  readonly synced = new WatcherGroup();
  readonly clock: Clock;
  readonly progressIntervalMs: number;

  constructor(options: StoreOptions) {
    super(options);
    this.clock = options.clock;
    this.progressIntervalMs = options.watchProgressIntervalMs ?? defaultProgressIntervalMs;
  }

  newWatchStream(sink: WatchSink): WatchStream {
    return new SinkWatchStream(this, sink);
  }

  protected override endWrite(first: number): void {
    super.endWrite(first);
    if (this.synced.size === 0) return;
    const told = eventsFor(this, this.synced, first, this.storedRecords.length);
    for (const [watcher, events] of told) watcher.owner.notify(watcher, events, this.revision);
  }

  records(): Iterable<StoredRecord> {
    return this.storedRecords.stored();
  }

  get finishedCompactRevision(): number {
    return Math.max(this.compactRevision, 0);
  }
}
