// Which keys of two sets of records differ. Both are walked in the order of their revisions, so the last record of a key is the one
// that counts. During the walk over the second set, values are compared byte by byte.
//
//   an entry of key-hash-table.ts, 32 bytes
//   word 2  size of A's record; 0: not in A | double 2  place of A's record
//   word 3  size of B's record; 0: not in B | double 3  place of B's record; -1: its value is that of A
import { valueOf } from "../server/mvcc/record-head";
import type { RecordWalk, WalkedRecord } from "../storage/record-walk";
import { KeyHashTable } from "./key-hash-table";

/** Where a record is; see WalkedRecord. */
export interface RecordPlace {
  readonly place: number;
  readonly sizeBytes: number;
}

/** The places of a key that differs. Undefined: the key is not there. */
export interface DifferentKey {
  readonly a: RecordPlace | undefined;
  readonly b: RecordPlace | undefined;
}

const doublesPerEntry = 4;
const sameAsA = -1;

export class DifferenceTable {
  private readonly table: KeyHashTable;

  constructor(maxSlots?: number) {
    this.table = new KeyHashTable(doublesPerEntry, maxSlots);
  }

  /** For the walk over A. */
  addOfA(record: WalkedRecord): void {
    const at = this.table.entryOf(record);
    if (at < 0) return;
    this.table.words[at + 2] = record.tombstone ? 0 : record.encodedSizeBytes;
    this.table.doubles[at / 2 + 2] = record.place;
  }

  /** For the walk over B, after that over A. `a` and `b` read records without moving the walks. */
  addOfB(record: WalkedRecord, a: RecordWalk, b: RecordWalk): void {
    const at = this.table.entryOf(record);
    if (at < 0) return;
    const { words, doubles } = this.table;
    const sizeOfA = words[at + 2] as number;
    words[at + 3] = record.tombstone ? 0 : record.encodedSizeBytes;
    const isSame =
      !record.tombstone &&
      sizeOfA !== 0 &&
      hasSameValue(record, doubles[at / 2 + 2] as number, sizeOfA, a, b);
    doubles[at / 2 + 3] = isSame ? sameAsA : record.place;
  }

  /** The keys of these walks that differ, in no order. */
  *differences(): Generator<DifferentKey> {
    const { words, doubles } = this.table;
    for (const at of this.table.entries()) {
      const placeOf = (field: 2 | 3): RecordPlace | undefined => {
        const sizeBytes = words[at + field] as number;
        return sizeBytes === 0 ? undefined : { place: doubles[at / 2 + field] as number, sizeBytes };
      };
      if (words[at + 3] !== 0 && doubles[at / 2 + 3] === sameAsA) continue;
      const [a, b] = [placeOf(2), placeOf(3)];
      if (a !== undefined || b !== undefined) yield { a, b };
    }
  }

  /** Empties the table for the next walks. False when every key has been compared. */
  next(): boolean {
    return this.table.next();
  }
}

/** Whether a record of B has the value of the record at `place` of A. */
function hasSameValue(
  record: WalkedRecord,
  place: number,
  sizeBytes: number,
  a: RecordWalk,
  b: RecordWalk,
): boolean {
  // Most often nothing of the record has changed.
  if (sizeBytes === record.encodedSizeBytes && a.holds(place, record)) return true;
  const value = valueOf(a.read(place, sizeBytes));
  // Not read: a value of another size, whose head the walk has.
  if (value.length !== record.valueSizeBytes) return false;
  const head = record.valueHead;
  const other = head.length === value.length ? head : valueOf(b.read(record.place, record.encodedSizeBytes));
  return Buffer.compare(value, other) === 0;
}
