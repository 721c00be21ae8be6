// Which keys of two sets of records differ. Both are walked in the order of their revisions, so the last record of a key is the one
// that counts. Then the second set is walked again, and the values are compared byte by byte.
//
//   an entry of key-hash-table.ts, 32 bytes
//   word 2  size of A's record; 0: not in A | double 2  place of A's record
//   word 3  size of B's record; 0: not in B | double 3  place of B's record
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

export class DifferenceTable {
  private readonly table: KeyHashTable;

  constructor(maxSlots?: number) {
    this.table = new KeyHashTable(doublesPerEntry, maxSlots);
  }

  /** For the walk over A, then that over B. */
  add(side: "a" | "b", record: WalkedRecord): void {
    const at = this.table.entryOf(record);
    if (at < 0) return;
    const field = side === "a" ? 2 : 3;
    this.table.words[at + field] = record.tombstone ? 0 : record.encodedSizeBytes;
    this.table.doubles[at / 2 + field] = record.place;
  }

  /** For the second walk over B: forgets the key if its values are the same. */
  compare(record: WalkedRecord, a: RecordWalk, b: RecordWalk): void {
    const at = this.table.entryOf(record);
    if (at < 0) return;
    const { words, doubles } = this.table;
    const [sizeOfA, sizeOfB] = [words[at + 2] as number, words[at + 3] as number];
    if (sizeOfA === 0 || sizeOfB === 0 || doubles[at / 2 + 3] !== record.place) return;
    const bytes = a.read(doubles[at / 2 + 2] as number, sizeOfA);
    // Not read: a value of another size, whose head the walk has.
    const value = valueOf(bytes);
    if (value.length !== record.valueSizeBytes) return;
    const head = record.valueHead;
    const other = head.length === value.length ? head : valueOf(b.read(record.place, sizeOfB));
    if (Buffer.compare(value, other) === 0) words[at + 2] = words[at + 3] = 0;
  }

  /** The keys of these walks that differ, in no order. */
  *differences(): Generator<DifferentKey> {
    const { words, doubles } = this.table;
    for (const at of this.table.entries()) {
      const placeOf = (field: 2 | 3): RecordPlace | undefined => {
        const sizeBytes = words[at + field] as number;
        return sizeBytes === 0 ? undefined : { place: doubles[at / 2 + field] as number, sizeBytes };
      };
      const [a, b] = [placeOf(2), placeOf(3)];
      if (a !== undefined || b !== undefined) yield { a, b };
    }
  }

  /** Empties the table for the next walks. False when every key has been compared. */
  next(): boolean {
    return this.table.next();
  }
}
