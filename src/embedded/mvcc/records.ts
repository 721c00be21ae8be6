// All records of the store in rising (main, sub) order, as columns: which revision, what the key's history says of it,
// where its bytes lie, and which record of the same key came before. A record's number ("id") is its place here; compaction renumbers.
// Stands below key-index, hash and watch; answers to the `key` bucket of etcd's backend, without a B-tree.
import type { RecordSource, StoredRecord } from "../backend/contents";

/** No record: the start of a key's chain. */
export const NONE = -1;

const CHUNK_BITS = 12;
const CHUNK_SIZE = 1 << CHUNK_BITS;
const CHUNK_MASK = CHUNK_SIZE - 1;

class Chunk {
  readonly main = new Float64Array(CHUNK_SIZE);
  readonly sub = new Uint32Array(CHUNK_SIZE);
  readonly tombstone = new Uint8Array(CHUNK_SIZE);
  readonly createRevision = new Float64Array(CHUNK_SIZE);
  readonly version = new Float64Array(CHUNK_SIZE);
  readonly previous = new Int32Array(CHUNK_SIZE);
  readonly source = new Uint32Array(CHUNK_SIZE);
  readonly offset = new Float64Array(CHUNK_SIZE);
  readonly sizeBytes = new Uint32Array(CHUNK_SIZE);
}

export interface RecordColumns {
  readonly main: number;
  readonly sub: number;
  readonly tombstone: boolean;
  /** As the encoded KeyValue has it, so that a range without values need not read it; 0 in a tombstone. */
  readonly createRevision: number;
  readonly version: number;
  readonly previous: number;
  readonly source: number;
  readonly offset: number;
  readonly sizeBytes: number;
}

/** Turns the number of a source into its bytes; the arena does. */
export interface Sources {
  source(no: number): RecordSource;
  /** By number, as they are now. */
  all(): readonly (RecordSource | undefined)[];
}

export class Records {
  length = 0;
  private readonly chunks: Chunk[] = [];

  constructor(private readonly sources: Sources) {}

  append(record: RecordColumns): number {
    const id = this.length;
    const i = id & CHUNK_MASK;
    if (i === 0) this.chunks.push(new Chunk());
    const chunk = this.chunk(id);
    chunk.main[i] = record.main;
    chunk.sub[i] = record.sub;
    chunk.tombstone[i] = record.tombstone ? 1 : 0;
    chunk.createRevision[i] = record.createRevision;
    chunk.version[i] = record.version;
    chunk.previous[i] = record.previous;
    chunk.source[i] = record.source;
    chunk.offset[i] = record.offset;
    chunk.sizeBytes[i] = record.sizeBytes;
    this.length++;
    return id;
  }

  private chunk(id: number): Chunk {
    return this.chunks[id >>> CHUNK_BITS] as Chunk;
  }

  main(id: number): number {
    return this.chunk(id).main[id & CHUNK_MASK] as number;
  }

  sub(id: number): number {
    return this.chunk(id).sub[id & CHUNK_MASK] as number;
  }

  isTombstone(id: number): boolean {
    return this.chunk(id).tombstone[id & CHUNK_MASK] === 1;
  }

  createRevision(id: number): number {
    return this.chunk(id).createRevision[id & CHUNK_MASK] as number;
  }

  version(id: number): number {
    return this.chunk(id).version[id & CHUNK_MASK] as number;
  }

  /** The record of the same key before this one, or NONE. */
  previous(id: number): number {
    return this.chunk(id).previous[id & CHUNK_MASK] as number;
  }

  cutPrevious(id: number): void {
    this.chunk(id).previous[id & CHUNK_MASK] = NONE;
  }

  source(id: number): number {
    return this.chunk(id).source[id & CHUNK_MASK] as number;
  }

  offset(id: number): number {
    return this.chunk(id).offset[id & CHUNK_MASK] as number;
  }

  sizeBytes(id: number): number {
    return this.chunk(id).sizeBytes[id & CHUNK_MASK] as number;
  }

  move(id: number, source: number, offset: number): void {
    const chunk = this.chunk(id);
    chunk.source[id & CHUNK_MASK] = source;
    chunk.offset[id & CHUNK_MASK] = offset;
  }

  /** The encoded KeyValue. */
  bytes(id: number): Buffer {
    return this.sources.source(this.source(id)).read(this.offset(id), this.sizeBytes(id));
  }

  /** The first record of this revision or a later one; `length` if there is none. */
  firstFrom(main: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.main(middle) < main) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** A picture of this moment: stays right whatever is written, compacted or moved while it is read. */
  stored(): Iterable<StoredRecord> {
    const chunks = [...this.chunks];
    const { length } = this;
    const sources = this.sources.all();
    return {
      *[Symbol.iterator]() {
        for (let id = 0; id < length; id++) {
          const chunk = chunks[id >>> CHUNK_BITS] as Chunk;
          const i = id & CHUNK_MASK;
          yield {
            main: chunk.main[i] as number,
            sub: chunk.sub[i] as number,
            tombstone: chunk.tombstone[i] === 1,
            source: sources[chunk.source[i] as number] as RecordSource,
            offset: chunk.offset[i] as number,
            sizeBytes: chunk.sizeBytes[i] as number,
          };
        }
      },
    };
  }

  /** Drops every record but the marked ones, into new columns; returns the new id of each old one. */
  compact(marks: Uint8Array): Int32Array {
    const moved = new Int32Array(this.length);
    const old = this.chunks.splice(0);
    const oldLength = this.length;
    this.length = 0;
    for (let id = 0; id < oldLength; id++) {
      if (marks[id] !== 1) continue;
      const chunk = old[id >>> CHUNK_BITS] as Chunk;
      const i = id & CHUNK_MASK;
      const previous = chunk.previous[i] as number;
      moved[id] = this.append({
        main: chunk.main[i] as number,
        sub: chunk.sub[i] as number,
        tombstone: chunk.tombstone[i] === 1,
        createRevision: chunk.createRevision[i] as number,
        version: chunk.version[i] as number,
        previous: previous === NONE ? NONE : (moved[previous] as number),
        source: chunk.source[i] as number,
        offset: chunk.offset[i] as number,
        sizeBytes: chunk.sizeBytes[i] as number,
      });
    }
    return moved;
  }
}
