// Go's sort.Sort, a pattern-defeating quicksort, in steps. It is not stable, and the order in which it leaves equal items is
// part of etcd's responses. Must stay true: the same comparisons and swaps in the same order as in Go.
// Go: sort/zsortinterface.go
import { stepUnits, type Steps } from "../../storage/steps";

const longestInsertion = 12;
const shortestNinther = 50;
const shortestShifting = 50;
const mostShifts = 5;
const mostSwapsOfPivot = 12;

const comparisonsPerUnit = 4;

/** Sorts `items`, of which only the first `limit` are needed. `isLess` compares two of them. */
export function goSort(
  items: number[],
  isLess: (a: number, b: number) => boolean,
  limit = Infinity,
): Steps<void> {
  return new Sorter(items, isLess, limit).sort(0, items.length, bitLength(items.length));
}

const bitLength = (n: number) => 32 - Math.clz32(n);

class Sorter {
  private comparisons = 0;
  private swapsOfPivot = 0;

  constructor(
    private readonly items: number[],
    private readonly isLess: (a: number, b: number) => boolean,
    private readonly limit: number,
  ) {}

  private less(i: number, j: number): boolean {
    this.comparisons++;
    return this.isLess(this.items[i] as number, this.items[j] as number);
  }

  private swap(i: number, j: number): void {
    const { items } = this;
    const item = items[i] as number;
    items[i] = items[j] as number;
    items[j] = item;
  }

  private reverse(from: number, to: number): void {
    for (let [left, right] = [from, to - 1]; left < right; left++, right--) this.swap(left, right);
  }

  private get isTired(): boolean {
    return this.comparisons >= stepUnits * comparisonsPerUnit;
  }

  private rest(): number {
    const units = this.comparisons / comparisonsPerUnit;
    this.comparisons = 0;
    return units;
  }

  /** `badPivots`: unbalanced partitions until heapsort takes over. */
  *sort(from: number, to: number, badPivots: number): Steps<void> {
    let wasBalanced = true;
    let wasPartitioned = true;
    for (;;) {
      if (this.isTired) yield this.rest();
      if (from >= this.limit) return;
      const length = to - from;
      if (length <= longestInsertion) return this.insertionSort(from, to);
      if (badPivots === 0) return yield* this.heapSort(from, length);
      if (!wasBalanced) {
        this.breakPatterns(from, length);
        badPivots--;
      }
      let pivot = this.choosePivot(from, length);
      let seemsSorted = this.swapsOfPivot === 0;
      if (this.swapsOfPivot === mostSwapsOfPivot) {
        this.reverse(from, to);
        pivot = to - 1 - (pivot - from);
        seemsSorted = true;
      }
      if (wasBalanced && wasPartitioned && seemsSorted && (yield* this.sortsByShifting(from, to))) return;
      // Nothing here is less than the item before: what equals it comes first.
      if (from > 0 && !this.less(from - 1, pivot)) {
        from = yield* this.partitionEqual(from, to, pivot);
        continue;
      }
      const { middle, hadOrder } = yield* this.partition(from, to, pivot);
      wasPartitioned = hadOrder;
      const [left, right] = [middle - from, to - middle];
      wasBalanced = Math.min(left, right) >= Math.floor(length / 8);
      if (left < right) {
        yield* this.sort(from, middle, badPivots);
        from = middle + 1;
      } else {
        yield* this.sort(middle + 1, to, badPivots);
        to = middle;
      }
    }
  }

  private insertionSort(from: number, to: number): void {
    for (let next = from + 1; next < to; next++) {
      for (let at = next; at > from && this.less(at, at - 1); at--) this.swap(at, at - 1);
    }
  }

  private *heapSort(first: number, length: number): Steps<void> {
    for (let root = Math.floor((length - 1) / 2); root >= 0; root--) {
      this.siftDown(first, root, length);
      if (this.isTired) yield this.rest();
    }
    for (let last = length - 1; last >= 0; last--) {
      this.swap(first, first + last);
      this.siftDown(first, 0, last);
      if (this.isTired) yield this.rest();
    }
  }

  private siftDown(first: number, root: number, length: number): void {
    for (let child = 2 * root + 1; child < length; child = 2 * root + 1) {
      if (child + 1 < length && this.less(first + child, first + child + 1)) child++;
      if (!this.less(first + root, first + child)) return;
      this.swap(first + root, first + child);
      root = child;
    }
  }

  /** Puts the pivot where it belongs: smaller items before it, the others after it. */
  private *partition(from: number, to: number, pivot: number): Steps<{ middle: number; hadOrder: boolean }> {
    this.swap(from, pivot);
    let [i, j] = [from + 1, to - 1];
    for (let hadOrder = true; ; hadOrder = false) {
      for (; i <= j && this.less(i, from); i++) if (this.isTired) yield this.rest();
      for (; i <= j && !this.less(j, from); j--) if (this.isTired) yield this.rest();
      if (i > j) {
        this.swap(j, from);
        return { middle: j, hadOrder };
      }
      this.swap(i++, j--);
    }
  }

  /** Items that equal the pivot first, then greater ones. Returns where these begin. */
  private *partitionEqual(from: number, to: number, pivot: number): Steps<number> {
    this.swap(from, pivot);
    let [i, j] = [from + 1, to - 1];
    for (;;) {
      for (; i <= j && !this.less(from, i); i++) if (this.isTired) yield this.rest();
      for (; i <= j && this.less(from, j); j--) if (this.isTired) yield this.rest();
      if (i > j) return i;
      this.swap(i++, j--);
    }
  }

  /** Sorts what has few items out of place. Returns whether all are in order. */
  private *sortsByShifting(from: number, to: number): Steps<boolean> {
    let at = from + 1;
    for (let shifts = 0; shifts < mostShifts; shifts++) {
      for (; at < to && !this.less(at, at - 1); at++) if (this.isTired) yield this.rest();
      if (at === to) return true;
      if (to - from < shortestShifting) return false;
      this.swap(at, at - 1);
      if (at - from >= 2) {
        for (let left = at - 1; left >= 1 && this.less(left, left - 1); left--) this.swap(left, left - 1);
      }
      if (to - at >= 2) {
        for (let right = at + 1; right < to && this.less(right, right - 1); right++)
          this.swap(right, right - 1);
      }
    }
    return false;
  }

  /** Scatters three items with Go's pseudo-random numbers. */
  private breakPatterns(from: number, length: number): void {
    const mask = BigInt(2 ** bitLength(length) - 1);
    let random = BigInt(length);
    const middle = from + Math.floor(length / 4) * 2;
    for (let at = middle - 1; at <= middle + 1; at++) {
      random ^= BigInt.asUintN(64, random << 13n);
      random ^= random >> 7n;
      random ^= BigInt.asUintN(64, random << 17n);
      const other = Number(random & mask);
      this.swap(at, from + (other >= length ? other - length : other));
    }
  }

  /** The median of three items, or of nine. Counts in `swapsOfPivot` how many pairs of them were out of order. */
  private choosePivot(from: number, length: number): number {
    this.swapsOfPivot = 0;
    const quarter = Math.floor(length / 4);
    const three = [from + quarter, from + quarter * 2, from + quarter * 3] as const;
    if (length < shortestNinther) return this.median(...three);
    const [low, middle, high] = three;
    const medians = [low, middle, high].map((at) => this.median(at - 1, at, at + 1));
    return this.median(...(medians as [number, number, number]));
  }

  private median(a: number, b: number, c: number): number {
    const [low, high] = this.ordered(a, b);
    const [middle] = this.ordered(high, c);
    return this.ordered(low, middle)[1];
  }

  private ordered(a: number, b: number): [number, number] {
    if (!this.less(b, a)) return [a, b];
    this.swapsOfPivot++;
    return [b, a];
  }
}
