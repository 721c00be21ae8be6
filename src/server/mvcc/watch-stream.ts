// The watchers of one client stream. While the sink is full, no events are queued for it: its watchers become `unsynced`, and
// later read the events that they missed from the store, in batches. So there are no victims as in etcd.
// Must stay true: a watcher is in the store's `synced`, or in `unsynced`, or in neither: after its cancel by compaction, and
// while the events of a large write are found.
// Go: server/storage/mvcc/watcher.go, syncWatchers in watchable_store.go
import { performance } from "node:perf_hooks";
import type { Clock } from "../../clock";
import type { Steps } from "../../storage/steps";
import { eventsFor, manyEvents, manyEventsFor, type EventSource } from "./events";
import type { TurnBudget } from "./turn-budget";
import type { VersionedStore } from "./versioned-store";
import type { Events, WatchMessage, WatchRequest, WatchSink, WatchStream } from "./watch";
import { noWatchId } from "./watch";
import type { WatcherStream } from "./watcher-group";
import { Watcher, WatcherGroup } from "./watcher-group";

/** A batch of history ends after this many revisions, or with the revision that exceeds this many bytes. */
const maxBatchRevisions = 1000;
const batchBytes = 1024 * 1024;
/** At most this many watchers take part in a batch, as in etcd (maxWatchersPerSync), and they receive at most this many events. */
const watchersPerBatch = 512;
const eventsPerBatch = 20_000;

const emptyRange = "mvcc: watcher range is empty";
/** etcd's reason for a negative start revision. */
const negativeRevision = "etcdserver: mvcc: required revision has been compacted";
const duplicateId = "mvcc: duplicate watch ID provided on the WatchStream";

/** The store as watch streams use it. */
export interface WatchedStore extends VersionedStore {
  readonly clock: Clock;
  readonly progressIntervalMs: number;
  /** Watchers that have received every event so far. */
  readonly synced: WatcherGroup;
  /** The records of this moment. */
  eventSource(): EventSource;
  /** Shared by all streams of the store. */
  readonly turn: TurnBudget;
}

export class SinkWatchStream implements WatchStream, WatcherStream {
  private readonly watchers = new Map<bigint, Watcher>();
  private readonly unsynced = new WatcherGroup();
  private full = false;
  /** The next batch comes in a later turn. */
  private waitsForTurn = false;
  private nextId = 0n;
  private timer: { cancel(): void } | undefined;
  private pendingEvents = 0;

  constructor(
    private readonly store: WatchedStore,
    private readonly sink: WatchSink,
    private readonly onClose: () => void,
  ) {}

  counts(): { watchers: number; slowWatchers: number; pendingEvents: number } {
    const { watchers, unsynced, pendingEvents } = this;
    return { watchers: watchers.size, slowWatchers: unsynced.size, pendingEvents };
  }

  taken(message: WatchMessage): void {
    this.pendingEvents -= message.events.length;
    this.store.metrics.events += message.events.length;
  }

  watch(request: WatchRequest): void {
    const { end } = request;
    if (request.startRevision < 0) return this.refuse(negativeRevision);
    if (end !== undefined && end.length > 0 && Buffer.compare(request.key, end) >= 0)
      return this.refuse(emptyRange);
    if (request.id !== 0n && this.watchers.has(request.id)) return this.refuse(duplicateId);
    const id = request.id === 0n ? this.freeId() : request.id;
    const watcher = new Watcher(this, id, request, this.store.revision);
    this.watchers.set(id, watcher);
    if (watcher.nextRevision > this.store.revision) this.store.synced.add(watcher);
    else this.unsynced.add(watcher);
    if (request.progressNotify === true) this.startTimer();
    this.send({ watchId: id, created: true });
    this.catchUp();
  }

  refuse(cancelReason: string): void {
    this.send({ created: true, canceled: true, cancelReason });
  }

  private freeId(): bigint {
    while (this.watchers.has(this.nextId)) this.nextId++;
    return this.nextId++;
  }

  cancel(id: bigint): void {
    const watcher = this.watchers.get(id);
    if (watcher === undefined) return;
    this.remove(watcher);
    this.send({ watchId: id, canceled: true });
  }

  private remove(watcher: Watcher): void {
    this.watchers.delete(watcher.id);
    this.store.synced.delete(watcher);
    this.unsynced.delete(watcher);
  }

  resume(): void {
    this.full = false;
    this.catchUp();
  }

  close(): void {
    [...this.watchers.values()].forEach((watcher) => this.remove(watcher));
    this.timer?.cancel();
    this.timer = undefined;
    this.onClose();
  }

  notify(watcher: Watcher, events: Events, revision: number): void {
    // The sink may have canceled the watcher during an earlier message.
    if (this.watchers.get(watcher.id) !== watcher) return;
    if (this.full) {
      watcher.nextRevision = revision;
      this.store.synced.delete(watcher);
      this.unsynced.add(watcher);
    } else {
      watcher.nextRevision = revision + 1;
      this.sendEvents(watcher, events);
    }
  }

  notifyLate(watcher: Watcher, events: Events | undefined, revision: number): void {
    const { synced } = this.store;
    if (this.watchers.get(watcher.id) !== watcher) return;
    // Else the watcher begins in the future.
    if (watcher.nextRevision <= revision) {
      const isMissed = events !== undefined && this.full;
      watcher.nextRevision = isMissed ? revision : revision + 1;
      if (events !== undefined && !isMissed) this.sendEvents(watcher, events);
    }
    // Other writes may have followed.
    if (watcher.nextRevision > this.store.revision) synced.add(watcher);
    else this.unsynced.add(watcher);
    this.catchUp();
  }

  private sendEvents(watcher: Watcher, events: Events): void {
    watcher.progressDue = false;
    this.pendingEvents += events.length;
    this.send({ watchId: watcher.id, events, fragment: watcher.request.fragment === true });
  }

  private catchUp(): void {
    const { turn } = this.store;
    while (this.unsynced.size > 0 && !this.full && !this.waitsForTurn) {
      if (turn.isSpent) {
        this.waitsForTurn = true;
        turn.later(() => {
          this.waitsForTurn = false;
          this.catchUp();
        });
        return;
      }
      const group = this.nextGroup();
      this.cancelCompacted(group);
      const reading = this.readBatch(group);
      if (reading === undefined) continue;
      this.waitsForTurn = true;
      void reading.then(() => {
        this.waitsForTurn = false;
        this.catchUp();
      });
    }
  }

  /** The watchers of the next batch. With more than fit, they take turns: these become the last ones. */
  private nextGroup(): WatcherGroup {
    const { unsynced } = this;
    if (unsynced.size <= watchersPerBatch) return unsynced;
    const group = new WatcherGroup();
    for (const watcher of unsynced) {
      group.add(watcher);
      if (group.size === watchersPerBatch) break;
    }
    for (const watcher of group) {
      unsynced.delete(watcher);
      unsynced.add(watcher);
    }
    return group;
  }

  private cancelCompacted(group: WatcherGroup): void {
    const { compactRevision } = this.store;
    for (const watcher of [...group]) {
      if (watcher.nextRevision >= compactRevision) continue;
      // The id stays in use until the client cancels the watcher.
      this.unsynced.delete(watcher);
      group.delete(watcher);
      this.send({ watchId: watcher.id, revision: 0, canceled: true, compactRevision });
    }
  }

  /**
   * Reads one batch from the oldest revision that a watcher needs. The other watchers receive their part of it. A batch with
   * a large revision takes several turns.
   */
  private readBatch(group: WatcherGroup): Promise<void> | undefined {
    const { storedRecords, committedLength, revision, turn } = this.store;
    let oldest = revision + 1;
    for (const watcher of group) oldest = Math.min(oldest, watcher.nextRevision);
    const from = storedRecords.firstFrom(oldest);
    const to = this.batchEnd(from, group.size);
    const reached = to < committedLength ? storedRecords.main(to) : revision + 1;
    turn.spend(group.size);
    if (to - from <= manyEvents) {
      const found = eventsFor(this.store, group, from, to);
      turn.spend(to - from);
      this.deliver([...group], reached, (watcher) => found.get(watcher));
      return undefined;
    }
    const source = this.store.eventSource();
    return Promise.resolve(turn.run(this.readLargeBatch(source, [...group], { from, to, reached })));
  }

  private *readLargeBatch(
    source: EventSource,
    watchers: readonly Watcher[],
    { from, to, reached }: { readonly from: number; readonly to: number; readonly reached: number },
  ): Steps<void> {
    const group = new WatcherGroup();
    for (const watcher of watchers) group.add(watcher);
    this.deliver(watchers, reached, yield* manyEventsFor(source, group, from, to));
  }

  private deliver(
    watchers: readonly Watcher[],
    reached: number,
    eventsOf: (watcher: Watcher) => Events | undefined,
  ): void {
    const { turn, synced, revision } = this.store;
    for (const watcher of watchers) {
      if (this.full) return;
      if (watcher.nextRevision >= reached || !this.unsynced.has(watcher)) continue;
      const events = eventsOf(watcher);
      watcher.nextRevision = reached;
      if (reached > revision) {
        this.unsynced.delete(watcher);
        synced.add(watcher);
      }
      if (events === undefined) continue;
      turn.spend(events.length);
      this.sendEvents(watcher, events);
    }
  }

  /** The end of the batch that begins with record `from`. It is never inside a revision. */
  private batchEnd(from: number, watchers: number): number {
    const { storedRecords, committedLength } = this.store;
    const batchRevisions = Math.min(maxBatchRevisions, Math.ceil(eventsPerBatch / Math.max(1, watchers)));
    let revisions = 0;
    let sizeBytes = 0;
    let current = 0;
    let id = from;
    for (; id < committedLength; id++) {
      const main = storedRecords.main(id);
      if (main !== current) {
        if (revisions === batchRevisions || sizeBytes >= batchBytes) break;
        revisions++;
        current = main;
      }
      sizeBytes += storedRecords.sizeBytes(id);
    }
    return id;
  }

  requestProgress(): void {
    if (this.watchers.size === 0 || this.full) return;
    for (const watcher of this.watchers.values()) if (!this.isSynced(watcher)) return;
    this.send({});
  }

  private isSynced(watcher: Watcher): boolean {
    return this.store.synced.has(watcher) && watcher.startRevision <= this.store.revision;
  }

  private startTimer(): void {
    this.timer ??= this.store.clock.setTimeout(() => this.tick(), this.store.progressIntervalMs);
  }

  private tick(): void {
    const startedAt = performance.now();
    this.timer = undefined;
    const due = [...this.watchers.values()].filter((watcher) => watcher.request.progressNotify === true);
    if (due.length > 0) this.startTimer();
    for (const watcher of due) {
      if (watcher.progressDue && !this.full && this.isSynced(watcher)) this.send({ watchId: watcher.id });
      watcher.progressDue = true;
    }
    this.store.metrics.watchProgressSeconds.observe((performance.now() - startedAt) / 1000);
  }

  private send(message: Partial<WatchMessage>): void {
    const more = this.sink.send({
      watchId: noWatchId,
      revision: this.store.revision,
      created: false,
      canceled: false,
      compactRevision: 0,
      cancelReason: "",
      fragment: false,
      events: [],
      ...message,
    });
    if (!more) this.full = true;
  }
}
