// A set of watchers, found by the key of an event. Watchers of one key are in a map. Ranges are compared one by one, and
// watchers of the same range share an entry. etcd uses an interval tree. Go: server/storage/mvcc/watcher_group.go
import { keyString } from "./keys";
import type { Events, WatchRequest } from "./watch";

interface WatchedRange {
  readonly key: string;
  /** Empty: all keys from `key` on. */
  readonly end: string;
  readonly watchers: Set<Watcher>;
}

export class WatcherGroup {
  private readonly all = new Set<Watcher>();
  private readonly byKey = new Map<string, Set<Watcher>>();
  private readonly ranges = new Map<string, WatchedRange>();

  get size(): number {
    return this.all.size;
  }

  has(watcher: Watcher): boolean {
    return this.all.has(watcher);
  }

  [Symbol.iterator](): Iterator<Watcher> {
    return this.all.values();
  }

  add(watcher: Watcher): void {
    this.all.add(watcher);
    const { key, end } = watcher;
    if (end === undefined) {
      const same = this.byKey.get(key);
      if (same === undefined) this.byKey.set(key, new Set([watcher]));
      else same.add(watcher);
    } else {
      const name = rangeName(key, end);
      const same = this.ranges.get(name);
      if (same === undefined) this.ranges.set(name, { key, end, watchers: new Set([watcher]) });
      else same.watchers.add(watcher);
    }
  }

  delete(watcher: Watcher): void {
    if (!this.all.delete(watcher)) return;
    const { key, end } = watcher;
    if (end === undefined) {
      const same = this.byKey.get(key);
      if (same?.delete(watcher) === true && same.size === 0) this.byKey.delete(key);
    } else {
      const name = rangeName(key, end);
      const same = this.ranges.get(name)?.watchers;
      if (same?.delete(watcher) === true && same.size === 0) this.ranges.delete(name);
    }
  }

  /** Calls `visit` with the watchers of each range that contains `key`. */
  match(key: string, visit: (watchers: ReadonlySet<Watcher>) => void): void {
    const same = this.byKey.get(key);
    if (same !== undefined) visit(same);
    for (const range of this.ranges.values()) {
      if (key >= range.key && (range.end === "" || key < range.end)) visit(range.watchers);
    }
  }
}

function rangeName(key: string, end: string): string {
  return `${key.length} ${key}${end}`;
}

/** The stream of a watcher. */
export interface WatcherStream {
  /** Called at the end of the write of `revision`: sends the events, or makes the watcher unsynced. */
  notify(watcher: Watcher, events: Events, revision: number): void;
  /** The same in a later turn, for a watcher in neither group, with its events, if it has any. It joins one of them. */
  notifyLate(watcher: Watcher, events: Events | undefined, revision: number): void;
}

/** One watcher: its range, and how far it has read. Go: watcher in server/storage/mvcc/watchable_store.go */
export class Watcher {
  readonly key: string;
  /** Undefined: the one key. Empty: all keys from `key` on. */
  readonly end: string | undefined;
  readonly startRevision: number;
  /** The first revision whose events the watcher has not received. */
  nextRevision: number;
  /** Whether the next tick sends progress: only if there were no events since the last tick. */
  progressDue: boolean;

  constructor(
    readonly stream: WatcherStream,
    readonly id: bigint,
    readonly request: WatchRequest,
    currentRevision: number,
  ) {
    this.key = keyString(request.key);
    this.end = request.end === undefined ? undefined : keyString(request.end);
    this.startRevision = request.startRevision;
    this.nextRevision = request.startRevision > 0 ? request.startRevision : currentRevision + 1;
    this.progressDue = request.progressNotify === true;
  }

  get acceptsAll(): boolean {
    return this.request.noDelete !== true && this.request.noPut !== true;
  }

  accepts(tombstone: boolean): boolean {
    return (tombstone ? this.request.noDelete : this.request.noPut) !== true;
  }
}
