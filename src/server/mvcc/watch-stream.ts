// The watchers of one client stream. While the sink is full, no events are queued for it: its watchers become `unsynced`, and
// later read the events that they missed from the store, in batches. So there are no victims as in etcd.
// Must stay true: a watcher is in the store's `synced`, or in `unsynced`, or (canceled by compaction) in neither.
// Go: server/storage/mvcc/watcher.go, syncWatchers in watchable_store.go
import { performance } from "node:perf_hooks";
import type { Clock } from "../../clock";
import type { Event } from "../../proto/gen/mvccpb";
import { Event_EventType } from "../../proto/gen/mvccpb";
import { keyOf } from "./record-head";
import type { TurnBudget } from "./turn-budget";
import type { VersionedStore } from "./versioned-store";
import type { WatchMessage, WatchRequest, WatchSink, WatchStream } from "./watch";
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
  /** Shared by all streams of the store. */
  readonly turn: TurnBudget;
}

export class SinkWatchStream implements WatchStream, WatcherStream {
  private readonly watchers = new Map<bigint, Watcher>();
  private readonly unsynced = new WatcherGroup();
  private full = false;
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

  notify(watcher: Watcher, events: readonly Event[], revision: number): void {
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

  private sendEvents(watcher: Watcher, events: readonly Event[]): void {
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
      this.readBatch(group);
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

  /** Reads one batch from the oldest revision that a watcher needs. The other watchers receive their part of it. */
  private readBatch(group: WatcherGroup): void {
    const { storedRecords, revision, turn } = this.store;
    let oldest = revision + 1;
    for (const watcher of group) oldest = Math.min(oldest, watcher.nextRevision);
    const from = storedRecords.firstFrom(oldest);
    const to = this.batchEnd(from, group.size);
    const reached = to < storedRecords.length ? storedRecords.main(to) : revision + 1;
    const found = eventsFor(this.store, group, from, to);
    turn.spend(group.size + to - from);
    for (const watcher of [...group]) {
      if (this.full) return;
      if (watcher.nextRevision >= reached || !this.unsynced.has(watcher)) continue;
      watcher.nextRevision = reached;
      if (reached > revision) {
        this.unsynced.delete(watcher);
        this.store.synced.add(watcher);
      }
      const events = found.get(watcher);
      if (events === undefined) continue;
      turn.spend(events.length);
      this.sendEvents(watcher, events);
    }
  }

  /** The end of the batch that begins with record `from`. It is never inside a revision. */
  private batchEnd(from: number, watchers: number): number {
    const { storedRecords } = this.store;
    const batchRevisions = Math.min(maxBatchRevisions, Math.ceil(eventsPerBatch / Math.max(1, watchers)));
    let revisions = 0;
    let sizeBytes = 0;
    let current = 0;
    let id = from;
    for (; id < storedRecords.length; id++) {
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

/**
 * The events of the records [from, to) for each watcher of the group that has not received them: at the end of a write, and
 * for history. Go: kvsToEvents in watchable_store.go, newWatcherBatch in watcher_group.go
 */
export function eventsFor(
  store: VersionedStore,
  group: WatcherGroup,
  from: number,
  to: number,
): Map<Watcher, Event[]> {
  const found = new Map<Watcher, Event[]>();
  for (let id = from; id < to; id++) {
    const revision = store.storedRecords.main(id);
    let plain: Event | undefined;
    let withPrevious: Event | undefined;
    group.match(keyOf(store.storedRecords.bytes(id)), (watcher) => {
      if (revision < watcher.nextRevision || !watcher.accepts(store.storedRecords.isTombstone(id))) return;
      let event = (plain ??= eventOf(store, id, revision));
      if (watcher.request.prevKv === true && !isCreation(event)) {
        event = withPrevious ??= { ...event, prevKv: store.before(id) };
      }
      const events = found.get(watcher);
      if (events === undefined) found.set(watcher, [event]);
      else events.push(event);
    });
  }
  return found;
}

function eventOf(store: VersionedStore, id: number, revision: number): Event {
  const kv = store.decode(id);
  if (!store.storedRecords.isTombstone(id)) return { type: Event_EventType.PUT, kv };
  return { type: Event_EventType.DELETE, kv: { ...kv, modRevision: BigInt(revision) } };
}

/** A key that is deleted and put in one revision counts as created: its event has no previous value. */
function isCreation({ type, kv }: Event): boolean {
  return type === Event_EventType.PUT && kv?.createRevision === kv?.modRevision;
}
