// A set of half-open key ranges, kept sorted and apart, so that asking stays cheap for any number of them. Keys are
// latin1 strings, whose order is that of their bytes. Leaf; used for overlaps inside a txn and for permissions.
import { isOpenRangeEnd } from "../../etcd/keys";

export interface KeyRange {
  readonly start: string;
  readonly end: string;
}

/** An end beyond every key. */
export const endOfKeys = "\uffff";

export class KeyRanges {
  private readonly ranges: KeyRange[] = [];

  /** Ranges that touch become one. */
  add(range: KeyRange): void {
    if (range.end <= range.start) return;
    const first = this.firstEndingFrom(range.start);
    let union = range;
    let after = first;
    for (let next = this.ranges[after]; next !== undefined; next = this.ranges[++after]) {
      if (next.start > union.end) break;
      union = {
        start: next.start < union.start ? next.start : union.start,
        end: next.end > union.end ? next.end : union.end,
      };
    }
    this.ranges.splice(first, after - first, union);
  }

  addAll(others: KeyRanges): void {
    for (const range of others.ranges) this.add(range);
  }

  has(key: string): boolean {
    return this.covers({ start: key, end: `${key}\0` });
  }

  /** The whole of `range` lies in the set. */
  covers({ start, end }: KeyRange): boolean {
    const range = this.ranges[this.firstEndingFrom(`${start}\0`)];
    return range !== undefined && range.start <= start && range.end >= end;
  }

  /** Index of the first range that ends at `key` or after it. */
  private firstEndingFrom(key: string): number {
    let low = 0;
    let high = this.ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const range = this.ranges[middle];
      if (range !== undefined && range.end < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

// Keys as the engine holds them: strings of one character per byte (latin1), whose order is the order of the bytes.
// Leaf of mvcc/, used by everything that compares or stores keys.

export function keyString(key: Uint8Array): string {
  return asBuffer(key).toString("latin1");
}

export function keyBytes(key: string): Buffer {
  return Buffer.from(key, "latin1");
}

/** `range_end` of etcd's API as kv.ts wants it: none: one key; "\0": everything from the key on. */
export function endOf(rangeEnd: Uint8Array): Uint8Array | undefined {
  if (rangeEnd.length === 0) return undefined;
  return isOpenRangeEnd(rangeEnd) ? rangeEnd.subarray(0, 0) : rangeEnd;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
