// The keys of the index, sorted by bytes, in an array of chunks: an insert moves few keys, a look-up is a binary search, and a
// range reads adjacent memory. etcd uses a B-tree here. Go: server/storage/mvcc/index.go
import { chunkKeys, KeyChunk } from "./key-chunk";
import { none } from "./records";

/** Receives a key as a place in a chunk, valid until a key is added or removed. */
export type KeyVisitor = (head: number, chunk: KeyChunk, place: number) => boolean;

export class SortedKeys {
  /** No chunk is empty, except a single one. */
  private chunks: KeyChunk[] = [new KeyChunk()];
  /** The first key of every chunk after chunk 0, packed together as every look-up begins here. Its heads are not used. */
  private firsts = new KeyChunk();
  /** The chunk that was found last. */
  private last = 0;

  /** The key's newest record; `none` if the index has no such key. */
  head(key: Uint8Array): number {
    const chunk = this.chunks[this.chunkOf(key)] as KeyChunk;
    const place = chunk.placeOf(key);
    return isAt(chunk, place, key) ? chunk.head(place) : none;
  }

  /** Sets the key's newest record, and adds the key if it is new. Returns the record before, or `none`. */
  replaceHead(key: Uint8Array, head: number): number {
    const at = this.chunkOf(key);
    const chunk = this.chunks[at] as KeyChunk;
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
    const chunk = this.chunks[at] as KeyChunk;
    if (chunk.length < chunkKeys) {
      chunk.insert(place, key, head);
    } else if (place === chunk.length) {
      // Keys that arrive in order make full chunks.
      chunk.trim();
      const next = new KeyChunk(chunk.sizeBytes);
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
    let place = (this.chunks[at] as KeyChunk).placeOf(key);
    for (; at < this.chunks.length; at++, place = 0) {
      const chunk = this.chunks[at] as KeyChunk;
      const isInside = end === undefined || chunk.length === 0 || chunk.compare(chunk.length - 1, end) < 0;
      const stop = isInside ? chunk.length : chunk.placeOf(end);
      for (; place < stop; place++) {
        if (!visit(chunk.head(place), chunk, place)) return;
      }
      if (!isInside) return;
    }
  }

  /** The head of every key, in order of keys. */
  *heads(): Generator<number> {
    for (const chunk of this.chunks) {
      for (let place = 0; place < chunk.length; place++) yield chunk.head(place);
    }
  }

  /** Replaces each head by `next(head)`, and removes the keys for which that is `none`. */
  update(next: (head: number) => number): void {
    const merged: KeyChunk[] = [];
    for (const chunk of this.chunks) {
      chunk.update(next);
      const last = merged.at(-1);
      if (last !== undefined && last.length + chunk.length <= chunkKeys / 2) last.append(chunk);
      else if (chunk.length > 0) merged.push(chunk);
    }
    this.chunks = merged.length > 0 ? merged : [new KeyChunk()];
    this.firsts = new KeyChunk();
    for (let at = 1; at < merged.length; at++)
      this.firsts.insert(at - 1, (merged[at] as KeyChunk).key(0), none);
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
