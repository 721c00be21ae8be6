// The store as the server uses it: a versioned store with watchers. Go: server/storage/mvcc/watchable_store.go
import { performance } from "node:perf_hooks";
import type { Clock } from "../../clock";
import type { StoredRecord } from "../../storage/contents";
import type { Steps } from "../../storage/steps";
import type { Kv, KvHash } from "./kv";
import { TurnBudget } from "./turn-budget";
import { Upkeep } from "./upkeep";
import type { VersionedStoreOptions } from "./versioned-store";
import { VersionedStore } from "./versioned-store";
import type { WatchSink, WatchStream, Watchable } from "./watch";
import { eventsFor, manyEvents, manyEventsFor, type EventSource } from "./events";
import { SinkWatchStream } from "./watch-stream";
import { WatcherGroup } from "./watcher-group";

export interface StoreOptions extends VersionedStoreOptions {
  /** For the timers of progress messages. */
  readonly clock: Clock;
  /** Time between progress messages of a watch. Default: 600000 (10 minutes). */
  readonly watchProgressIntervalMs?: number | undefined;
}

export interface Store extends Kv, Watchable {
  /**
   * All records in rising (main, sub) order, for the snapshot writer. The result is a copy of this moment: it stays valid
   * while the store is written, compacted and defragmented.
   */
  records(): Iterable<StoredRecord>;
  /** The order of the keys of the same records: DatabaseContents.byKey. */
  byKey(): () => Steps<Int32Array | undefined>;
  /** Up to here, the records that compaction removes are gone. 0: never compacted. */
  readonly finishedCompactRevision: number;
  /** Resolves when the compactions so far have removed their records. Undefined if they have already. */
  readonly compacting: Promise<void> | undefined;
  /** Same as hash(), over several turns if it has to be. */
  hashInTurns(revision: number): KvHash | Promise<KvHash>;
  /** Estimated size of etcd's db file with the same records. Only defragment() makes it smaller. */
  readonly sizeBytes: number;
  readonly sizeInUseBytes: number;
  /** Rewrites the records in memory without the holes that compaction left. Over several turns if it has to be. */
  defragment(): void | Promise<void>;
  /** Finishes compactions, before the records are saved. */
  finish(): void;
  /** Work that is done in this turn of the event loop. */
  readonly turn: TurnBudget;
  readonly keyCount: number;
  watchCounts(): WatchCounts;
}

/** The open watch streams and their watchers. */
export interface WatchCounts {
  readonly streams: number;
  readonly watchers: number;
  /** Watchers that have not received every event yet. */
  readonly slowWatchers: number;
  /** Events that wait for their readers. */
  readonly pendingEvents: number;
}

/** What handlers may use: everything but the changes. */
export type ReadableStore = Omit<Store, "write" | "compact" | "defragment" | "finish">;

export function createStore(options: StoreOptions): Store {
  return new WatchableStore(options);
}

const defaultProgressIntervalMs = 10 * 60 * 1000;

/**
 * The watch layer over the store. At the end of a write, the `synced` watchers receive its events: they have seen all
 * earlier ones. The other watchers are in the `unsynced` group of their stream until they have caught up.
 * After a large write, the watchers that were synced are in no group until their events have been found.
 */
class WatchableStore extends VersionedStore implements Store {
  synced = new WatcherGroup();
  readonly turn = new TurnBudget();
  compacting: Promise<void> | undefined;
  private readonly upkeep = new Upkeep(this.turn);
  private readonly streams = new Set<SinkWatchStream>();
  readonly clock: Clock;
  readonly progressIntervalMs: number;

  constructor(options: StoreOptions) {
    super(options);
    this.clock = options.clock;
    this.progressIntervalMs = options.watchProgressIntervalMs ?? defaultProgressIntervalMs;
  }

  newWatchStream(sink: WatchSink): WatchStream {
    const stream = new SinkWatchStream(this, sink, () => this.streams.delete(stream));
    this.streams.add(stream);
    return stream;
  }

  watchCounts(): WatchCounts {
    const all = [...this.streams].map((stream) => stream.counts());
    const sum = (of: (each: (typeof all)[number]) => number) =>
      all.reduce((total, each) => total + of(each), 0);
    return {
      streams: all.length,
      watchers: sum((each) => each.watchers),
      slowWatchers: sum((each) => each.slowWatchers),
      pendingEvents: sum((each) => each.pendingEvents),
    };
  }

  protected override endWrite(first: number): void {
    super.endWrite(first);
    if (this.synced.size === 0) return;
    if (this.storedRecords.length - first > manyEvents) return this.notifyLate(first);
    const found = eventsFor(this, this.synced, first, this.storedRecords.length);
    for (const [watcher, events] of found) watcher.stream.notify(watcher, events, this.revision);
  }

  /** The events of a large write, over several turns. */
  private notifyLate(first: number): void {
    const late = this.synced;
    this.synced = new WatcherGroup();
    const { revision } = this;
    const finding = manyEventsFor(this.eventSource(), late, first, this.storedRecords.length);
    void this.turn.run(
      (function* (): Steps<void> {
        const eventsOf = yield* finding;
        for (const watcher of late) {
          watcher.stream.notifyLate(watcher, eventsOf(watcher), revision);
          yield 1;
        }
      })(),
    );
  }

  eventSource(): EventSource {
    const compactRevision = () => this.compactRevision;
    return {
      storedRecords: this.storedRecords.copy(),
      get compactRevision() {
        return compactRevision();
      },
    };
  }

  records(): Iterable<StoredRecord> {
    return this.storedRecords.stored(this.committedLength);
  }

  override compact(revision: number): void {
    const startedAt = performance.now();
    const ended = () => {
      this.metrics.compactionMs.observe(performance.now() - startedAt);
      this.metrics.lastCompactionAt = Math.floor(this.clock.now() / 1000);
    };
    const done = this.upkeep.run(this.timed(this.compaction(revision)));
    if (!(done instanceof Promise)) return ended();
    const compacting = done.then(ended).finally(() => {
      if (this.compacting === compacting) this.compacting = undefined;
    });
    compacting.catch(() => undefined);
    this.compacting = compacting;
  }

  private *timed(steps: Steps<void>): Steps<void> {
    for (;;) {
      const startedAt = performance.now();
      const step = steps.next();
      this.metrics.compactionStepMs.observe(performance.now() - startedAt);
      if (step.done === true) return;
      yield step.value;
    }
  }

  hashInTurns(revision: number): KvHash | Promise<KvHash> {
    return this.metrics.hashKvSeconds.time(() => this.upkeep.run(this.hashSteps(revision)));
  }

  override defragment(): void | Promise<void> {
    return this.upkeep.run(this.defragmentation());
  }

  finish(): void {
    this.upkeep.finish();
  }
}
