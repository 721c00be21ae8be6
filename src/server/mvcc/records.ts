// All records of the store in rising (main, sub) order, like the `key` bucket of etcd's db file. Each field is a column of
// typed arrays. The number ("id") of a record is its place here, and compaction changes it.
import type { KeyValue } from "../../proto/gen/mvccpb";
import type { RecordSource, StoredRecord } from "../../storage/contents";
import { stepUnits, type Steps } from "../../storage/steps";
import { keyAtStart, valueOf } from "./record-head";

/** The id for no record: the end of a key's chain. */
export const none = -1;

const chunkBits = 12;
const chunkSize = 1 << chunkBits;
const chunkMask = chunkSize - 1;

const flag = { tombstone: 1, leased: 2 } as const;

/** Longer keys are read with their whole record. */
const maxShortKeyBytes = 256;

const maxUint32 = 2 ** 32 - 1;

/** Four columns begin with 32 bits for a number, which is enough for most stores. */
class Chunk {
  main: Uint32Array | Float64Array = new Uint32Array(chunkSize);
  readonly sub = new Uint32Array(chunkSize);
  readonly flags = new Uint8Array(chunkSize);
  createRevision: Uint32Array | Float64Array = new Uint32Array(chunkSize);
  version: Uint32Array | Float64Array = new Uint32Array(chunkSize);
  readonly previous = new Int32Array(chunkSize);
  readonly source = new Uint32Array(chunkSize);
  offset: Uint32Array | Float64Array = new Uint32Array(chunkSize);
  readonly sizeBytes = new Uint32Array(chunkSize);

  /** For numbers up to 2^53. */
  widen(): void {
    this.main = Float64Array.from(this.main);
    this.createRevision = Float64Array.from(this.createRevision);
    this.version = Float64Array.from(this.version);
    this.offset = Float64Array.from(this.offset);
  }
}

/** Where the bytes of a record are. */
export interface Place {
  readonly source: number;
  readonly offset: number;
}

export interface RecordColumns extends Place {
  readonly main: number;
  readonly sub: number;
  readonly tombstone: boolean;
  /** Whether the value has a lease. */
  readonly leased: boolean;
  /** Same as in the encoded KeyValue, so a range without values need not decode it. 0 in a tombstone. */
  readonly createRevision: number;
  readonly version: number;
  readonly previous: number;
  readonly sizeBytes: number;
}

/** The arena: gives the bytes for the number of a source. */
export interface Sources {
  source(no: number): RecordSource;
  decode(no: number, offset: number, sizeBytes: number): KeyValue;
  /** The sources of this moment, which stay. */
  copy(): Sources;
}

export class Records {
  length = 0;
  private chunks: Chunk[] = [];

  constructor(private readonly sources: Sources) {}

  append(record: RecordColumns): number {
    const id = this.length;
    const i = id & chunkMask;
    if (i === 0) this.chunks.push(new Chunk());
    const chunk = this.chunk(id);
    const { main, createRevision, version, offset } = record;
    const isWide =
      main > maxUint32 || createRevision > maxUint32 || version > maxUint32 || offset > maxUint32;
    if (isWide && chunk.main instanceof Uint32Array) chunk.widen();
    chunk.main[i] = main;
    chunk.sub[i] = record.sub;
    chunk.flags[i] = (record.tombstone ? flag.tombstone : 0) | (record.leased ? flag.leased : 0);
    chunk.createRevision[i] = createRevision;
    chunk.version[i] = version;
    chunk.previous[i] = record.previous;
    chunk.source[i] = record.source;
    chunk.offset[i] = offset;
    chunk.sizeBytes[i] = record.sizeBytes;
    this.length++;
    return id;
  }

  private chunk(id: number): Chunk {
    return this.chunks[id >>> chunkBits] as Chunk;
  }

  main(id: number): number {
    return this.chunk(id).main[id & chunkMask] as number;
  }

  sub(id: number): number {
    return this.chunk(id).sub[id & chunkMask] as number;
  }

  isTombstone(id: number): boolean {
    return this.hasFlag(id, flag.tombstone);
  }

  isLeased(id: number): boolean {
    return this.hasFlag(id, flag.leased);
  }

  private hasFlag(id: number, bit: number): boolean {
    return ((this.chunk(id).flags[id & chunkMask] as number) & bit) !== 0;
  }

  createRevision(id: number): number {
    return this.chunk(id).createRevision[id & chunkMask] as number;
  }

  version(id: number): number {
    return this.chunk(id).version[id & chunkMask] as number;
  }

  /** The record of the same key before this one, or `none`. */
  previous(id: number): number {
    return this.chunk(id).previous[id & chunkMask] as number;
  }

  /** The record with the value at `atRev` in the chain that begins with record `id`; `none` if the key did not exist. */
  liveAt(id: number, atRev: number): number {
    while (id !== none && this.main(id) > atRev) id = this.previous(id);
    return id === none || this.isTombstone(id) ? none : id;
  }

  setPrevious(id: number, previous: number): void {
    this.chunk(id).previous[id & chunkMask] = previous;
  }

  source(id: number): number {
    return this.chunk(id).source[id & chunkMask] as number;
  }

  offset(id: number): number {
    return this.chunk(id).offset[id & chunkMask] as number;
  }

  sizeBytes(id: number): number {
    return this.chunk(id).sizeBytes[id & chunkMask] as number;
  }

  /** The encoded KeyValue. */
  bytes(id: number): Buffer {
    return this.sources.source(this.source(id)).read(this.offset(id), this.sizeBytes(id));
  }

  /** Decodes a record. Of a tombstone, only the key is set. */
  decode(id: number): KeyValue {
    return this.sources.decode(this.source(id), this.offset(id), this.sizeBytes(id));
  }

  /** The key alone: of a large record in a file, only the first bytes are read. */
  key(id: number): Uint8Array {
    const source = this.sources.source(this.source(id));
    const first = source.read(this.offset(id), Math.min(this.sizeBytes(id), maxShortKeyBytes));
    return keyAtStart(first) ?? this.decode(id).key;
  }

  value(id: number): Uint8Array {
    return valueOf(this.bytes(id));
  }

  lease(id: number): bigint {
    return this.isLeased(id) ? this.decode(id).lease : 0n;
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

  /** A copy of this moment for reading, which stays valid while records are written, compacted and moved. */
  copy(): Records {
    const copy = new Records(this.sources.copy());
    copy.chunks = [...this.chunks];
    copy.length = this.length;
    return copy;
  }

  /** The first `length` records of this moment, also while records are written, compacted and moved. */
  stored(length = this.length): Iterable<StoredRecord> {
    const { chunks, sources } = this.copy();
    return {
      *[Symbol.iterator]() {
        for (let id = 0; id < length; id++) {
          const chunk = chunks[id >>> chunkBits] as Chunk;
          const i = id & chunkMask;
          yield {
            main: chunk.main[i] as number,
            sub: chunk.sub[i] as number,
            tombstone: ((chunk.flags[i] as number) & flag.tombstone) !== 0,
            leased: ((chunk.flags[i] as number) & flag.leased) !== 0,
            source: sources.source(chunk.source[i] as number),
            offset: chunk.offset[i] as number,
            sizeBytes: chunk.sizeBytes[i] as number,
          };
        }
      },
    };
  }

  /**
   * Copies the marked records into new columns and drops the others. Records that are appended meanwhile stay. Until the last
   * step, all records can be read as before. `placeOf` chooses where the bytes of the copy are. Returns the new id of each old
   * one.
   */
  *compact(marks: Uint8Array, placeOf: (id: number) => Place): Steps<Int32Array> {
    const next = new Records(this.sources);
    let moved = new Int32Array(marks.length);
    const copy = (id: number) => {
      const chunk = this.chunk(id);
      const i = id & chunkMask;
      const previous = chunk.previous[i] as number;
      const { source, offset } = placeOf(id);
      moved[id] = next.append({
        main: chunk.main[i] as number,
        sub: chunk.sub[i] as number,
        tombstone: this.isTombstone(id),
        leased: this.isLeased(id),
        createRevision: chunk.createRevision[i] as number,
        version: chunk.version[i] as number,
        previous: previous === none ? none : (moved[previous] as number),
        source,
        offset,
        sizeBytes: chunk.sizeBytes[i] as number,
      });
    };
    for (let id = 0; id < this.length; id++) {
      if (id % stepUnits === stepUnits - 1) yield stepUnits / 2;
      if (id === moved.length) moved = longer(moved, id + (id >>> 2) + stepUnits);
      if (marks[id] !== 0) copy(id);
    }
    this.chunks = next.chunks;
    this.length = next.length;
    return moved;
  }
}

function longer(ids: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(length);
  longer.set(ids);
  return longer;
}
