// The records of a data dir whose log has changes that its db file does not have: those of the file, then those of the log. The
// engine repeats the log with only the keys that this needs, so memory grows with the log, not with the file.
// What a compaction in the log will remove is still in the file, and counts.
import { BboltFile } from "../storage/bbolt/reader";
import type { Clock } from "../clock";
import { decode } from "../proto/message";
import { KeyValue } from "../proto/gen/mvccpb";
import { keysNeededBy, type NeededKeys } from "../server/member/log-keys";
import type { StoredRecord } from "../storage/contents";
import type { DataDir } from "../storage/data-dir";
import type { OpenDatabase } from "../storage/read-database";
import {
  joined,
  recordsOfFile,
  StoredRecordWalk,
  type RecordWalk,
  type WalkedRecord,
} from "../storage/record-walk";
import { loadContents } from "./open-store";
import { inTurns } from "./turns";

export interface LogRecords {
  readonly records: RecordWalk;
  readonly others: RecordWalk;
  readonly compactRevision: number;
  close(): void;
}

export async function recordsWithLog(
  dir: DataDir,
  database: OpenDatabase,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<LogRecords> {
  const newestRevision = database.lastRevision();
  const needed = keysNeededBy(dir.log?.entries ?? [], { puts: true });
  const records = await newestRecords(database, needed, signal);
  const server = loadContents(dir, { ...database, records, recordHeads: records, newestRevision }, clock);
  const later = new StoredRecordWalk(() => recordsAfter(newestRevision, server.store.records()));
  const other = BboltFile.open(database.file);
  return {
    records: joined(recordsOfFile(database.bbolt), later),
    others: joined(recordsOfFile(other), later),
    compactRevision: server.store.finishedCompactRevision,
    close() {
      other.close();
      server.close();
    },
  };
}

function* recordsAfter(revision: number, records: Iterable<StoredRecord>): Generator<StoredRecord> {
  for (const record of records) if (record.main > revision) yield record;
}

/** Of each needed key the newest record, in the order of the revisions. */
async function newestRecords(
  { bbolt }: OpenDatabase,
  needed: NeededKeys,
  signal: AbortSignal,
): Promise<StoredRecord[]> {
  const keys = new Set(
    needed.ranges
      .filter(({ end }) => end === undefined)
      .map(({ key }) => Buffer.from(key).toString("latin1")),
  );
  const ranges = needed.ranges.filter(({ end }) => end !== undefined);
  const leases = new Set(needed.leases);
  if (keys.size + ranges.length + leases.size === 0) return [];
  const newest = new Map<string, StoredRecord>();
  const isInRange = ({ bytes, keyStart, keyEnd }: WalkedRecord): boolean =>
    ranges.some(
      ({ key, end = key }) =>
        bytes.compare(key, 0, key.length, keyStart, keyEnd) >= 0 &&
        (end.length === 0 || bytes.compare(end, 0, end.length, keyStart, keyEnd) < 0),
    );
  const visit = (record: WalkedRecord): void => {
    if (record.keyStart === record.keyEnd) return;
    const key = record.keyText;
    if (!newest.has(key) && !keys.has(key) && !isInRange(record) && !leases.has(leaseOf(record, bbolt)))
      return;
    const { main, sub, tombstone, place: offset, encodedSizeBytes: sizeBytes } = record;
    newest.set(key, { main, sub, tombstone, source: bbolt.file, offset, sizeBytes });
  };
  await inTurns(recordsOfFile(bbolt).walk(visit), signal);
  return [...newest.values()].sort((a, b) => a.main - b.main || a.sub - b.sub);
}

/** 0n: none. */
function leaseOf({ place, encodedSizeBytes, restBytes }: WalkedRecord, { file }: BboltFile): bigint {
  if (restBytes <= 0) return 0n;
  return decode(KeyValue, file.read(place + encodedSizeBytes - restBytes, restBytes)).lease;
}
