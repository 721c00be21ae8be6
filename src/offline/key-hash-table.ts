// A table with an entry for each key of a walk over records, in memory that does not grow with the number of keys. It is
// open-addressed, with 64 bits of hash in place of the key. When it is full, it drops the keys of half the hashes, and another
// walk gets those.
// With ten million keys, two share their hash with a chance of one in 300,000; then they count as one.
//
//   an entry, in one run of memory, so that one access gets it; words and doubles are two views of it
//   word 0  hash, high half; 0: free
//   word 1  hash, low half
//   from word 2, double 1  the fields of the caller, zeros at first
import { randomInt } from "node:crypto";
import type { WalkedRecord } from "../storage/record-walk";

const initialSlots = 1 << 15;
/** For 1.4 million keys: 64 MiB with entries of 32 bytes. */
const defaultMaxSlots = 1 << 21;
const growth = 4;
const maxLoad = 0.7;

/** The hashes whose bits of `mask` are `bits`. */
interface Share {
  readonly mask: number;
  readonly bits: number;
}

export class KeyHashTable {
  doubles: Float64Array;
  words: Int32Array;
  private slots: number;
  private readonly wordsPerEntry: number;
  private readonly seed = randomInt(2 ** 31);
  private used = 0;
  /** The keys of this walk: all, as long as the table has room. */
  private share: Share = { mask: 0, bits: 0 };
  /** For later walks. */
  private readonly otherShares: Share[] = [];

  constructor(
    private readonly doublesPerEntry: number,
    /** A power of 2. */
    private readonly maxSlots = defaultMaxSlots,
  ) {
    this.slots = Math.min(initialSlots, maxSlots);
    this.wordsPerEntry = 2 * doublesPerEntry;
    this.doubles = new Float64Array(this.slots * doublesPerEntry);
    this.words = new Int32Array(this.doubles.buffer);
  }

  /** The first word of the key's entry, which is new if its fields are zeros. -1: another walk gets the key. */
  entryOf({ bytes, keyStart, keyEnd }: WalkedRecord): number {
    let high = this.seed;
    let low = 0x811c9dc5 | 0;
    for (let at = keyStart; at < keyEnd; at++) {
      const byte = bytes[at] as number;
      low = Math.imul(low ^ byte, 0x01000193);
      high = Math.imul(high ^ byte, 0x5bd1e995) ^ (high >>> 15);
    }
    low = mixed(low ^ this.seed);
    high = mixed(high) || 1;
    if ((high & this.share.mask) !== this.share.bits) return -1;
    const at = this.find(high, low);
    if (this.words[at] !== 0) return at;
    if (this.used >= this.slots * maxLoad) {
      this.makeRoom();
      if ((high & this.share.mask) !== this.share.bits) return -1;
      return this.use(this.find(high, low), high, low);
    }
    return this.use(at, high, low);
  }

  /** The first words of all entries, in no order. */
  *entries(): Generator<number> {
    for (let at = 0; at < this.words.length; at += this.wordsPerEntry) if (this.words[at] !== 0) yield at;
  }

  /** Empties the table for the next walk. False when every key has had its turn. */
  next(): boolean {
    const share = this.otherShares.pop();
    if (share === undefined) return false;
    this.share = share;
    this.used = 0;
    this.doubles.fill(0);
    return true;
  }

  private use(at: number, high: number, low: number): number {
    this.words[at] = high;
    this.words[at + 1] = low;
    this.used++;
    return at;
  }

  /** The entry of this hash, or the free one where it belongs. */
  private find(high: number, low: number): number {
    const { words, wordsPerEntry } = this;
    const mask = this.slots - 1;
    let slot = low & mask;
    for (;;) {
      const at = slot * wordsPerEntry;
      if (words[at] === 0 || (words[at] === high && words[at + 1] === low)) return at;
      slot = (slot + 1) & mask;
    }
  }

  /** The table grows, or keeps one half of its share for this walk. */
  private makeRoom(): void {
    if (this.slots === this.maxSlots) return this.keepHalf();
    const { words: old, wordsPerEntry } = this;
    this.slots = Math.min(this.slots * growth, this.maxSlots);
    this.doubles = new Float64Array(this.slots * this.doublesPerEntry);
    this.words = new Int32Array(this.doubles.buffer);
    for (let from = 0; from < old.length; from += wordsPerEntry) {
      if (old[from] === 0) continue;
      const to = this.find(old[from] as number, old[from + 1] as number);
      for (let word = 0; word < wordsPerEntry; word++) this.words[to + word] = old[from + word] as number;
    }
  }

  /**
   * In place, since a second table of this size would double the memory. An entry moves back to the first free place from where it
   * belongs. That begins after a free place, so that each entry comes after those that it had to make way for.
   */
  private keepHalf(): void {
    const { share, words, wordsPerEntry, slots } = this;
    const bit = share.mask + 1;
    const mask = share.mask | bit;
    this.otherShares.push({ mask, bits: share.bits | bit });
    this.share = { mask, bits: share.bits };
    let first = 0;
    while (words[first * wordsPerEntry] !== 0) first++;
    for (let step = 1; step < slots; step++) {
      const from = ((first + step) & (slots - 1)) * wordsPerEntry;
      const high = words[from] as number;
      if (high === 0) continue;
      const entry = words.slice(from, from + wordsPerEntry);
      words.fill(0, from, from + wordsPerEntry);
      if ((high & mask) === share.bits) words.set(entry, this.find(high, entry[1] as number));
      else this.used--;
    }
  }
}

/** Mixes the bits of a hash. See fmix32 of MurmurHash3. */
export function mixed(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
