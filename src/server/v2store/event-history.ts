// The last 1000 events, for watches that begin in the past. Their indexes follow one another without gaps.
// Go (etcd 3.4): etcdserver/api/v2store/event_history.go, event_queue.go
import type { StoreEvent } from "./event";
import { ErrorCode, V2Error } from "./v2-error";

export const historyCapacity = 1000;

export class EventHistory {
  /** The oldest first. */
  private events: StoreEvent[];

  constructor(events: readonly StoreEvent[] = []) {
    this.events = [...events];
  }

  /** The index of the oldest event; 0 without events. */
  get startIndex(): number {
    return this.events[0]?.node.modifiedIndex ?? 0;
  }

  get lastIndex(): number {
    return this.events.at(-1)?.node.modifiedIndex ?? 0;
  }

  list(): readonly StoreEvent[] {
    return this.events;
  }

  add(event: StoreEvent): void {
    this.events.push(event);
    if (this.events.length > historyCapacity) this.events.shift();
  }

  /**
   * The first event from `index` on that a watch of the key sees. Throws V2Error when the events from there are not kept any
   * more; `storeIndex` is the index in that error.
   */
  find(key: string, recursive: boolean, index: bigint, storeIndex: number): StoreEvent | undefined {
    const { startIndex, lastIndex } = this;
    if (index < startIndex) {
      const reason = `the requested history has been cleared [${startIndex}/${index}]`;
      throw new V2Error(ErrorCode.eventIndexCleared, reason, storeIndex);
    }
    if (index > lastIndex) return undefined;
    return this.events.slice(Number(index) - startIndex).find((event) => concerns(event, key, recursive));
  }
}

function concerns({ action, node, prevNode, refresh }: StoreEvent, key: string, recursive: boolean): boolean {
  if (refresh) return false;
  if (node.key === key) return true;
  if (recursive && node.key.startsWith(key.endsWith("/") ? key : `${key}/`)) return true;
  const isRemoval = action === "delete" || action === "expire";
  return isRemoval && prevNode?.dir === true && key.startsWith(prevNode.key);
}
