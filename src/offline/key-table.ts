// Sums over all revisions of each key. A walk in the order of the revisions meets each key many times, and its last record decides
// whether the key exists and how large its value is.
//
//   an entry of key-hash-table.ts, 40 bytes
//   word 2  group                               | word 5    size of the last record
//   word 3  size of the value; all ones: deleted | double 3  bytes of all records
//   word 4  number of records                    | double 4  place of the last record
import type { WalkedRecord } from "../storage/record-walk";
import { KeyHashTable } from "./key-hash-table";

/** What the walks add up for a key. */
export interface KeySums {
  readonly group: number;
  readonly exists: boolean;
  /** Of the present value; 0 for a deleted key. */
  readonly valueSizeBytes: number;
  /** How many records the key has, deletions included. */
  readonly revisions: number;
  /** What all records of the key take. */
  readonly allSizeBytes: number;
  /** Where its last record is, and its size: see WalkedRecord. */
  readonly place: number;
  readonly encodedSizeBytes: number;
}

const deleted = 0xffffffff;
const doublesPerEntry = 5;

export class KeyTable {
  private readonly table: KeyHashTable;

  constructor(
    /** Called once for each key. */
    private readonly groupOf: (record: WalkedRecord) => number,
    maxSlots?: number,
  ) {
    this.table = new KeyHashTable(doublesPerEntry, maxSlots);
  }

  add(record: WalkedRecord): void {
    const { table } = this;
    const at = table.entryOf(record);
    if (at < 0) return;
    const { words, doubles } = table;
    const revisions = words[at + 4] as number;
    if (revisions === 0) words[at + 2] = this.groupOf(record);
    words[at + 3] = record.tombstone ? deleted : record.valueSizeBytes;
    words[at + 4] = revisions + 1;
    words[at + 5] = record.encodedSizeBytes;
    doubles[at / 2 + 3] = (doubles[at / 2 + 3] as number) + record.sizeBytes;
    doubles[at / 2 + 4] = record.place;
  }

  /** The keys of this walk, in no order. */
  *keys(): Generator<KeySums> {
    for (const at of this.table.entries()) yield this.sums(at);
  }

  /** Empties the table for the next walk. False when every key has been counted. */
  next(): boolean {
    return this.table.next();
  }

  private sums(at: number): KeySums {
    const { words, doubles } = this.table;
    const value = (words[at + 3] as number) >>> 0;
    return {
      group: words[at + 2] as number,
      exists: value !== deleted,
      valueSizeBytes: value === deleted ? 0 : value,
      revisions: (words[at + 4] as number) >>> 0,
      allSizeBytes: doubles[at / 2 + 3] as number,
      place: doubles[at / 2 + 4] as number,
      encodedSizeBytes: (words[at + 5] as number) >>> 0,
    };
  }
}
