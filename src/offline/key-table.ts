// Sums over all revisions of each key, in memory that does not grow with the number of keys. A walk in the order of the
// revisions meets each key many times, and its last record decides whether the key exists and how large its value is. So
// each key has an entry in an open-addressed hash table, with 64 bits of hash in place of the key. When the table is full,
// it drops the keys of half the hashes, and another walk counts those.
// With ten million keys, two share their hash with a chance of one in 300,000; then they count as one.
//
//   an entry, 40 bytes, so that one access to memory gets it
//   0  i32 hash, high half; 0: free    | 12 u32 size of the value; all ones: deleted | 24 f64 bytes of all records
//   4  i32 hash, low half              | 16 u32 number of records                    | 32 f64 place of the last record
//   8  u32 group                       | 20 unused                                   |
import { randomInt } from "node:crypto";
import type { WalkedRecord } from "../storage/record-walk";

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
  /** Where its last record is: see WalkedRecord. */
  readonly place: number;
}

const initialSlots = 1 << 15;
/** 80 MiB of memory, for 1.4 million keys. */
const defaultMaxSlots = 1 << 21;
const growth = 4;
const maxLoad = 0.7;
const deleted = 0xffffffff;

/** The hashes whose bits of `mask` are `bits`. */
interface Share {
  readonly mask: number;
  readonly bits: number;
}

export class KeyTable {
  private readonly seed = randomInt(2 ** 31);
  private entries: Entries;
  private used = 0;
  /** The keys that this walk counts: all, as long as the table has room. */
  private share: Share = { mask: 0, bits: 0 };
  /** For later walks. */
  private readonly otherShares: Share[] = [];

  constructor(
    /** Called once for each key. */
    private readonly groupOf: (record: WalkedRecord) => number,
    /** A power of 2. */
    private readonly maxSlots = defaultMaxSlots,
  ) {
    this.entries = new Entries(Math.min(initialSlots, maxSlots));
  }

  add(record: WalkedRecord): void {
    const { bytes, keyStart, keyEnd } = record;
    let high = this.seed;
    let low = 0x811c9dc5 | 0;
    for (let at = keyStart; at < keyEnd; at++) {
      const byte = bytes[at] as number;
      low = Math.imul(low ^ byte, 0x01000193);
      high = Math.imul(high ^ byte, 0x5bd1e995) ^ (high >>> 15);
    }
    low = mixed(low ^ this.seed);
    high = mixed(high) || 1;
    if ((high & this.share.mask) !== this.share.bits) return;
    if (this.used > this.entries.slots * maxLoad) {
      this.makeRoom();
      if ((high & this.share.mask) !== this.share.bits) return;
    }
    const { entries } = this;
    const slot = entries.find(high, low);
    if (!entries.isUsed(slot)) {
      entries.use(slot, high, low, this.groupOf(record));
      this.used++;
    }
    entries.count(slot, record);
  }

  /** The keys of this walk, in no order. */
  *keys(): Generator<KeySums> {
    for (let slot = 0; slot < this.entries.slots; slot++) {
      if (this.entries.isUsed(slot)) yield this.entries.sums(slot);
    }
  }

  /** Empties the table for the next walk. False when every key has been counted. */
  next(): boolean {
    const share = this.otherShares.pop();
    if (share === undefined) return false;
    this.share = share;
    this.used = 0;
    this.entries = new Entries(this.entries.slots);
    return true;
  }

  private makeRoom(): void {
    const { entries: old, share } = this;
    const isFull = old.slots === this.maxSlots;
    if (isFull) {
      const bit = share.mask + 1;
      const mask = share.mask | bit;
      this.otherShares.push({ mask, bits: share.bits | bit });
      this.share = { mask, bits: share.bits };
    }
    this.entries = new Entries(isFull ? old.slots : Math.min(old.slots * growth, this.maxSlots));
    this.used = this.entries.addAll(old, this.share);
  }
}

const wordsPerEntry = 10;
const doublesPerEntry = 5;

class Entries {
  private readonly words: Int32Array;
  private readonly doubles: Float64Array;

  constructor(readonly slots: number) {
    this.doubles = new Float64Array(slots * doublesPerEntry);
    this.words = new Int32Array(this.doubles.buffer);
  }

  /** The slot of this hash, or the free slot where it belongs. */
  find(high: number, low: number): number {
    const { words } = this;
    const mask = this.slots - 1;
    let slot = low & mask;
    for (;;) {
      const at = slot * wordsPerEntry;
      if (words[at] === 0 || (words[at] === high && words[at + 1] === low)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  isUsed(slot: number): boolean {
    return this.words[slot * wordsPerEntry] !== 0;
  }

  use(slot: number, high: number, low: number, group: number): void {
    const at = slot * wordsPerEntry;
    this.words[at] = high;
    this.words[at + 1] = low;
    this.words[at + 2] = group;
  }

  count(slot: number, { tombstone, valueSizeBytes, sizeBytes, place }: WalkedRecord): void {
    const { words, doubles } = this;
    const at = slot * wordsPerEntry;
    words[at + 3] = tombstone ? deleted : valueSizeBytes;
    words[at + 4] = (words[at + 4] as number) + 1;
    const sums = slot * doublesPerEntry + 3;
    doubles[sums] = (doubles[sums] as number) + sizeBytes;
    doubles[sums + 1] = place;
  }

  sums(slot: number): KeySums {
    const at = slot * wordsPerEntry;
    const value = (this.words[at + 3] as number) >>> 0;
    return {
      group: this.words[at + 2] as number,
      exists: value !== deleted,
      valueSizeBytes: value === deleted ? 0 : value,
      revisions: (this.words[at + 4] as number) >>> 0,
      allSizeBytes: this.doubles[slot * doublesPerEntry + 3] as number,
      place: this.doubles[slot * doublesPerEntry + 4] as number,
    };
  }

  /** Adds the entries of other hashes than these have, as far as the share has them. Returns how many. */
  addAll({ words, slots }: Entries, { mask, bits }: Share): number {
    let added = 0;
    for (let from = 0; from < slots * wordsPerEntry; from += wordsPerEntry) {
      const high = words[from] as number;
      if (high === 0 || (high & mask) !== bits) continue;
      const to = this.find(high, words[from + 1] as number) * wordsPerEntry;
      for (let word = 0; word < wordsPerEntry; word++) this.words[to + word] = words[from + word] as number;
      added++;
    }
    return added;
  }
}

/** Mixes the bits of a hash. See fmix32 of MurmurHash3. */
function mixed(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
