// The bytes of all records: new ones in large blocks of memory, restored ones in an open db file.
// Must stay true: written bytes never change, so views of them need no copy. A dropped block lives as long as its views.
import { KeyValue } from "../../proto/gen/mvccpb";
import { Reader, Writer } from "../../proto/wire";
import type { RecordSource } from "../../storage/contents";
import type { Sources } from "./records";

/** Blocks grow from the first to the second size, so a small store needs little memory. */
const firstBlockBytes = 64 * 1024;
const largestBlockBytes = 16 * 1024 * 1024;

class Block implements RecordSource {
  readonly reader: Reader;
  used = 0;

  constructor(readonly buffer: Buffer) {
    this.reader = new Reader(buffer);
  }

  get free(): number {
    return this.buffer.length - this.used;
  }

  get sizeBytes(): number {
    return this.buffer.length;
  }

  allocate(sizeBytes: number): number {
    const offset = this.used;
    this.used += sizeBytes;
    return offset;
  }

  read(offset: number, sizeBytes: number): Buffer {
    return this.buffer.subarray(offset, offset + sizeBytes);
  }

  view(offset: number, sizeBytes: number): Buffer {
    return this.read(offset, sizeBytes);
  }
}

function decodeIn(source: RecordSource, offset: number, sizeBytes: number): KeyValue {
  if (source instanceof Block) {
    source.reader.pos = offset;
    return KeyValue.read(source.reader, offset + sizeBytes);
  }
  return KeyValue.read(new Reader(source.read(offset, sizeBytes)), sizeBytes);
}

/** The sources of one moment. */
class ArenaCopy implements Sources {
  constructor(private readonly sources: readonly (RecordSource | undefined)[]) {}

  source(no: number): RecordSource {
    return this.sources[no] as RecordSource;
  }

  decode(no: number, offset: number, sizeBytes: number): KeyValue {
    return decodeIn(this.source(no), offset, sizeBytes);
  }

  copy(): Sources {
    return this;
  }
}

export class Arena implements Sources {
  /** By source number. The next source takes a free number. */
  private readonly sources: (RecordSource | undefined)[] = [];
  private readonly liveBytes: number[] = [];
  private readonly numbers = new Map<RecordSource, number>();
  private tail: Block | undefined;
  private tailNo = 0;
  lastOffset = 0;

  source(no: number): RecordSource {
    return this.sources[no] as RecordSource;
  }

  copy(): Sources {
    return new ArenaCopy([...this.sources]);
  }

  /** Registers bytes in a db file. Returns the number of their source. */
  adopt(source: RecordSource, sizeBytes: number): number {
    const no = this.numbers.get(source) ?? this.add(source);
    this.liveBytes[no] = (this.liveBytes[no] ?? 0) + sizeBytes;
    return no;
  }

  /** Copies `bytes` into a block. Returns their offset in the source `lastSource`. */
  append(bytes: Uint8Array): number {
    const offset = this.allocate(bytes.length);
    this.lastBlock.set(bytes, offset);
    return offset;
  }

  /** Writes a record of at most `maxBytes` into a block. Returns its bytes. Their offset is `lastOffset`. */
  write(kv: KeyValue, maxBytes: number): number {
    const offset = this.allocate(maxBytes);
    const tail = this.tail as Block;
    const writer = new Writer(tail.buffer, offset);
    KeyValue.write(writer, kv);
    const { sizeBytes } = writer;
    if (writer.finish().buffer !== tail.buffer.buffer) throw new Error(`no room for ${sizeBytes} bytes`);
    tail.used = offset + sizeBytes;
    this.release(this.tailNo, maxBytes - sizeBytes);
    this.lastOffset = offset;
    return sizeBytes;
  }

  /** Room for a record. The caller writes its bytes into `lastBlock` at the returned offset, at once. */
  allocate(sizeBytes: number): number {
    let tail = this.tail;
    if (tail === undefined || tail.free < sizeBytes) {
      const blockBytes =
        tail === undefined ? firstBlockBytes : Math.min(tail.sizeBytes * 2, largestBlockBytes);
      this.tail = tail = new Block(Buffer.allocUnsafeSlow(Math.max(blockBytes, sizeBytes)));
      this.tailNo = this.add(tail);
    }
    this.liveBytes[this.tailNo] = (this.liveBytes[this.tailNo] ?? 0) + sizeBytes;
    return tail.allocate(sizeBytes);
  }

  get lastBlock(): Buffer {
    return (this.tail as Block).buffer;
  }

  get lastSource(): number {
    return this.tailNo;
  }

  private add(source: RecordSource): number {
    const free = this.sources.indexOf(undefined);
    const no = free === -1 ? this.sources.length : free;
    this.sources[no] = source;
    this.liveBytes[no] = 0;
    this.numbers.set(source, no);
    return no;
  }

  /** Marks a record's bytes as unused. rewrite() frees the memory. */
  release(no: number, sizeBytes: number): void {
    this.liveBytes[no] = (this.liveBytes[no] ?? 0) - sizeBytes;
  }

  decode(no: number, offset: number, sizeBytes: number): KeyValue {
    return decodeIn(this.source(no), offset, sizeBytes);
  }

  /** The blocks of which less than `share` (0 to 1) is in use. No record is added to them from now on. */
  sparse(share: number): ReadonlySet<number> {
    const sparse = new Set<number>();
    this.sources.forEach((source, no) => {
      const live = this.liveBytes[no] ?? 0;
      if (source instanceof Block && live > 0 && live < source.used * share) sparse.add(no);
    });
    if (sparse.has(this.tailNo)) this.tail = undefined;
    return sparse;
  }

  /** Drops these blocks, whose records have been copied, and all sources without records. */
  dropUnused(copied: ReadonlySet<number>): void {
    this.sources.forEach((source, no) => {
      if (source !== undefined && (copied.has(no) || this.liveBytes[no] === 0)) this.drop(no);
    });
  }

  private drop(no: number): void {
    const source = this.sources[no];
    if (source === undefined) return;
    if (source === this.tail) this.tail = undefined;
    this.sources[no] = undefined;
    this.numbers.delete(source);
  }
}
