// The records of each key by revision. Every key has a chain of records, the newest first. A generation is a part of the
// chain that begins with a put and ends with a tombstone. Go: server/storage/mvcc/key_index.go and index.go
//
// Example: put(1.0) put(2.0) delete(3.0) put(4.0) delete(5.0) make two generations:
//     at    1    2    3(t)   4    5(t)         chain: 5(t) → 4 → 3(t) → 2 → 1
//     get   1    2    none   4    none
// compact(n) keeps the records after n and the newest one up to n; a tombstone only if it is exactly at n. It removes:
//     compact(1): nothing         compact(2): 1             compact(3): 1, 2
//     compact(4): 1, 2, 3(t)      compact(5): all but 5(t)  compact(6): the whole key
import { nextKey } from "../../etcd/keys";
import { emptyBytes } from "../../proto/wire";
import { stepUnits, type Steps } from "../../storage/steps";
import type { Records } from "./records";
import { none } from "./records";
import type { KeyVisitor } from "./sorted-keys";
import { SortedKeys } from "./sorted-keys";

export interface Marks {
  /** 1 at the id of each marked record. */
  readonly marks: Uint8Array;
  readonly any: boolean;
}

export class KeyIndex {
  private readonly keys = new SortedKeys();

  constructor(private readonly records: Records) {}

  /** Makes `id` the key's newest record. Returns the one before, which may be a tombstone, or `none`. */
  push(key: Uint8Array, id: number): number {
    return this.keys.replaceHead(key, id);
  }

  /** The record with the key's value at revision `atRev`; `none` if the key did not exist. */
  get(key: Uint8Array, atRev: number): number {
    return this.records.liveAt(this.keys.head(key), atRev);
  }

  /** Visits the keys of a range (`end` as in ReadView.range) that exist at `atRev`, in order. */
  walk(key: Uint8Array, end: Uint8Array | undefined, atRev: number, visit: KeyVisitor): void {
    this.keys.walk(key, stopOf(key, end), (head, chunk, place) => {
      const id = this.records.liveAt(head, atRev);
      return id === none || visit(id, chunk, place);
    });
  }

  /** Visits the newest record of each key from `key` on, in order. */
  walkHeads(key: Uint8Array, visit: KeyVisitor): void {
    this.keys.walk(key, undefined, visit);
  }

  /**
   * The same in steps of `stepUnits * keysPerUnit` keys. Between them, a compaction may renumber the records and move the keys.
   * Another write may begin only if `atRev` is before it. `visit` may set the heads of keys.
   */
  *walkInSteps(
    key: Uint8Array,
    end: Uint8Array | undefined,
    atRev: number,
    visit: KeyVisitor,
    keysPerUnit = 1,
  ): Steps<void> {
    const stop = stopOf(key, end);
    for (let from: Uint8Array | undefined = key; from !== undefined;) {
      let next: Uint8Array | undefined;
      let left = stepUnits * keysPerUnit;
      this.keys.walk(from, stop, (head, chunk, place) => {
        if (left-- === 0) {
          next = chunk.key(place);
          return false;
        }
        const id = this.records.liveAt(head, atRev);
        return id === none || visit(id, chunk, place);
      });
      from = next;
      if (from !== undefined) yield stepUnits;
    }
  }

  /**
   * Marks the records with values at `atRev`. Unlike compact() it marks no tombstone, which the hash depends on. Writes after
   * `atRev` may come between the steps; they change nothing.
   */
  *keep(atRev: number): Steps<Marks> {
    const marks = new Uint8Array(this.records.length);
    let any = false;
    yield* this.walkInSteps(emptyBytes, emptyBytes, atRev, (id) => {
      marks[id] = 1;
      return (any = true);
    });
    return { marks, any };
  }

  /**
   * Cuts the records that are not needed from `atRev` on out of every chain, and marks the others. `any` is true if a marked
   * record is from `atRev` or earlier. Removes the keys without records. Writes after `atRev` may come between the steps; their
   * records have no mark.
   */
  *compact(atRev: number): Steps<Marks> {
    const marks = new Uint8Array(this.records.length);
    let any = false;
    yield* this.keys.update((head) => {
      let oldest = none;
      let id = head;
      for (; id !== none && this.records.main(id) > atRev; id = this.records.previous(id)) {
        marks[id] = 1;
        oldest = id;
      }
      if (id !== none && (!this.records.isTombstone(id) || this.records.main(id) === atRev)) {
        marks[id] = 1;
        oldest = id;
        any = true;
      }
      if (oldest === none) return none;
      this.records.setPrevious(oldest, none);
      return head;
    });
    return { marks, any };
  }

  /** Updates the ids of the records, after Records.compact(): SortedKeys.renumber(). */
  renumber(moved: Int32Array): Steps<void> {
    return this.keys.renumber(moved);
  }
}

/** The key after the range; undefined: the range has no end. */
function stopOf(key: Uint8Array, end: Uint8Array | undefined): Uint8Array | undefined {
  return end === undefined ? nextKey(key) : end.length === 0 ? undefined : end;
}
