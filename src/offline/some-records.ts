// A `get` of one key from a large db file, which reads only what it needs: an index (storage/key-places.ts) has the places of
// the key's records, and the store gets only those, and those that the entries of the log need to come to the same result.
// Must stay true: whatever is odd about the index or about what it leads to, the whole file is read instead.
import { nextKey } from "../etcd/keys";
import type { RangeRequest } from "../proto/gen/etcdserverpb";
import type { Entry } from "../proto/gen/raftpb";
import { keysNeededBy, type NeededRange } from "../server/member/log-keys";
import { recordHeadIn } from "../server/mvcc/record-head";
import type { DatabaseContents, StoredRecord } from "../storage/contents";
import { FormatError } from "../storage/errors";
import type { KeyPlaces } from "../storage/key-places";
import type { OpenDatabase } from "../storage/read-database";
import { decodeRecordKey, revisionKeyBytes, tombstoneMark } from "../storage/schema";

/** Of more records than this, reading the whole file is as fast. */
const maxRecords = 50_000;

/** The contents that the request needs, after the entries of the log. Undefined: read the whole file. */
export function contentsFor(
  { key, revision }: RangeRequest,
  database: OpenDatabase,
  index: KeyPlaces,
  entries: readonly Entry[] = [],
): DatabaseContents | undefined {
  const needed = keysNeededBy(entries);
  // A lease that the file does not have has no key there.
  const revoked = new Set(needed.leases);
  const leases = database.leases.filter(({ ID }) => revoked.has(ID));
  if (leases.length > 0 && !index.knowsLeases) return undefined;
  const { file } = database.bbolt;
  // The records are far from each other, and the store will read them once more.
  file.isSparse = true;
  try {
    const finder = new RecordFinder(database, index);
    const atRevision = revision > 0n ? Number(revision) : Infinity;
    const records = inOrder([
      ...finder.find({ key, end: undefined }, atRevision),
      ...needed.ranges.flatMap((range) => [...finder.find(range, Infinity)]),
      ...leases.flatMap(({ ID }) => [...finder.leasedBy(ID)]),
    ]);
    const newestRevision = database.lastRevision();
    return { ...database, records, recordHeads: records, newestRevision };
  } catch (error) {
    // Reading the whole file finds out what is wrong, and says so.
    file.isSparse = false;
    if (error instanceof FormatError || error instanceof TooMuch) return undefined;
    throw error;
  }
}

class TooMuch extends Error {
  override name = "TooMuch";
}

interface FoundRecord {
  readonly record: StoredRecord;
  readonly key: Uint8Array;
}

class RecordFinder {
  private left = maxRecords;
  /** Of searches before: all of them begin at the same records. */
  private readonly known = new Map<number, FoundRecord>();

  constructor(
    private readonly database: OpenDatabase,
    private readonly index: KeyPlaces,
  ) {}

  /** Of each key, the records down to the newest one up to `atRevision`. */
  *find({ key, end }: NeededRange, atRevision: number): Generator<StoredRecord> {
    const stop = end === undefined ? nextKey(key) : end;
    let last: Uint8Array | undefined;
    let isFound = false;
    for (let at = this.firstFrom(key); at < this.index.count; at++) {
      const { record, key: recordKey } = this.at(at);
      if (stop.length > 0 && Buffer.compare(recordKey, stop) >= 0) return;
      if (last === undefined || Buffer.compare(last, recordKey) !== 0) isFound = false;
      last = recordKey;
      if (isFound) continue;
      isFound = record.main <= atRevision;
      yield record;
      if (isFound && end === undefined) return;
    }
  }

  /** The newest records of the keys that have had this lease. */
  *leasedBy(lease: bigint): Generator<StoredRecord> {
    for (const position of this.index.leasedBy(lease)) {
      const { key } = this.at(position);
      let newest = position;
      while (newest > 0 && Buffer.compare(this.at(newest - 1).key, key) === 0) newest--;
      yield this.at(newest).record;
    }
  }

  /** The first position of this key or of a later one. */
  private firstFrom(key: Uint8Array): number {
    let low = 0;
    let high = this.index.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (Buffer.compare(this.at(middle).key, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private at(position: number): FoundRecord {
    const found = this.known.get(position) ?? this.read(position);
    this.known.set(position, found);
    return found;
  }

  private read(position: number): FoundRecord {
    if (this.left-- === 0) throw new TooMuch();
    const { file } = this.database.bbolt;
    const { offset, sizeBytes } = this.index.at(position);
    try {
      const head = file.read(offset, revisionKeyBytes + 1);
      const isPut = head[revisionKeyBytes] !== tombstoneMark;
      const revision = isPut ? head.subarray(0, revisionKeyBytes) : head;
      const record = {
        ...decodeRecordKey(revision),
        source: file,
        offset: offset + revision.length,
        sizeBytes,
      };
      return { record, key: Buffer.from(recordHeadIn(file, record.offset, sizeBytes).key) };
    } catch (cause) {
      if (cause instanceof FormatError) throw cause;
      throw new FormatError(file.path, offset, "not a record", { cause });
    }
  }
}

function inOrder(records: StoredRecord[]): StoredRecord[] {
  const sorted = records.sort((a, b) => a.main - b.main || a.sub - b.sub);
  // A key of the request can be one of the log, too.
  return sorted.filter(({ offset }, at) => offset !== sorted[at - 1]?.offset);
}
