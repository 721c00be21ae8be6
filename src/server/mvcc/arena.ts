// Where the bytes of records lie: new ones in large blocks of memory, old ones also in an open db file. Bytes never change
// once written, so views of them are handed out without copying; a freed block lives on as long as a view of it does.
// Below records.ts; answers to the pages of etcd's bbolt file.
import { KeyValue } from "../../proto/gen/mvccpb";
import { Reader } from "../../proto/wire";
import type { RecordSource } from "../../storage/contents";
import type { Records, Sources } from "./records";

/** Blocks grow from the first to the second size, so that a small store stays small. */
const firstBlockBytes = 64 * 1024;
const largestBlockBytes = 16 * 1024 * 1024;

class Block implements RecordSource {
  readonly reader: Reader;
  used = 0;

  constructor(private readonly buffer: Buffer) {
    this.reader = new Reader(buffer);
  }

  get free(): number {
    return this.buffer.length - this.used;
  }

  get sizeBytes(): number {
    return this.buffer.length;
  }

  append(bytes: Uint8Array): number {
    const offset = this.used;
    this.buffer.set(bytes, offset);
    this.used += bytes.length;
    return offset;
  }

  read(offset: number, sizeBytes: number): Buffer {
    return this.buffer.subarray(offset, offset + sizeBytes);
  }

  view(offset: number, sizeBytes: number): Buffer {
    return this.read(offset, sizeBytes);
  }
}

export class Arena implements Sources {
  /** By source number; a hole is free for the next. */
  private readonly sources: (RecordSource | undefined)[] = [];
  private readonly liveBytes: number[] = [];
  private readonly numbers = new Map<RecordSource, number>();
  private tail: Block | undefined;
  private tailNo = 0;

  source(no: number): RecordSource {
    return this.sources[no] as RecordSource;
  }

  all(): readonly (RecordSource | undefined)[] {
    return [...this.sources];
  }

  /** Registers bytes that lie elsewhere; returns the number of their source. */
  adopt(source: RecordSource, sizeBytes: number): number {
    const no = this.numbers.get(source) ?? this.add(source);
    this.liveBytes[no] = (this.liveBytes[no] ?? 0) + sizeBytes;
    return no;
  }

  /** Copies `bytes` into memory; they lie in the source `lastSource` at the returned offset. */
  append(bytes: Uint8Array): number {
    let tail = this.tail;
    if (tail === undefined || tail.free < bytes.length) {
      const blockBytes =
        tail === undefined ? firstBlockBytes : Math.min(tail.sizeBytes * 2, largestBlockBytes);
      this.tail = tail = new Block(Buffer.allocUnsafeSlow(Math.max(blockBytes, bytes.length)));
      this.tailNo = this.add(tail);
    }
    this.liveBytes[this.tailNo] = (this.liveBytes[this.tailNo] ?? 0) + bytes.length;
    return tail.append(bytes);
  }

  get lastSource(): number {
    return this.tailNo;
  }

  private add(source: RecordSource): number {
    const hole = this.sources.indexOf(undefined);
    const no = hole === -1 ? this.sources.length : hole;
    this.sources[no] = source;
    this.liveBytes[no] = 0;
    this.numbers.set(source, no);
    return no;
  }

  /** The record's bytes are needed no more; the memory is freed by rewrite(). */
  release(no: number, sizeBytes: number): void {
    this.liveBytes[no] = (this.liveBytes[no] ?? 0) - sizeBytes;
  }

  decode(no: number, offset: number, sizeBytes: number): KeyValue {
    const source = this.source(no);
    if (source instanceof Block) {
      source.reader.pos = offset;
      return KeyValue.read(source.reader, offset + sizeBytes);
    }
    return KeyValue.read(new Reader(source.read(offset, sizeBytes)), sizeBytes);
  }

  /** Moves the records out of blocks of which less than `share` (0 to 1) is in use, and drops these blocks. */
  rewrite(records: Records, share: number): void {
    const sparse = new Set<number>();
    this.sources.forEach((source, no) => {
      const live = this.liveBytes[no] ?? 0;
      if (source instanceof Block && live < source.used * share) sparse.add(no);
      else if (source !== undefined && live === 0) this.drop(no);
    });
    if (sparse.size === 0) return;
    if (sparse.has(this.tailNo)) this.tail = undefined;
    for (let id = 0; id < records.length; id++) {
      if (!sparse.has(records.source(id))) continue;
      const offset = this.append(records.bytes(id));
      records.move(id, this.tailNo, offset);
    }
    sparse.forEach((no) => this.drop(no));
  }

  private drop(no: number): void {
    const source = this.sources[no];
    if (source === undefined) return;
    if (source === this.tail) this.tail = undefined;
    this.sources[no] = undefined;
    this.numbers.delete(source);
  }
}
