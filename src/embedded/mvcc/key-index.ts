// Which revision of a key is the one at a given time. Every key has a chain of records, the newest first; a generation
// is a stretch of it that begins with a put and ends with a tombstone. Answers to etcd's mvcc/key_index.go and index.go.
//
// Example: put(1.0) put(2.0) delete(3.0) put(4.0) delete(5.0) make two generations:
//     at    1    2    3(t)   4    5(t)         chain: 5(t) → 4 → 3(t) → 2 → 1
//     get   1    2    none   4    none
// compact(n) keeps what came after n and the one record that get(n) finds; a tombstone only if it is exactly at n:
//     compact(1): nothing goes    compact(2): 1 goes        compact(3): 1, 2 go
//     compact(4): 1, 2, 3(t) go   compact(5): all but 5(t)  compact(6): the key is gone
import type { Records } from "./records";
import { NONE } from "./records";
import type { KeyEntry } from "./sorted-keys";
import { SortedKeys } from "./sorted-keys";

export class KeyIndex {
  private readonly entries = new Map<string, KeyEntry>();
  private readonly sorted = new SortedKeys();

  constructor(private readonly records: Records) {}

  /** The entry, whose head is the key's newest record, tombstones included. */
  find(key: string): KeyEntry | undefined {
    return this.entries.get(key);
  }

  /** The key must not have an entry yet. */
  add(key: string, head: number): void {
    this.sorted.insert(this.addUnsorted(key, head));
  }

  /** For many keys in any order: sort() must follow. */
  addUnsorted(key: string, head: number): KeyEntry {
    const entry = { key, head };
    this.entries.set(key, entry);
    return entry;
  }

  sort(): void {
    this.sorted.fill([...this.entries.values()].sort((a, b) => (a.key < b.key ? -1 : 1)));
  }

  /** The record that holds the key's value at revision `atRev`; NONE when it had none. */
  get(key: string, atRev: number): number {
    return this.liveAt(this.entries.get(key)?.head ?? NONE, atRev);
  }

  /** Calls `visit` for the keys of a range (end: undefined, empty or a key; see kv.ts) that live at `atRev`, in order. */
  walk(
    key: string,
    end: string | undefined,
    atRev: number,
    visit: (id: number, key: string) => boolean,
  ): void {
    if (end === undefined) {
      const id = this.get(key, atRev);
      if (id !== NONE) visit(id, key);
      return;
    }
    this.sorted.walk(key, end === "" ? undefined : end, (entry) => {
      const id = this.liveAt(entry.head, atRev);
      return id === NONE || visit(id, entry.key);
    });
  }

  /** What a chain that begins with record `id` shows at `atRev`. */
  liveAt(id: number, atRev: number): number {
    const found = this.lastUpTo(id, atRev);
    return found === NONE || this.records.isTombstone(found) ? NONE : found;
  }

  private lastUpTo(id: number, atRev: number): number {
    while (id !== NONE && this.records.main(id) > atRev) id = this.records.previous(id);
    return id;
  }

  /** Marks the records that live at `atRev`. Unlike compact() it never keeps a tombstone: hashes depend on it. */
  keep(atRev: number): { marks: Uint8Array; any: boolean } {
    const marks = new Uint8Array(this.records.length);
    let any = false;
    for (const entry of this.entries.values()) {
      const id = this.liveAt(entry.head, atRev);
      if (id === NONE) continue;
      marks[id] = 1;
      any = true;
    }
    return { marks, any };
  }

  /** Cuts from every chain what is not needed from `atRev` on, and marks what is; `any`: of the time up to `atRev`. */
  compact(atRev: number): { marks: Uint8Array; any: boolean } {
    const marks = new Uint8Array(this.records.length);
    let any = false;
    for (const entry of this.entries.values()) {
      let oldest = NONE;
      let id = entry.head;
      for (; id !== NONE && this.records.main(id) > atRev; id = this.records.previous(id)) {
        marks[id] = 1;
        oldest = id;
      }
      if (id !== NONE && (!this.records.isTombstone(id) || this.records.main(id) === atRev)) {
        marks[id] = 1;
        oldest = id;
        any = true;
      }
      if (oldest === NONE) entry.head = NONE;
      else this.records.cutPrevious(oldest);
    }
    return { marks, any };
  }

  /** After compact(): forgets the keys without records and takes over the records' new ids. */
  renumber(moved: Int32Array): void {
    this.sorted.filter((entry) => {
      if (entry.head === NONE) {
        this.entries.delete(entry.key);
        return false;
      }
      entry.head = moved[entry.head] as number;
      return true;
    });
  }
}
