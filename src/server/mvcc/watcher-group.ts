// Watchers by what they watch, so that an event finds those it concerns: single keys by name, ranges one by one
// (watchers of the same range share an entry). Answers to etcd's mvcc/watcher_group.go, without its interval tree.
import type { Event } from "../../proto/gen/mvccpb";
import { keyString } from "./keys";
import type { WatchRequest } from "./watch";

interface WatchedRange {
  readonly key: string;
  /** Empty: no end. */
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

  /** Calls `visit` for every watcher that watches `key`. */
  match(key: string, visit: (watcher: Watcher) => void): void {
    this.byKey.get(key)?.forEach(visit);
    for (const range of this.ranges.values()) {
      if (key >= range.key && (range.end === "" || key < range.end)) range.watchers.forEach(visit);
    }
  }
}

function rangeName(key: string, end: string): string {
  return `${key.length} ${key}${end}`;
}

// One watcher: what it watches and how far it has come. Its stream moves it, watcher-group.ts finds it.
// Answers to the `watcher` of etcd's mvcc/watchable_store.go.

/** The stream that a watcher belongs to. */
export interface WatcherOwner {
  /** The write of `revision` has ended: tell the watcher, or remember that it fell behind. */
  notify(watcher: Watcher, events: readonly Event[], revision: number): void;
}

export class Watcher {
  readonly key: string;
  /** Undefined: the one key; empty: no end. */
  readonly end: string | undefined;
  readonly startRevision: number;
  /** The next revision that it has not seen. */
  nextRevision: number;
  /** Whether the next tick owes it a progress message: not if it got events since the last one. */
  progressDue: boolean;

  constructor(
    readonly owner: WatcherOwner,
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

  wants(tombstone: boolean): boolean {
    return (tombstone ? this.request.noDelete : this.request.noPut) !== true;
  }
}
