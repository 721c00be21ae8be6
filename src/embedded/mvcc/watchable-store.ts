// Watching as a layer over the store: a write that ends tells the watchers that have seen all before it (`synced`).
// Those that have not are in their stream's `behind` until it has caught up. The store below does not know of it.
// Answers to etcd's mvcc/watchable_store.go and watchable_store_txn.go.
import type { Clock } from "../../io";
import type { StoredRecord } from "../backend/contents";
import { eventsFor } from "./event-reader";
import type { Store, StoreOptions } from "./store";
import { VersionedStore } from "./versioned-store";
import type { WatchSink, WatchStream } from "./watch";
import { SinkWatchStream } from "./watch-stream";
import { WatcherGroup } from "./watcher-group";

const DEFAULT_PROGRESS_INTERVAL_MS = 10 * 60 * 1000;

export class WatchableStore extends VersionedStore implements Store {
  readonly synced = new WatcherGroup();
  readonly clock: Clock;
  readonly progressIntervalMs: number;

  constructor(options: StoreOptions) {
    super(options);
    this.clock = options.clock;
    this.progressIntervalMs = options.watchProgressIntervalMs ?? DEFAULT_PROGRESS_INTERVAL_MS;
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
