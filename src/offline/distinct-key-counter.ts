import { mixed } from "./key-hash-table";

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
  private high = new Int32Array(initialSlots);
  private low = new Int32Array(initialSlots);
  private present = new Uint8Array(initialSlots);
  private hashHigh = 0;
  private hashLow = 0;

  /** The key is the bytes from `start` to `end`. */
  add(bytes: Uint8Array, start = 0, end = bytes.length): void {
    if (this.usedSlots > this.low.length * maxLoad) this.grow();
    this.hash(bytes, start, end);
    const slot = this.insert(this.hashHigh, this.hashLow);
    if (this.present[slot] === 1) return;
    this.present[slot] = 1;
    this.size++;
  }

  delete(bytes: Uint8Array, start = 0, end = bytes.length): void {
    this.hash(bytes, start, end);
    const slot = this.find(this.hashHigh, this.hashLow);
    if (this.present[slot] !== 1) return;
    this.present[slot] = 0;
    this.size--;
  }

  private hash(bytes: Uint8Array, start: number, end: number): void {
    let high = 0x9747b28c | 0;
    let low = 0x811c9dc5 | 0;
    for (let at = start; at < end; at++) {
      const byte = bytes[at] as number;
      low = Math.imul(low ^ byte, 0x01000193);
      high = Math.imul(high ^ byte, 0x5bd1e995) ^ (high >>> 15);
    }
    this.hashHigh = mixed(high);
    this.hashLow = mixed(low) || 1;
  }

  /** Returns the slot of this hash, which takes a free slot if it has none. */
  private insert(high: number, low: number): number {
    const slot = this.find(high, low);
    if (this.low[slot] === 0) {
      this.high[slot] = high;
      this.low[slot] = low;
      this.usedSlots++;
    }
    return slot;
  }

  /** The slot of this hash, or the free slot where it belongs. */
  private find(high: number, low: number): number {
    const mask = this.low.length - 1;
    let slot = low & mask;
    while (this.low[slot] !== 0 && (this.low[slot] !== low || this.high[slot] !== high))
      slot = (slot + 1) & mask;
    return slot;
  }

  private grow(): void {
    const { high, low, present } = this;
    this.high = new Int32Array(2 * low.length);
    this.low = new Int32Array(2 * low.length);
    this.present = new Uint8Array(2 * low.length);
    this.usedSlots = 0;
    low.forEach((lowHalf, oldSlot) => {
      if (lowHalf === 0) return;
      const slot = this.insert(high[oldSlot] ?? 0, lowHalf);
      this.present[slot] = present[oldSlot] ?? 0;
    });
  }
}
