// Fills an empty store from the records of a db file: only keys and places are taken into memory, values stay where
// they are. Answers to restore() in etcd's mvcc/kvstore.go. A file that claims the impossible is refused.
import type { StoredRecord } from "../backend/contents";
import type { Arena } from "./arena";
import type { KeyIndex } from "./key-index";
import { keyAndLease } from "./record-key";
import type { Records } from "./records";
import { NONE } from "./records";

export interface Loaded {
  /** The newest revision seen; 1 when there are no records. */
  readonly revision: number;
  /** The lease of each key that has one. */
  readonly leases: ReadonlyMap<string, bigint>;
}

export function loadRecords(
  stored: Iterable<StoredRecord>,
  arena: Arena,
  records: Records,
  index: KeyIndex,
): Loaded {
  const leases = new Map<string, bigint>();
  let main = 1;
  let sub = -1;
  for (const record of stored) {
    if (record.main < main || (record.main === main && record.sub <= sub)) {
      throw new Error(`record ${record.main}.${record.sub} after ${main}.${sub}: the revisions do not rise`);
    }
    ({ main, sub } = record);
    const bytes = record.source.read(record.offset, record.sizeBytes);
    const { key, lease } = keyAndLease(bytes);
    const source = arena.adopt(record.source, record.sizeBytes);
    const entry = index.find(key);
    const previous = entry?.head ?? NONE;
    const id = records.append(main, sub, record.tombstone, previous, source, record.offset, record.sizeBytes);
    if (entry === undefined) index.addUnsorted(key, id);
    else entry.head = id;
    if (lease !== 0n) leases.set(key, lease);
    else if (leases.size > 0) leases.delete(key);
  }
  index.sort();
  return { revision: main, leases };
}
