// Sorts the keys of many records before they go into the index. Keys in no order each need a search in another part of the index,
// which is larger than the processor's caches; sorted, neighbours follow each other. Sorts by one byte at a time, so that the
// beginning which most keys share is looked at once. (Bentley and Sedgewick, Fast Algorithms for Sorting and Searching Strings)
const batchRecords = 128 * 1024;
const fewRecords = 16;
const firstBytes = 64 * 1024;

/** Receives a key, valid until the next one, and the id of its record. */
export type TakeKey = (key: Uint8Array, id: number) => void;

export class KeySorter {
  private bytes = Buffer.allocUnsafeSlow(firstBytes);
  private readonly ends = new Uint32Array(batchRecords);
  private readonly ids = new Uint32Array(batchRecords);
  private count = 0;
  private firstId = 0;
  private isInOrder = true;

  /** `take` gets the keys of a batch in order, those of the same key in the order of their records. */
  constructor(private readonly take: TakeKey) {}

  /** Ids rise by one. */
  add(key: Uint8Array, id: number): void {
    if (this.count === batchRecords) this.flush();
    if (this.count === 0) this.firstId = id;
    const start = this.start(this.count);
    this.reserve(start + key.length);
    this.bytes.set(key, start);
    this.ends[this.count++] = start + key.length;
    if (this.isInOrder && this.count > 1)
      this.isInOrder = this.compare(this.count - 2, this.count - 1, 0) <= 0;
  }

  /** Hands over what is left. */
  flush(): void {
    const ids = this.ids.subarray(0, this.count);
    for (let i = 0; i < ids.length; i++) ids[i] = i;
    if (!this.isInOrder) this.sort(ids, 0);
    for (const i of ids) this.take(this.bytes.subarray(this.start(i), this.ends[i]), this.firstId + i);
    this.count = 0;
    this.isInOrder = true;
  }

  private reserve(sizeBytes: number): void {
    if (sizeBytes <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(sizeBytes, this.bytes.length * 2));
    this.bytes.copy(larger);
    this.bytes = larger;
  }

  private start(i: number): number {
    return i === 0 ? 0 : (this.ends[i - 1] as number);
  }

  /** -1 after the end of the key. */
  private byteAt(i: number, depth: number): number {
    const at = this.start(i) + depth;
    return at < (this.ends[i] as number) ? (this.bytes[at] as number) : -1;
  }

  /** The first `depth` bytes of both are the same. */
  private compare(a: number, b: number, depth: number): number {
    for (; ; depth++) {
      const left = this.byteAt(a, depth);
      const difference = left - this.byteAt(b, depth);
      if (difference !== 0 || left === -1) return difference;
    }
  }

  /** The first `depth` bytes of all of them are the same. */
  private sort(ids: Uint32Array, depth: number): void {
    let rest = ids;
    while (rest.length > fewRecords) {
      const pivot = this.byteAt(rest[rest.length >> 1] as number, depth);
      const [below, above] = this.partition(rest, pivot, depth);
      const parts = [rest.subarray(0, below), rest.subarray(above), rest.subarray(below, above)] as const;
      // The same keys, in the order of their records.
      if (pivot === -1) parts[2].sort();
      const largest = parts.reduce((a, b) => (b.length > a.length ? b : a));
      for (const part of parts) {
        if (part === largest) continue;
        if (part !== parts[2]) this.sort(part, depth);
        else if (pivot !== -1) this.sort(part, depth + 1);
      }
      if (largest === parts[2]) {
        if (pivot === -1) return;
        depth++;
      }
      rest = largest;
    }
    this.sortFew(rest, depth);
  }

  /** Moves those with a smaller byte to the front and those with a larger one to the end. Returns the bounds of the others. */
  private partition(ids: Uint32Array, pivot: number, depth: number): [below: number, above: number] {
    let below = 0;
    let above = ids.length;
    for (let at = 0; at < above;) {
      const id = ids[at] as number;
      const byte = this.byteAt(id, depth);
      if (byte > pivot) {
        ids[at] = ids[--above] as number;
        ids[above] = id;
        continue;
      }
      if (byte < pivot) {
        ids[at] = ids[below] as number;
        ids[below++] = id;
      }
      at++;
    }
    return [below, above];
  }

  private sortFew(ids: Uint32Array, depth: number): void {
    for (let next = 1; next < ids.length; next++) {
      const id = ids[next] as number;
      let at = next;
      for (; at > 0; at--) {
        const before = ids[at - 1] as number;
        const order = this.compare(before, id, depth);
        if (order < 0 || (order === 0 && before < id)) break;
        ids[at] = before;
      }
      ids[at] = id;
    }
  }
}
