// How many different keys there are, in 13 to 26 bytes of memory for each: not the keys are kept but 64 bits of hash. Two of ten million keys share theirs with a chance of one in 300,000; then one is not counted.
//
//   slot   0: free   else the hash, high and low half; `there` says whether the key is in the set or was taken out
import { crc32c } from "../formats/crc32c";

const FIRST_SLOTS = 1 << 12;
const MAX_LOAD = 0.7;

export class KeySet {
  size = 0;
  private used = 0;
  private high = new Uint32Array(FIRST_SLOTS);
  private low = new Uint32Array(FIRST_SLOTS);
  private there = new Uint8Array(FIRST_SLOTS);

  add(key: Uint8Array): void {
    const slot = this.slotOf(crc32c(0, key), fnv32a(key), true);
    if (this.there[slot] === 1) return;
    this.there[slot] = 1;
    this.size++;
  }

  delete(key: Uint8Array): void {
    const slot = this.slotOf(crc32c(0, key), fnv32a(key), false);
    if (this.there[slot] !== 1) return;
    this.there[slot] = 0;
    this.size--;
  }

  private slotOf(high: number, low: number, claim: boolean): number {
    if (claim && this.used > this.low.length * MAX_LOAD) this.grow();
    // A free slot is told by both halves being zero.
    if (high === 0 && low === 0) low = 1;
    const mask = this.low.length - 1;
    let slot = low & mask;
    while (this.high[slot] !== 0 || this.low[slot] !== 0) {
      if (this.high[slot] === high && this.low[slot] === low) return slot;
      slot = (slot + 1) & mask;
    }
    if (claim) {
      this.high[slot] = high;
      this.low[slot] = low;
      this.used++;
    }
    return slot;
  }

  private grow(): void {
    const { high, low, there } = this;
    const slots = low.length * 2;
    this.high = new Uint32Array(slots);
    this.low = new Uint32Array(slots);
    this.there = new Uint8Array(slots);
    this.used = 0;
    for (let old = 0; old < there.length; old++) {
      if (there[old] !== 1) continue;
      this.there[this.slotOf(high[old] as number, low[old] as number, true)] = 1;
    }
  }
}

/** http://www.isthe.com/chongo/tech/comp/fnv, with its bits mixed once more: it only chooses slots. */
function fnv32a(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
