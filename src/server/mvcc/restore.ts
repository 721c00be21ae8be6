// Fills an empty store from the records of a db file. Only keys and places are read into memory; values stay in the file.
// Refuses a file whose revisions do not rise. Go: restore in server/storage/mvcc/kvstore.go
import type { StoredRecord } from "../../storage/contents";
import { osErrorReason } from "../../go/os";
import { FormatError } from "../../storage/errors";
import type { Arena } from "./arena";
import type { KeyIndex } from "./key-index";
import { KeySorter } from "./key-sorter";
import { keyString } from "./keys";
import type { RecordHead } from "./record-head";
import { recordHeadIn } from "./record-head";
import { none, type Records } from "./records";

export interface Restored {
  /** The newest revision; 1 without records. */
  readonly revision: number;
  readonly keyCount: number;
  /** The lease of each key that has one. */
  readonly leases: ReadonlyMap<string, bigint>;
}

export function restoreRecords(
  stored: Iterable<StoredRecord>,
  arena: Arena,
  records: Records,
  index: KeyIndex,
): Restored {
  const leases = new Map<string, bigint>();
  const sorter = new KeySorter((key, id) => records.setPrevious(id, index.push(key, id)));
  let main = 1;
  let sub = -1;
  for (const record of stored) {
    if (record.main < main || (record.main === main && record.sub <= sub)) {
      throw damaged(record, `comes after ${main}.${sub}: the revisions do not rise`);
    }
    ({ main, sub } = record);
    const head = readHead(record);
    const id = records.length;
    records.append({
      main,
      sub,
      tombstone: record.tombstone,
      leased: head.lease !== 0n,
      createRevision: head.createRevision,
      version: head.version,
      previous: none,
      source: arena.adopt(record.source, record.sizeBytes),
      offset: record.offset,
      sizeBytes: record.sizeBytes,
    });
    sorter.add(head.key, id);
    if (head.lease !== 0n) leases.set(keyString(head.key), head.lease);
    else if (leases.size > 0) leases.delete(keyString(head.key));
  }
  sorter.flush();
  return { revision: main, keyCount: countKeys(records), leases };
}

/** Keys that exist: the values that no later record of their key follows. */
function countKeys(records: Records): number {
  let count = 0;
  for (let id = 0; id < records.length; id++) {
    if (!records.isTombstone(id)) count++;
    const previous = records.previous(id);
    if (previous !== none && !records.isTombstone(previous)) count--;
  }
  return count;
}

function readHead(record: StoredRecord): RecordHead {
  try {
    return recordHeadIn(record.source, record.offset, record.sizeBytes);
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    throw damaged(record, `is no KeyValue: ${osErrorReason(cause)}`, cause);
  }
}

function damaged({ source, offset, main, sub }: StoredRecord, problem: string, cause?: unknown): FormatError {
  return new FormatError(source.path ?? "memory", offset, `record ${main}.${sub} ${problem}`, { cause });
}
