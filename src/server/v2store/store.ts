// The store of version 2: a tree of keys and directories, with one index that each change raises by one. It has no I/O, and
// the caller says what time it is.
// Must stay true: equal requests in equal order give equal stores, apart from `ttl` in events.
// Go (etcd 3.4): etcdserver/api/v2store/store.go
import { cleanPath } from "../../go/path";
import type { Action, NodeView, StoreEvent } from "./event";
import { StoreNode } from "./node";
import { newStats, statsJson, type CountedAction, type StoreStats } from "./stats";
import { TtlQueue } from "./ttl-queue";
import { ErrorCode, V2Error } from "./v2-error";
import { WatcherHub, type Watcher } from "./watcher-hub";

export interface Lifetime {
  /** Nanoseconds since the Unix epoch. Undefined: it never expires. */
  readonly expiresAtNs?: bigint | undefined;
  /** Keeps the value and hides the event from watchers. */
  readonly refresh?: boolean;
}

/** What a node must be like. An empty value and index 0 match every node. */
export interface Comparison {
  readonly prevValue: string;
  readonly prevIndex: bigint;
}

/** The parts of a store that a .snap file holds. */
export interface StoreState {
  readonly root: StoreNode;
  readonly currentIndex: number;
  readonly stats: StoreStats;
  readonly hub: WatcherHub;
}

/** Members and cluster version, the keys of the users, and, once there are users, the users themselves under `/2`. */
const namespaces = ["/0", "/1"];
const readOnlyPaths = new Set([...namespaces, "/"]);

/** Earlier expirations are no times but mistakes of clients, and count as none. */
const firstExpirationNs = BigInt(Date.UTC(2000, 0, 1)) * 1_000_000n;

export class V2Store {
  readonly root: StoreNode;
  readonly stats: StoreStats;
  readonly hub: WatcherHub;
  /** Called when the next expiration may have changed. */
  onTtlChange: (() => void) | undefined;
  private index: number;
  private readonly ttls = new TtlQueue();

  constructor(
    private readonly nowNs: () => bigint,
    saved?: StoreState,
  ) {
    this.root = saved?.root ?? newRoot();
    this.stats = saved?.stats ?? newStats();
    this.hub = saved?.hub ?? new WatcherHub();
    this.index = saved?.currentIndex ?? 0;
    this.queueAll(this.root);
  }

  get currentIndex(): number {
    return this.index;
  }

  /** When the next key expires, in nanoseconds since the Unix epoch. Undefined: no key ever expires. */
  get nextExpiryNs(): bigint | undefined {
    return this.ttls.peek()?.expiresAtNs;
  }

  statsJson(): string {
    return statsJson(this.stats, this.hub.count);
  }

  /** Throws V2Error, as all methods below. */
  get(path: string, recursive: boolean, sorted: boolean): StoreEvent {
    return this.counted("gets", () => {
      const node = this.find(path).list(recursive, sorted, this.nowNs());
      return this.event("get", { ...node, key: path });
    });
  }

  watch(path: string, options: { recursive: boolean; stream: boolean; sinceIndex: bigint }): Watcher {
    const sinceIndex = options.sinceIndex === 0n ? BigInt(this.index + 1) : options.sinceIndex;
    return this.hub.watch({ ...options, key: cleanPath(path), sinceIndex }, this.index);
  }

  /** Makes a node and the directories above it. `unique` makes a key below the path, named after the index. */
  create(path: string, dir: boolean, value: string, unique: boolean, lifetime: Lifetime): StoreEvent {
    return this.counted("create", () =>
      this.notify(this.make("create", path, { dir, value, unique, replace: false, lifetime })),
    );
  }

  /** Makes or replaces a node. */
  set(path: string, dir: boolean, value: string, lifetime: Lifetime): StoreEvent {
    return this.counted("sets", () => {
      const before = this.findIfPresent(path, lifetime.refresh !== true);
      const kept = lifetime.refresh === true ? (before?.value ?? "") : value;
      return this.notify(
        this.make("set", path, { dir, value: kept, unique: false, replace: true, lifetime }),
        lifetime,
      );
    });
  }

  /** Changes the value or the TTL of a key, or the TTL of a directory. */
  update(rawPath: string, value: string, lifetime: Lifetime): StoreEvent {
    return this.counted("update", () => {
      const path = cleanPath(rawPath);
      if (readOnlyPaths.has(path)) return this.rootIsReadOnly();
      const node = this.find(path);
      if (node.isDir && value !== "") return new V2Error(ErrorCode.notFile, path, this.index);
      return this.write("update", node, node.isDir ? "" : value, lifetime);
    });
  }

  compareAndSwap(rawPath: string, comparison: Comparison, value: string, lifetime: Lifetime): StoreEvent {
    return this.counted("compareAndSwap", () => {
      const path = cleanPath(rawPath);
      if (readOnlyPaths.has(path)) return this.rootIsReadOnly();
      const node = this.find(path);
      if (node.isDir) throw new V2Error(ErrorCode.notFile, path, this.index);
      const mismatch = mismatchOf(node, comparison);
      if (mismatch !== undefined) throw new V2Error(ErrorCode.testFailed, mismatch, this.index);
      return this.write("compareAndSwap", node, value, lifetime);
    });
  }

  /** A directory needs `dir`, and one with children `recursive`. */
  delete(rawPath: string, dir: boolean, recursive: boolean): StoreEvent {
    return this.counted("delete", () => {
      const path = cleanPath(rawPath);
      if (readOnlyPaths.has(path)) return this.rootIsReadOnly();
      const node = this.find(path);
      return this.remove("delete", node, dir || recursive, recursive);
    });
  }

  compareAndDelete(rawPath: string, comparison: Comparison): StoreEvent {
    return this.counted("compareAndDelete", () => {
      const path = cleanPath(rawPath);
      const node = this.find(path);
      if (node.isDir) return new V2Error(ErrorCode.notFile, path, this.index);
      const mismatch = mismatchOf(node, comparison);
      if (mismatch !== undefined) return new V2Error(ErrorCode.testFailed, mismatch, this.index);
      return this.remove("compareAndDelete", node, false, false);
    });
  }

  /** Removes the nodes that expire until the cutoff, the earliest first. */
  deleteExpired(cutoffNs: bigint): void {
    for (;;) {
      const node = this.ttls.peek();
      if (node?.expiresAtNs === undefined || node.expiresAtNs > cutoffNs) return;
      this.remove("expire", node, true, true);
      this.stats.expireCount++;
    }
  }

  /** Ends all watches. Later ones end at once. */
  close(): void {
    this.hub.close();
  }

  /** etcd counts a refusal as a success where `run` returns it, and as a failure where `run` throws it. */
  private counted(action: CountedAction, run: () => StoreEvent | V2Error): StoreEvent {
    let result: StoreEvent | V2Error;
    try {
      result = run();
    } catch (error) {
      this.stats[`${action}Fail`]++;
      throw error;
    }
    this.stats[`${action}Success`]++;
    if (result instanceof V2Error) throw result;
    return result;
  }

  private rootIsReadOnly(): V2Error {
    return new V2Error(ErrorCode.rootReadOnly, "/", this.index);
  }

  private event(action: Action, node: NodeView, prevNode?: NodeView, refresh = false): StoreEvent {
    return { action, node, prevNode, etcdIndex: this.index, refresh };
  }

  private notify(event: StoreEvent, { refresh = false }: Lifetime = {}): StoreEvent {
    const notified = { ...event, refresh };
    this.hub.notify(notified);
    return notified;
  }

  private make(
    action: Action,
    rawPath: string,
    options: { dir: boolean; value: string; unique: boolean; replace: boolean; lifetime: Lifetime },
  ): StoreEvent {
    const nextIndex = this.index + 1;
    const path = cleanPath(options.unique ? `${rawPath}/${String(nextIndex).padStart(20, "0")}` : rawPath);
    if (readOnlyPaths.has(path)) throw this.rootIsReadOnly();
    const slash = path.lastIndexOf("/");
    const parent = this.makeDirectories(path.slice(0, slash));
    const before = parent.children?.get(path.slice(slash + 1));
    if (before !== undefined && !options.replace) throw new V2Error(ErrorCode.nodeExist, path, this.index);
    if (before?.isDir === true) throw new V2Error(ErrorCode.notFile, path, this.index);
    const now = this.nowNs();
    const prevNode = before?.view(now);
    before?.remove(false, false, this.index, (node) => this.ttls.delete(node));
    const node = new StoreNode(path, nextIndex, parent, options.dir ? new Map() : undefined);
    if (!options.dir) node.value = options.value;
    const { expiresAtNs } = options.lifetime;
    if (expiresAtNs !== undefined && expiresAtNs >= firstExpirationNs) node.expiresAtNs = expiresAtNs;
    parent.children?.set(node.name, node);
    this.updateTtl(node);
    this.index = nextIndex;
    return this.event(action, node.view(now), prevNode);
  }

  private write(action: Action, node: StoreNode, value: string, lifetime: Lifetime): StoreEvent {
    const now = this.nowNs();
    const prevNode = node.view(now);
    this.index++;
    if (!node.isDir) {
      if (lifetime.refresh !== true) node.value = value;
      node.modifiedIndex = this.index;
    }
    node.expiresAtNs = lifetime.expiresAtNs;
    this.updateTtl(node);
    return this.notify(
      this.event(action, { ...node.view(now), modifiedIndex: this.index }, prevNode, lifetime.refresh),
      lifetime,
    );
  }

  private remove(action: Action, node: StoreNode, dir: boolean, recursive: boolean): StoreEvent {
    const nextIndex = this.index + 1;
    const event = {
      action,
      node: {
        key: node.path,
        dir: node.isDir,
        ttl: 0,
        nodes: [],
        modifiedIndex: nextIndex,
        createdIndex: node.createdIndex,
      },
      prevNode: node.view(this.nowNs()),
      etcdIndex: nextIndex,
      refresh: false,
    };
    node.remove(dir, recursive, this.index, (each) => {
      this.ttls.delete(each);
      this.hub.notifyWatchers(event, each.path, true);
    });
    this.index = nextIndex;
    return this.notify(event);
  }

  private find(path: string): StoreNode {
    let node = this.root;
    for (const name of segments(cleanPath(path))) {
      if (node.children === undefined) throw new V2Error(ErrorCode.notDir, node.path, this.index);
      const child = node.children.get(name);
      if (child === undefined) throw new V2Error(ErrorCode.keyNotFound, below(node, name), this.index);
      node = child;
    }
    return node;
  }

  private findIfPresent(path: string, mayBeMissing: boolean): StoreNode | undefined {
    try {
      return this.find(path);
    } catch (error) {
      const isMissing = error instanceof V2Error && error.code === ErrorCode.keyNotFound;
      if (isMissing && mayBeMissing) return undefined;
      throw error;
    }
  }

  /** The directory at the path, made with all above it where there is none. Throws V2Error when a key is in the way. */
  private makeDirectories(path: string): StoreNode {
    let node = this.root;
    for (const name of segments(path)) {
      let child = node.children?.get(name);
      if (child === undefined) {
        child = new StoreNode(below(node, name), this.index + 1, node, new Map());
        node.children?.set(name, child);
      } else if (!child.isDir) {
        this.stats.setsFail++;
        throw new V2Error(ErrorCode.notDir, child.path, this.index);
      }
      node = child;
    }
    return node;
  }

  private updateTtl(node: StoreNode): void {
    this.ttls.update(node);
    this.onTtlChange?.();
  }

  private queueAll(node: StoreNode): void {
    for (const child of node.children?.values() ?? []) this.queueAll(child);
    this.ttls.update(node);
  }
}

function newRoot(): StoreNode {
  const root = new StoreNode("/", 0, undefined, new Map());
  for (const path of namespaces) {
    root.children?.set(path.slice(1), new StoreNode(path, 0, root, new Map()));
  }
  return root;
}

function segments(path: string): string[] {
  return path.split("/").filter((name) => name !== "");
}

function below(parent: StoreNode, name: string): string {
  return parent.path === "/" ? `/${name}` : `${parent.path}/${name}`;
}

/** Why the node does not match, as etcd says it. */
function mismatchOf(node: StoreNode, { prevValue, prevIndex }: Comparison): string | undefined {
  const isIndexEqual = prevIndex === 0n || BigInt(node.modifiedIndex) === prevIndex;
  const isValueEqual = prevValue === "" || node.value === prevValue;
  if (isIndexEqual && isValueEqual) return undefined;
  const index = `[${prevIndex} != ${node.modifiedIndex}]`;
  const value = `[${prevValue} != ${node.value}]`;
  if (isValueEqual) return index;
  return isIndexEqual ? value : `${value} ${index}`;
}

/** The store for handlers and pages: reading only. */
export type ReadableV2Store = Pick<V2Store, "get" | "watch" | "close" | "statsJson" | "currentIndex">;
