// Up to 256 keys, sorted by bytes and packed one after the other, and the newest record of each key. There is no object for
// each key: a million keys of 30 bytes take 40 MB, and the garbage collector has nothing to visit.
//
//   keys a, bb, ccc:   bytes  a b b c c c     ends  1 3 6     heads  17 4 9
import { none } from "./records";

export const chunkKeys = 256;
const firstSizeBytes = 256;

export class KeyChunk {
  length = 0;
  private bytes: Buffer;
  private ends = new Uint32Array(chunkKeys);
  private heads = new Int32Array(chunkKeys);

  /**
   * `sizeBytes` is the first capacity for keys. It grows, but each old buffer is garbage that is collected late. `numbering` says
   * which ids the heads are: SortedKeys.renumber().
   */
  constructor(
    sizeBytes = firstSizeBytes,
    public numbering = 0,
  ) {
    this.bytes = Buffer.allocUnsafeSlow(sizeBytes);
  }

  get sizeBytes(): number {
    return this.bytes.length;
  }

  private start(place: number): number {
    return place === 0 ? 0 : (this.ends[place - 1] as number);
  }

  /** Returns a copy, as the chunk's bytes move. */
  key(place: number): Buffer {
    return Buffer.from(this.bytes.subarray(this.start(place), this.ends[place]));
  }

  keySizeBytes(place: number): number {
    return (this.ends[place] as number) - this.start(place);
  }

  copyKey(place: number, target: Buffer, at: number): void {
    const { bytes } = this;
    const end = this.ends[place] as number;
    // Faster than Buffer.copy() for keys, which are short.
    for (let i = this.start(place); i < end; i++) target[at++] = bytes[i] as number;
  }

  head(place: number): number {
    return this.heads[place] as number;
  }

  setHead(place: number, head: number): void {
    this.heads[place] = head;
  }

  /** Negative, 0 or positive if the key at `place` is less than, equal to or greater than `key`. */
  compare(place: number, key: Uint8Array): number {
    const { bytes } = this;
    const start = this.start(place);
    const sizeBytes = (this.ends[place] as number) - start;
    const shared = Math.min(sizeBytes, key.length);
    for (let i = 0; i < shared; i++) {
      const difference = (bytes[start + i] as number) - (key[i] as number);
      if (difference !== 0) return difference;
    }
    return sizeBytes - key.length;
  }

  /** The first place whose key is not less than `key`; `length` if there is none. */
  placeOf(key: Uint8Array): number {
    const { bytes, ends } = this;
    let low = 0;
    let high = this.length;
    // Keys often arrive in order.
    if (high > 0 && this.compare(high - 1, key) < 0) return high;
    // Bytes that the keys at both bounds share with `key` are shared by all keys between them.
    let lowShares = 0;
    let highShares = 0;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const start = this.start(middle);
      const sizeBytes = (ends[middle] as number) - start;
      const comparable = Math.min(sizeBytes, key.length);
      let shares = Math.min(lowShares, highShares);
      while (shares < comparable && bytes[start + shares] === key[shares]) shares++;
      const isBelow =
        shares < comparable
          ? (bytes[start + shares] as number) < (key[shares] as number)
          : sizeBytes < key.length;
      if (isBelow) {
        low = middle + 1;
        lowShares = shares;
      } else {
        high = middle;
        highShares = shares;
      }
    }
    return low;
  }

  /** `place` comes from placeOf(key). */
  insert(place: number, key: Uint8Array, head: number): void {
    if (this.length === this.ends.length) this.growColumns();
    const { ends, heads, length } = this;
    const start = this.start(place);
    const used = this.start(length);
    this.reserve(used + key.length);
    this.bytes.copyWithin(start + key.length, start, used);
    this.bytes.set(key, start);
    for (let i = length; i > place; i--) {
      ends[i] = (ends[i - 1] as number) + key.length;
      heads[i] = heads[i - 1] as number;
    }
    ends[place] = start + key.length;
    heads[place] = head;
    this.length++;
  }

  private growColumns(): void {
    const { ends, heads, length } = this;
    this.ends = new Uint32Array(length * 2);
    this.heads = new Int32Array(length * 2);
    this.ends.set(ends);
    this.heads.set(heads);
  }

  private reserve(sizeBytes: number): void {
    if (sizeBytes > this.bytes.length) this.resize(Math.max(sizeBytes, Math.floor(this.bytes.length * 1.5)));
  }

  private resize(sizeBytes: number): void {
    const resized = Buffer.allocUnsafeSlow(sizeBytes);
    this.bytes.copy(resized, 0, 0, this.start(this.length));
    this.bytes = resized;
  }

  /** Frees the capacity that is not used. */
  trim(): void {
    const used = this.start(this.length);
    if (used < this.bytes.length) this.resize(used);
  }

  /** Moves the keys from `place` on into a new chunk. */
  split(place: number): KeyChunk {
    const upper = new KeyChunk(this.sizeBytes, this.numbering);
    upper.append(this, place);
    this.length = place;
    return upper;
  }

  /** Adds the other's keys from `place` on. The caller makes sure that they fit. */
  append(other: KeyChunk, place = 0): void {
    const from = other.start(place);
    const shift = this.start(this.length) - from;
    this.reserve(shift + other.start(other.length));
    other.bytes.copy(this.bytes, from + shift, from, other.start(other.length));
    for (let i = place; i < other.length; i++, this.length++) {
      this.ends[this.length] = (other.ends[i] as number) + shift;
      this.heads[this.length] = other.head(i);
    }
  }

  renumber(moved: Int32Array): void {
    const { heads, length } = this;
    for (let place = 0; place < length; place++) heads[place] = moved[heads[place] as number] as number;
  }

  /** Removes the keys from `from` on and before `to`. */
  remove(from: number, to: number): void {
    const { bytes, ends, heads, length } = this;
    const start = this.start(from);
    const removedBytes = this.start(to) - start;
    bytes.copyWithin(start, start + removedBytes, this.start(length));
    for (let place = to, at = from; place < length; place++, at++) {
      ends[at] = (ends[place] as number) - removedBytes;
      heads[at] = heads[place] as number;
    }
    this.length = length - (to - from);
  }

  /** Replaces each head by `next(head)`, and removes the keys for which that is `none`. */
  update(next: (head: number) => number): void {
    const { bytes, ends, heads, length } = this;
    let start = 0;
    let used = 0;
    this.length = 0;
    for (let place = 0; place < length; place++) {
      const end = ends[place] as number;
      const head = next(heads[place] as number);
      if (head !== none) {
        if (used !== start) bytes.copyWithin(used, start, end);
        used += end - start;
        ends[this.length] = used;
        heads[this.length] = head;
        this.length++;
      }
      start = end;
    }
    if (used < bytes.length / 2) this.trim();
  }
}
