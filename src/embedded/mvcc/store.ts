// The door of mvcc/: a versioned store with watchers on top. Everything above holds a Store and nothing of its parts.
// Answers to etcd's mvcc/watchable_store.go as the server sees it.
import type { Clock } from "../../io";
import type { StoredRecord } from "../backend/contents";
import type { Kv } from "./kv";
import type { VersionedStoreOptions } from "./versioned-store";
import type { Watchable } from "./watch";
import { WatchableStore } from "./watchable-store";

export interface StoreOptions extends VersionedStoreOptions {
  /** For progress notifications. */
  readonly clock: Clock;
  /** Absent: 10 minutes. */
  readonly watchProgressIntervalMs?: number | undefined;
}

export interface Store extends Kv, Watchable {
  /**
   * All records in rising (main, sub) order, for the snapshot writer: a picture of this moment, which may be read while
   * the store is written, compacted and defragmented.
   */
  records(): Iterable<StoredRecord>;
  /** 0: never compacted. For the file's finishedCompactRevision; the scheduled one is always the same. */
  readonly finishedCompactRevision: number;
  /** What etcd's db file would measure, about: it never shrinks but by defragment(). */
  readonly sizeBytes: number;
  readonly sizeInUseBytes: number;
  /** Rewrites what lies in memory without the holes that compaction left. */
  defragment(): void;
}

export function createStore(options: StoreOptions): Store {
  return new WatchableStore(options);
}
