// The store of version 2 as JSON, byte for byte as etcd writes it into .snap files, and a store from such JSON.
// Go (etcd 3.4): etcdserver/api/v2store/store.go (Save, Recovery)
//
//   {"Root": node, "WatcherHub": {"EventHistory": {"Queue": {"Events": [...], "Size", "Front", "Back", "Capacity"},
//     "StartIndex", "LastIndex"}}, "CurrentIndex", "Stats": {...}, "CurrentVersion": 2}
//   node: {"Path", "CreatedIndex", "ModifiedIndex", "ExpireTime", "Value", "Children": {name: node} or null}
//
// "Events" has a place for each of the 1000 events; Front is the oldest event, Back the place after the newest.
import { jsonString } from "../../go/quote";
import { savedEventJson, type Action, type NodeView, type StoreEvent } from "./event";
import { EventHistory, historyCapacity } from "./event-history";
import { StoreNode } from "./node";
import { newStats, type StoreStats } from "./stats";
import { V2Store } from "./store";
import { formatTime, parseTime, zeroTime } from "./time";
import { WatcherHub } from "./watcher-hub";

export function saveStore(store: V2Store): string {
  const { root, hub, currentIndex } = store;
  return (
    `{"Root":${savedNode(root)},"WatcherHub":{"EventHistory":${savedHistory(hub.history)}},` +
    `"CurrentIndex":${currentIndex},"Stats":${store.statsJson()},"CurrentVersion":2}`
  );
}

function savedNode(node: StoreNode): string {
  const { path, createdIndex, modifiedIndex, expiresAtNs, value, children } = node;
  const expires = expiresAtNs === undefined ? zeroTime : formatTime(expiresAtNs);
  const sorted = [...(children ?? [])].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const inside = sorted.map(([name, child]) => `${jsonString(name)}:${savedNode(child)}`);
  return (
    `{"Path":${jsonString(path)},"CreatedIndex":${createdIndex},"ModifiedIndex":${modifiedIndex},` +
    `"ExpireTime":"${expires}","Value":${jsonString(value)},` +
    `"Children":${children === undefined ? "null" : `{${inside.join(",")}}`}}`
  );
}

function savedHistory(history: EventHistory): string {
  const events = history.list().map(savedEventJson);
  const size = events.length;
  const places = [...events, ...new Array<string>(historyCapacity - size).fill("null")];
  return (
    `{"Queue":{"Events":[${places.join(",")}],"Size":${size},"Front":0,"Back":${size % historyCapacity},` +
    `"Capacity":${historyCapacity}},"StartIndex":${history.startIndex},"LastIndex":${history.lastIndex}}`
  );
}

/** Throws an Error, such as a SyntaxError, for a text that is not a store. */
export function recoverStore(json: string, nowNs: () => bigint): V2Store {
  const saved = JSON.parse(json) as SavedStore;
  if (typeof saved?.Root !== "object" || saved.Root === null) throw new Error("it has no root");
  return new V2Store(nowNs, {
    root: recoveredNode(saved.Root, undefined),
    currentIndex: index(saved.CurrentIndex),
    stats: newStats(saved.Stats),
    hub: new WatcherHub(recoveredHistory(saved.WatcherHub?.EventHistory?.Queue)),
  });
}

function recoveredNode(saved: SavedNode, parent: StoreNode | undefined): StoreNode {
  const { Path, CreatedIndex, ModifiedIndex, ExpireTime, Value, Children } = saved;
  if (typeof Path !== "string") throw new Error("a node has no path");
  const node = new StoreNode(Path, index(CreatedIndex), parent, Children ? new Map() : undefined);
  node.modifiedIndex = index(ModifiedIndex);
  node.value = Value ?? "";
  if (ExpireTime !== undefined && ExpireTime !== zeroTime) node.expiresAtNs = parseTime(ExpireTime);
  for (const [name, child] of Object.entries(Children ?? {})) {
    node.children?.set(name, recoveredNode(child, node));
  }
  return node;
}

function recoveredHistory(queue: SavedQueue | undefined): EventHistory {
  const { Events = [], Front = 0 } = queue ?? {};
  const inOrder = [...Events.slice(Front), ...Events.slice(0, Front)];
  return new EventHistory(inOrder.filter((event) => event !== null).map(recoveredEvent));
}

function recoveredEvent({ action, node, prevNode, refresh }: SavedEvent): StoreEvent {
  const view = recoveredView(node ?? {});
  return {
    action,
    node: view,
    prevNode: prevNode && recoveredView(prevNode),
    etcdIndex: view.modifiedIndex,
    refresh: refresh ?? false,
  };
}

function recoveredView(saved: SavedView): NodeView {
  return {
    key: saved.key ?? "",
    value: saved.value,
    dir: saved.dir ?? false,
    expiresAtNs: saved.expiration === undefined ? undefined : parseTime(saved.expiration),
    ttl: saved.ttl ?? 0,
    nodes: (saved.nodes ?? []).map(recoveredView),
    modifiedIndex: index(saved.modifiedIndex),
    createdIndex: index(saved.createdIndex),
  };
}

function index(saved: number | undefined): number {
  if (saved === undefined) return 0;
  if (!Number.isSafeInteger(saved) || saved < 0) throw new Error(`the index ${saved} is out of range`);
  return saved;
}

interface SavedStore {
  readonly Root?: SavedNode | null;
  readonly WatcherHub?: { readonly EventHistory?: { readonly Queue?: SavedQueue } };
  readonly CurrentIndex?: number;
  readonly Stats?: Partial<StoreStats>;
}

interface SavedNode {
  readonly Path?: string;
  readonly CreatedIndex?: number;
  readonly ModifiedIndex?: number;
  readonly ExpireTime?: string;
  readonly Value?: string;
  readonly Children?: Readonly<Record<string, SavedNode>> | null;
}

interface SavedQueue {
  readonly Events?: readonly (SavedEvent | null)[];
  readonly Front?: number;
}

interface SavedEvent {
  readonly action: Action;
  readonly node?: SavedView;
  readonly prevNode?: SavedView;
  readonly refresh?: boolean;
}

interface SavedView {
  readonly key?: string;
  readonly value?: string;
  readonly dir?: boolean;
  readonly expiration?: string;
  readonly ttl?: number;
  readonly nodes?: readonly SavedView[];
  readonly modifiedIndex?: number;
  readonly createdIndex?: number;
}
