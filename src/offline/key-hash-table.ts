// A table with an entry for each key of a walk over records, in memory that does not grow with the number of keys. It is
// open-addressed, with 64 bits of hash in place of the key. When it is full, it drops the keys of half the hashes, and another
// walk gets those.
// With ten million keys, two share their hash with a chance of one in 300,000; then they count as one.
// The entries are in the order in which their keys came, and the slots have only their numbers. A new key then touches nothing of
// the other entries, and a second walk in the same order gets one entry after the other: the processor's caches serve both.
//
//   a slot, 4 bytes
//   bits 0 … 20   number of the entry + 1; 0: free
//   bits 21 … 31  those of the low half of its hash
//
//   an entry; words and doubles are two views of it
//   word 0  hash, high half
//   word 1  hash, low half
//   from word 2, double 1  the fields of the caller, zeros at first
import { randomInt } from "node:crypto";
import type { WalkedRecord } from "../storage/record-walk";

const initialSlots = 1 << 12;
/** For 1.4 million keys: 8 MiB, and 45 MiB for entries of 32 bytes. No more slots fit the 21 bits. */
const defaultMaxSlots = 1 << 21;
const growth = 8;
const maxLoad = 0.7;
const numberBits = (1 << 21) - 1;

/** The hashes whose bits of `mask` are `bits`. */
interface Share {
  readonly mask: number;
  readonly bits: number;
}

export class KeyHashTable {
  doubles: Float64Array;
  words: Int32Array;
  private slots: Int32Array;
  private used = 0;
  private readonly wordsPerEntry: number;
  private readonly seed = randomInt(2 ** 31);
  /** The keys of this walk: all, as long as the table has room. */
  private share: Share = { mask: 0, bits: 0 };
  /** For later walks. */
  private readonly otherShares: Share[] = [];

  constructor(
    private readonly doublesPerEntry: number,
    /** A power of 2. */
    private readonly maxSlots = defaultMaxSlots,
  ) {
    this.wordsPerEntry = 2 * doublesPerEntry;
    this.slots = new Int32Array(Math.min(initialSlots, maxSlots));
    this.doubles = new Float64Array(this.room() * doublesPerEntry);
    this.words = new Int32Array(this.doubles.buffer);
  }

  /** The first word of the key's entry, which is new if its fields are zeros. -1: another walk gets the key. */
  entryOf({ bytes, keyStart, keyEnd }: WalkedRecord): number {
    // Four bytes at a time, in two halves: see MurmurHash3.
    let high = this.seed;
    let low = ~high ^ (keyEnd - keyStart);
    let next = keyStart;
    for (; next + 4 <= keyEnd; next += 4) {
      const four =
        (bytes[next] as number) |
        ((bytes[next + 1] as number) << 8) |
        ((bytes[next + 2] as number) << 16) |
        ((bytes[next + 3] as number) << 24);
      low = mixedIn(low, Math.imul(four, 0xcc9e2d51));
      high = mixedIn(high, Math.imul(four, 0x9b4a1e35));
    }
    for (; next < keyEnd; next++) {
      low = mixedIn(low, Math.imul(bytes[next] as number, 0xcc9e2d51));
      high = mixedIn(high, Math.imul(bytes[next] as number, 0x9b4a1e35));
    }
    low = mixed(low);
    high = mixed(high);
    if ((high & this.share.mask) !== this.share.bits) return -1;
    let slot = this.find(high, low);
    const found = this.slots[slot] as number;
    if (found !== 0) return ((found & numberBits) - 1) * this.wordsPerEntry;
    if (this.used >= this.room()) {
      this.makeRoom();
      if ((high & this.share.mask) !== this.share.bits) return -1;
      slot = this.find(high, low);
    }
    return this.use(slot, high, low);
  }

  /** The first words of all entries, in the order in which the keys came. */
  *entries(): Generator<number> {
    const end = this.used * this.wordsPerEntry;
    for (let at = 0; at < end; at += this.wordsPerEntry) yield at;
  }

  /** Empties the table for the next walk. False when every key has had its turn. */
  next(): boolean {
    const share = this.otherShares.pop();
    if (share === undefined) return false;
    this.share = share;
    this.used = 0;
    this.doubles.fill(0);
    this.slots.fill(0);
    return true;
  }

  private room(): number {
    return Math.floor(this.slots.length * maxLoad);
  }

  private use(slot: number, high: number, low: number): number {
    const at = this.used * this.wordsPerEntry;
    if (at === this.words.length) this.growEntries();
    this.words[at] = high;
    this.words[at + 1] = low;
    this.slots[slot] = ++this.used | (low & ~numberBits);
    return at;
  }

  private growEntries(): void {
    const { doubles } = this;
    const room = Math.floor(this.maxSlots * maxLoad) * this.doublesPerEntry;
    this.doubles = new Float64Array(Math.min(doubles.length * 2, room));
    this.words = new Int32Array(this.doubles.buffer);
    // A double can be the bits of a hash that is no number: they must stay as they are.
    this.words.set(new Int32Array(doubles.buffer));
  }

  /** The slot of this hash, or the free one where it belongs. */
  private find(high: number, low: number): number {
    const { words, slots, wordsPerEntry } = this;
    const mask = slots.length - 1;
    let slot = low & mask;
    for (;;) {
      const found = slots[slot] as number;
      if (found === 0) return slot;
      if (((found ^ low) & ~numberBits) === 0) {
        const at = ((found & numberBits) - 1) * wordsPerEntry;
        if (words[at] === high && words[at + 1] === low) return slot;
      }
      slot = (slot + 1) & mask;
    }
  }

  /** The table grows, or keeps one half of its share for this walk. */
  private makeRoom(): void {
    const { maxSlots } = this;
    if (this.slots.length === maxSlots) this.keepHalf();
    else this.slots = new Int32Array(Math.min(this.slots.length * growth, maxSlots));
    const { words, wordsPerEntry, slots } = this;
    slots.fill(0);
    for (let number = 0; number < this.used; number++) {
      const low = words[number * wordsPerEntry + 1] as number;
      slots[this.free(low)] = (number + 1) | (low & ~numberBits);
    }
  }

  private free(low: number): number {
    const { slots } = this;
    const mask = slots.length - 1;
    let slot = low & mask;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    return slot;
  }

  /** The entries of the other half make room for those that stay. */
  private keepHalf(): void {
    const { share, words, wordsPerEntry } = this;
    const bit = share.mask + 1;
    const mask = share.mask | bit;
    this.otherShares.push({ mask, bits: share.bits | bit });
    this.share = { mask, bits: share.bits };
    let to = 0;
    const end = this.used * wordsPerEntry;
    for (let from = 0; from < end; from += wordsPerEntry) {
      if (((words[from] as number) & mask) !== share.bits) continue;
      words.copyWithin(to, from, from + wordsPerEntry);
      to += wordsPerEntry;
    }
    words.fill(0, to, end);
    this.used = to / wordsPerEntry;
  }
}

function mixedIn(hash: number, product: number): number {
  hash ^= Math.imul((product << 15) | (product >>> 17), 0x1b873593);
  return (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
}

/** Mixes the bits of a hash. See fmix32 of MurmurHash3. */
export function mixed(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
