// Which revision of a key is the one at a given time. Every key has a chain of records, the newest first; a generation
// is a stretch of it that begins with a put and ends with a tombstone. Answers to etcd's mvcc/key_index.go and index.go.
//
// Example: put(1.0) put(2.0) delete(3.0) put(4.0) delete(5.0) make two generations:
//     at    1    2    3(t)   4    5(t)         chain: 5(t) → 4 → 3(t) → 2 → 1
//     get   1    2    none   4    none
// compact(n) keeps what came after n and the one record that get(n) finds; a tombstone only if it is exactly at n:
//     compact(1): nothing goes    compact(2): 1 goes        compact(3): 1, 2 go
//     compact(4): 1, 2, 3(t) go   compact(5): all but 5(t)  compact(6): the key is gone
import { nextKey } from "../../etcd/keys";
import type { Records } from "./records";
import { none } from "./records";
import type { KeyVisitor } from "./sorted-keys";
import { SortedKeys } from "./sorted-keys";

export class KeyIndex {
  private readonly keys = new SortedKeys();

  constructor(private readonly records: Records) {}

  /** Makes `id` the key's newest record; returns the one that was, tombstones included, or NONE. */
  push(key: Uint8Array, id: number): number {
    return this.keys.replaceHead(key, id);
  }

  /** The record that holds the key's value at revision `atRev`; NONE when it had none. */
  get(key: Uint8Array, atRev: number): number {
    return this.liveAt(this.keys.head(key), atRev);
  }

  /** Visits the keys of a range (end: undefined, empty or a key; see kv.ts) that live at `atRev`, in order. */
  walk(key: Uint8Array, end: Uint8Array | undefined, atRev: number, visit: KeyVisitor): void {
    const stop = end === undefined ? nextKey(key) : end.length === 0 ? undefined : end;
    this.keys.walk(key, stop, (head, chunk, place) => {
      const id = this.liveAt(head, atRev);
      return id === none || visit(id, chunk, place);
    });
  }

  /** What a chain that begins with record `id` shows at `atRev`. */
  liveAt(id: number, atRev: number): number {
    const found = this.lastUpTo(id, atRev);
    return found === none || this.records.isTombstone(found) ? none : found;
  }

  private lastUpTo(id: number, atRev: number): number {
    while (id !== none && this.records.main(id) > atRev) id = this.records.previous(id);
    return id;
  }

  /** Marks the records that live at `atRev`. Unlike compact() it never keeps a tombstone: hashes depend on it. */
  keep(atRev: number): { marks: Uint8Array; any: boolean } {
    const marks = new Uint8Array(this.records.length);
    let any = false;
    for (const head of this.keys.heads()) {
      const id = this.liveAt(head, atRev);
      if (id === none) continue;
      marks[id] = 1;
      any = true;
    }
    return { marks, any };
  }

  /**
   * Cuts from every chain what is not needed from `atRev` on, and marks what is; `any`: of the time up to `atRev`.
   * Forgets the keys of which nothing is left.
   */
  compact(atRev: number): { marks: Uint8Array; any: boolean } {
    const marks = new Uint8Array(this.records.length);
    let any = false;
    this.keys.update((head) => {
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
      this.records.cutPrevious(oldest);
      return head;
    });
    return { marks, any };
  }

  /** After compact(): takes over the records' new ids. */
  renumber(moved: Int32Array): void {
    this.keys.update((head) => moved[head] as number);
  }
}
