// The keys of the index, sorted by bytes, in an array of chunks: an insert moves few keys, a look-up is a binary search, and a
// range reads adjacent memory. etcd uses a B-tree here. Go: server/storage/mvcc/index.go
import { stepUnits, type Steps } from "../../storage/steps";
import { chunkKeys, KeyChunk } from "./key-chunk";
import { none } from "./records";

/** Chunks of one step of update() and renumber(). Most keys of a step are one unit of work or less. */
const chunksPerStep = 8;
const unitsPerStep = stepUnits;

/** Receives a key as a place in a chunk, valid until a key is added or removed. */
export type KeyVisitor = (head: number, chunk: KeyChunk, place: number) => boolean;

export class SortedKeys {
  private readonly chunks: KeyChunk[] = [new KeyChunk()];
  /**
   * Where every chunk after chunk 0 begins: its keys are not less. Packed together, as every look-up begins here. Its heads are not
   * used.
   */
  private readonly firsts = new KeyChunk();
  /** The chunk that was found last. */
  private last = 0;
  /** How often the records have got new ids, and the last new ones by the old ones. */
  private numbering = 0;
  private moved: Int32Array | undefined;

  /** The key's newest record; `none` if the index has no such key. */
  head(key: Uint8Array): number {
    const chunk = this.chunkAt(this.chunkOf(key));
    const place = chunk.placeOf(key);
    return isAt(chunk, place, key) ? chunk.head(place) : none;
  }

  /** Sets the key's newest record, and adds the key if it is new. Returns the record before, or `none`. */
  replaceHead(key: Uint8Array, head: number): number {
    const at = this.chunkOf(key);
    const chunk = this.chunkAt(at);
    const place = chunk.placeOf(key);
    if (!isAt(chunk, place, key)) {
      this.insert(at, place, key, head);
      return none;
    }
    const before = chunk.head(place);
    chunk.setHead(place, head);
    return before;
  }

  private insert(at: number, place: number, key: Uint8Array, head: number): void {
    const chunk = this.chunkAt(at);
    if (chunk.length < chunkKeys) {
      chunk.insert(place, key, head);
    } else if (place === chunk.length) {
      // Keys that arrive in order make full chunks.
      chunk.trim();
      const next = new KeyChunk(chunk.sizeBytes, this.numbering);
      next.insert(0, key, head);
      this.addChunk(at + 1, next);
    } else {
      const upper = chunk.split(chunkKeys / 2);
      this.addChunk(at + 1, upper);
      if (place <= chunk.length) chunk.insert(place, key, head);
      else upper.insert(place - chunk.length, key, head);
    }
  }

  private addChunk(at: number, chunk: KeyChunk): void {
    this.chunks.splice(at, 0, chunk);
    this.firsts.insert(at - 1, chunk.key(0), none);
  }

  /** Keys from `key` on and before `end` (undefined: no end), until `visit` returns false. */
  walk(key: Uint8Array, end: Uint8Array | undefined, visit: KeyVisitor): void {
    let at = this.chunkOf(key);
    let place = this.chunkAt(at).placeOf(key);
    for (; at < this.chunks.length; at++, place = 0) {
      const chunk = this.chunkAt(at);
      const isInside = end === undefined || chunk.length === 0 || chunk.compare(chunk.length - 1, end) < 0;
      const stop = isInside ? chunk.length : chunk.placeOf(end);
      for (; place < stop; place++) {
        if (!visit(chunk.head(place), chunk, place)) return;
      }
      if (!isInside) return;
    }
  }

  /**
   * Replaces each head by `next(head)`, and removes the keys for which that is `none`. Keys may be added between the steps, and
   * `next` sees their heads or not.
   */
  *update(next: (head: number) => number): Steps<void> {
    for (let at = 0; ;) {
      const end = Math.min(at + chunksPerStep, this.chunks.length);
      for (let each = at; each < end; each++) this.chunkAt(each).update(next);
      // Where the next step begins, wherever that chunk is then.
      const from = end < this.chunks.length ? this.firsts.key(end - 1) : undefined;
      this.merge(Math.max(0, at - 1), end);
      if (from === undefined) return;
      yield unitsPerStep;
      at = this.search(from);
    }
  }

  /** Joins small chunks of [from, to) with the ones before them. */
  private merge(from: number, to: number): void {
    let last = from;
    for (let at = from + 1; at < to; at++) {
      const chunk = this.chunkAt(at);
      const before = this.chunkAt(last);
      const isOneEmpty = before.length === 0 || chunk.length === 0;
      if (isOneEmpty || before.length + chunk.length <= chunkKeys / 2) before.append(chunk);
      else {
        this.drop(last + 1, at);
        to -= at - last - 1;
        at = ++last;
      }
    }
    this.drop(last + 1, to);
  }

  /** Without the chunks [from, to), which are not the first one. */
  private drop(from: number, to: number): void {
    if (from >= to) return;
    this.chunks.splice(from, to - from);
    this.firsts.remove(from - 1, to - 1);
  }

  /**
   * The records have got new ids, `moved[id]` in place of `id`. From now on all heads are new ones: those of a chunk are replaced
   * before its first use. The steps do the rest, and must end before the next renumbering.
   */
  *renumber(moved: Int32Array): Steps<void> {
    this.numbering++;
    this.moved = moved;
    // Chunks that are added meanwhile have new ids, and only move the others further back.
    for (let at = 0; at < this.chunks.length; at++) {
      this.chunkAt(at);
      if (at % chunksPerStep === chunksPerStep - 1) yield unitsPerStep / 4;
    }
    this.moved = undefined;
  }

  /** Every use of a chunk begins here. */
  private chunkAt(at: number): KeyChunk {
    const chunk = this.chunks[at] as KeyChunk;
    if (chunk.numbering !== this.numbering && this.moved !== undefined) {
      chunk.renumber(this.moved);
      chunk.numbering = this.numbering;
    }
    return chunk;
  }

  /** The chunk that contains `key`, or to which it belongs. */
  private chunkOf(key: Uint8Array): number {
    // Keys often follow each other.
    const { last, firsts } = this;
    const isFrom = last === 0 || (last <= firsts.length && firsts.compare(last - 1, key) <= 0);
    if (isFrom && (last >= firsts.length || firsts.compare(last, key) > 0)) return last;
    return (this.last = this.search(key));
  }

  private search(key: Uint8Array): number {
    const place = this.firsts.placeOf(key);
    return isAt(this.firsts, place, key) ? place + 1 : place;
  }
}

function isAt(chunk: KeyChunk, place: number, key: Uint8Array): boolean {
  return place < chunk.length && chunk.compare(place, key) === 0;
}
