// The multi-version store's whole interface.
import type { StoredRecord } from "../backend/contents";
import type { Kv } from "./kv";
import type { Watchable } from "./watch";

export interface Store extends Kv, Watchable {
  /** Live records in rising (main, sub) order, for the snapshot writer. Not to be used across a write. */
  records(): Iterable<StoredRecord>;
  /** 0: never compacted. For the file's finishedCompactRevision; the scheduled one is always the same. */
  readonly finishedCompactRevision: number;
  /** What etcd's db file would measure: never shrinks but by defragment(). */
  readonly sizeBytes: number;
  readonly sizeInUseBytes: number;
  /** Rewrites what lies in memory without the holes that compaction left. */
  defragment(): void;
  /** After this the store reads nothing from the file it was opened from. */
  detachFromFile(): void;
}
