// Stores for tests, with keys and values as text.
import type { LeaseBook } from "../../src/server/mvcc/kv";
import type { Store, StoreOptions } from "../../src/server/mvcc/store";
import { createStore } from "../../src/server/mvcc/store";
import type { WatchMessage, WatchRequest } from "../../src/server/mvcc/watch";
import { toEnd } from "../../src/storage/steps";
import { ManualClock } from "../support/manual-clock";

export const bytes = (text: string) => Buffer.from(text, "latin1");
export const text = (value: Uint8Array | undefined) => Buffer.from(value ?? []).toString("latin1");

const noLeases: LeaseBook = {
  has: () => false,
  leaseOf: () => 0n,
  attach: () => undefined,
  detach: () => undefined,
};

export function newStore(options: Partial<StoreOptions> = {}): Store {
  return createStore({ clock: new ManualClock(), leases: noLeases, ...options });
}

/** Contents of a db file with the store's records. */
export function contentsOf(store: Store) {
  const compacted = store.finishedCompactRevision;
  return {
    records: store.records(),
    finishedCompactRevision: compacted,
    scheduledCompactRevision: compacted,
  };
}

export function put(store: Store, key: string, value = "", lease = 0n): number {
  const write = store.write();
  const revision = write.put(bytes(key), bytes(value), lease);
  write.end();
  return revision;
}

/** `end` undefined means the one key, "" means all keys from `key` on. */
export function del(store: Store, key: string, end?: string): number {
  const write = store.write();
  const { deleted } = toEnd(write.deleteRange(bytes(key), end === undefined ? undefined : bytes(end)));
  write.end();
  return deleted;
}

/** `key=value@mod/create/version` of each key of the range. */
export function list(store: Store, key: string, end?: string, revision = 0): string[] {
  const { kvs } = store.range(bytes(key), end === undefined ? undefined : bytes(end), { revision });
  return kvs.map(
    (kv) => `${text(kv.key)}=${text(kv.value)}@${kv.modRevision}/${kv.createRevision}/${kv.version}`,
  );
}

export const watchRequest = (key: string, end?: string, more: Partial<WatchRequest> = {}): WatchRequest => ({
  id: 0n,
  key: bytes(key),
  end: end === undefined ? undefined : bytes(end),
  startRevision: 0,
  ...more,
});

/** `+key=value@rev` and `-key@rev`, with `(was value)` if the event has a previous value. */
export function eventTexts(message: WatchMessage): string[] {
  return Array.from(message.events, ({ type, kv, prevKv }) => {
    const was = prevKv === undefined ? "" : ` (was ${text(prevKv.value)})`;
    const key = text(kv?.key);
    return type === 0
      ? `+${key}=${text(kv?.value)}@${kv?.modRevision}${was}`
      : `-${key}@${kv?.modRevision}${was}`;
  });
}
