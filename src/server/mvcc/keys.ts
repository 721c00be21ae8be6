// Keys and ranges of keys in the engine: latin1 strings with one character for each byte, which sort like the bytes.
import { isOpenRangeEnd } from "../../etcd/keys";

export function keyString(key: Uint8Array): string {
  return asBuffer(key).toString("latin1");
}

export function keyBytes(key: string): Buffer {
  return Buffer.from(key, "latin1");
}

/** `range_end` of etcd's API as the `end` of kv.ts: none is the one key, "\0" is all keys from the start on. */
export function endOf(rangeEnd: Uint8Array): Uint8Array | undefined {
  if (rangeEnd.length === 0) return undefined;
  return isOpenRangeEnd(rangeEnd) ? rangeEnd.subarray(0, 0) : rangeEnd;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

export interface KeyRange {
  readonly start: string;
  readonly end: string;
}

/** An end greater than every key. */
export const endOfKeys = "\uffff";

/** A set of half-open key ranges, kept sorted and disjoint, so that a look-up is a binary search. */
export class KeyRanges {
  private readonly ranges: KeyRange[] = [];

  /** Joins ranges that touch. */
  add(range: KeyRange): void {
    if (range.end <= range.start) return;
    const first = this.firstEndingFrom(range.start);
    let union = range;
    let afterLast = first;
    for (let next = this.ranges[afterLast]; next !== undefined; next = this.ranges[++afterLast]) {
      if (next.start > union.end) break;
      union = {
        start: next.start < union.start ? next.start : union.start,
        end: next.end > union.end ? next.end : union.end,
      };
    }
    this.ranges.splice(first, afterLast - first, union);
  }

  addAll(others: KeyRanges): void {
    for (const range of others.ranges) this.add(range);
  }

  has(key: string): boolean {
    return this.covers({ start: key, end: `${key}\0` });
  }

  /** True if the whole range is in the set, or its start if it has no keys. */
  covers({ start, end }: KeyRange): boolean {
    if (end <= start) return this.has(start);
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
