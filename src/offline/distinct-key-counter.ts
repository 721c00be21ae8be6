import { crc32c } from "../storage/crc32c";

const initialSlots = 1 << 12;
const maxLoad = 0.7;

/**
 * Counts the distinct keys of a set in 13 to 26 bytes of memory for each: it keeps 64 bits of hash instead of the key. With
 * ten million keys, two share their hash with a chance of one in 300,000; then the count is one too low.
 *
 * An open-addressed hash table. A slot whose low half is 0 is free. `present` is 0 for a deleted key, whose slot stays.
 */
export class DistinctKeyCounter {
  size = 0;
  private usedSlots = 0;
  private high = new Uint32Array(initialSlots);
  private low = new Uint32Array(initialSlots);
  private present = new Uint8Array(initialSlots);

  add(key: Uint8Array): void {
    if (this.usedSlots > this.low.length * maxLoad) this.grow();
    const slot = this.insert(crc32c(0, key), fnv32a(key));
    if (this.present[slot] === 1) return;
    this.present[slot] = 1;
    this.size++;
  }

  delete(key: Uint8Array): void {
    const slot = this.find(crc32c(0, key), nonZero(fnv32a(key)));
    if (this.present[slot] !== 1) return;
    this.present[slot] = 0;
    this.size--;
  }

  /** Returns the slot of this hash, which takes a free slot if it has none. */
  private insert(high: number, anyLow: number): number {
    const low = nonZero(anyLow);
    const slot = this.find(high, low);
    if (this.low[slot] === 0) {
      this.high[slot] = high;
      this.low[slot] = low;
      this.usedSlots++;
    }
    return slot;
  }

  /** Returns the slot of this hash, or the free slot where it belongs. */
  private find(high: number, low: number): number {
    const mask = this.low.length - 1;
    let slot = low & mask;
    while (this.low[slot] !== 0 && (this.high[slot] !== high || this.low[slot] !== low)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private grow(): void {
    const { high, low, present } = this;
    const slots = low.length * 2;
    this.high = new Uint32Array(slots);
    this.low = new Uint32Array(slots);
    this.present = new Uint8Array(slots);
    this.usedSlots = 0;
    for (let old = 0; old < present.length; old++) {
      if (present[old] !== 1) continue;
      this.present[this.insert(high[old] as number, low[old] as number)] = 1;
    }
  }
}

/** A low half of 0 marks a free slot. */
function nonZero(low: number): number {
  return low === 0 ? 1 : low;
}

/** http://www.isthe.com/chongo/tech/comp/fnv, with a final mix of the bits since the low bits choose the slot. */
function fnv32a(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
