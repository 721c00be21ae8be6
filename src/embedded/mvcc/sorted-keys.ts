// The keys of the index in order of bytes: a sorted array in chunks, so that an insert moves few entries and a range
// walks plain arrays. Leaf of mvcc/. Answers to the B-tree of etcd's mvcc/index.go.

export interface KeyEntry {
  readonly key: string;
  /** The key's newest record. */
  head: number;
}

const CHUNK_SIZE = 512;

export class SortedKeys {
  /** None is empty but the only one. */
  private chunks: KeyEntry[][] = [[]];

  /** Takes over entries that are in order, instead of those it has. */
  fill(entries: readonly KeyEntry[]): void {
    const chunks: KeyEntry[][] = [];
    for (let at = 0; at < entries.length; at += CHUNK_SIZE) chunks.push(entries.slice(at, at + CHUNK_SIZE));
    this.chunks = chunks.length > 0 ? chunks : [[]];
  }

  /** The key must not be there yet. */
  insert(entry: KeyEntry): void {
    const at = this.chunkOf(entry.key);
    const chunk = this.chunks[at] as KeyEntry[];
    const place = placeOf(chunk, entry.key);
    if (chunk.length < CHUNK_SIZE) {
      chunk.splice(place, 0, entry);
    } else if (place === chunk.length) {
      // Keys that come in order leave full chunks behind.
      this.chunks.splice(at + 1, 0, [entry]);
    } else {
      const upper = chunk.splice(CHUNK_SIZE / 2);
      this.chunks.splice(at + 1, 0, upper);
      if (place <= chunk.length) chunk.splice(place, 0, entry);
      else upper.splice(place - chunk.length, 0, entry);
    }
  }

  /** Entries from `key` on and before `end` (undefined: no end), until `visit` returns false. */
  walk(key: string, end: string | undefined, visit: (entry: KeyEntry) => boolean): void {
    let at = this.chunkOf(key);
    let place = placeOf(this.chunks[at] as KeyEntry[], key);
    for (; at < this.chunks.length; at++, place = 0) {
      const chunk = this.chunks[at] as KeyEntry[];
      const last = chunk[chunk.length - 1];
      const inside =
        end === undefined || (last !== undefined && last.key < end) ? chunk.length : placeOf(chunk, end);
      for (; place < inside; place++) {
        if (!visit(chunk[place] as KeyEntry)) return;
      }
      if (inside < chunk.length) return;
    }
  }

  /** Removes the entries for which `keep` says no; calls it for every entry, in order. */
  filter(keep: (entry: KeyEntry) => boolean): void {
    const chunks = this.chunks.map((chunk) => chunk.filter(keep)).filter((chunk) => chunk.length > 0);
    this.chunks = chunks.length > 0 ? mergeSmall(chunks) : [[]];
  }

  /** The chunk that holds `key` or would. */
  private chunkOf(key: string): number {
    let low = 1;
    let high = this.chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.chunks[middle]?.[0] as KeyEntry).key <= key) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

/** The first place whose key is not below `key`. */
function placeOf(chunk: readonly KeyEntry[], key: string): number {
  let low = 0;
  let high = chunk.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((chunk[middle] as KeyEntry).key < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function mergeSmall(chunks: readonly KeyEntry[][]): KeyEntry[][] {
  const merged: KeyEntry[][] = [];
  for (const chunk of chunks) {
    const last = merged[merged.length - 1];
    if (last !== undefined && last.length + chunk.length <= CHUNK_SIZE / 2) last.push(...chunk);
    else merged.push(chunk);
  }
  return merged;
}
