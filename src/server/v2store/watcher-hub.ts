// The watchers of version 2's store, by the path that they watch.
// Must stay true: a watcher without `stream` gets at most one event; a stream with 100 events that the client has not read ends.
// Go (etcd 3.4): etcdserver/api/v2store/watcher_hub.go, watcher.go
import { cleanPath } from "../../go/path";
import type { StoreEvent } from "./event";
import { EventHistory } from "./event-history";

const watcherCapacity = 100;

export interface WatchOptions {
  readonly key: string;
  readonly recursive: boolean;
  readonly stream: boolean;
  /** The index of the first event that the watch can see. */
  readonly sinceIndex: bigint;
}

export class Watcher {
  private readonly events: StoreEvent[] = [];
  private isClosed = false;
  private wake: (() => void) | undefined;

  constructor(
    /** The index of the store when the watch began. */
    readonly startIndex: number,
    private readonly options: WatchOptions,
    private readonly leave: (watcher: Watcher) => void,
  ) {}

  /** The next event. Undefined when the watch has ended. */
  async next(): Promise<StoreEvent | undefined> {
    while (this.events.length === 0 && !this.isClosed) {
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    return this.events.shift();
  }

  /** Ends the watch. */
  remove(): void {
    this.isClosed = true;
    this.leave(this);
    this.wake?.();
  }

  /** For an event that is older than the watch. */
  deliver(event: StoreEvent): void {
    if (this.events.length >= watcherCapacity) return this.remove();
    this.events.push(event);
    this.wake?.();
  }

  notify(event: StoreEvent, isOriginalPath: boolean, deleted: boolean): void {
    const { recursive, stream, sinceIndex } = this.options;
    const isSeen = (recursive || isOriginalPath || deleted) && event.node.modifiedIndex >= sinceIndex;
    if (!isSeen) return;
    this.deliver(event);
    if (!stream) this.leave(this);
  }
}

export class WatcherHub {
  private readonly watchers = new Map<string, Set<Watcher>>();
  private isClosed = false;

  constructor(readonly history = new EventHistory()) {}

  /** Throws V2Error when the events from `sinceIndex` on are not kept any more. */
  watch(options: WatchOptions, storeIndex: number): Watcher {
    const { key, recursive, sinceIndex } = options;
    const past = this.history.find(key, recursive, sinceIndex, storeIndex);
    const watcher = new Watcher(storeIndex, options, (left) => this.remove(key, left));
    if (past !== undefined) {
      // As in etcd, it never gets another event, not even with `stream`.
      watcher.deliver({ ...past, etcdIndex: storeIndex });
      return watcher;
    }
    if (this.isClosed) watcher.remove();
    const others = this.watchers.get(key);
    if (others === undefined) this.watchers.set(key, new Set([watcher]));
    else others.add(watcher);
    return watcher;
  }

  get count(): number {
    return [...this.watchers.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** Keeps the event and notifies the watchers of its path and of all paths above. A refresh notifies no watcher. */
  notify(event: StoreEvent): void {
    this.history.add(event);
    if (event.refresh) return;
    let path = "";
    this.notifyWatchers(event, "/", false);
    for (const segment of event.node.key.split("/").slice(1)) {
      path += `/${segment}`;
      this.notifyWatchers(event, path, false);
    }
  }

  /** `deleted`: the path goes away with the event, so that its watchers see the event although it happens above them. */
  notifyWatchers(event: StoreEvent, path: string, deleted: boolean): void {
    const isOriginalPath = event.node.key === path;
    if (!isOriginalPath && isHidden(path, event.node.key)) return;
    for (const watcher of [...(this.watchers.get(path) ?? [])]) {
      watcher.notify(event, isOriginalPath, deleted);
    }
  }

  /** Ends all watches. Later ones end at once. */
  close(): void {
    this.isClosed = true;
    for (const each of [...this.watchers.values()].flatMap((set) => [...set])) each.remove();
  }

  private remove(key: string, watcher: Watcher): void {
    const watchers = this.watchers.get(key);
    watchers?.delete(watcher);
    if (watchers?.size === 0) this.watchers.delete(key);
  }
}

/** Whether a watch of `watchPath` does not see changes of `keyPath`: the key or a directory between them is hidden. */
function isHidden(watchPath: string, keyPath: string): boolean {
  return (
    watchPath.length <= keyPath.length && cleanPath(`/${keyPath.slice(watchPath.length)}`).includes("/_")
  );
}
