// Where the records of each key are in a db file. Its bucket `key` is in the order of the revisions, so a search for a key
// would read all of it. This index has the place of each record in the order of the keys, the newest of a key first. The keys
// themselves are only in the db file: the index takes 10 bytes for a record and shows nothing. A second table has the records of
// each lease, so that the end of a lease in the log needs only these.
// Must stay true: an index that is damaged, or of another state of the db file, is as good as none.
//
//   blocks of 4096 bytes; bytes 4092 … 4095 of each: CRC-32C of the bytes before
//   block 0     0  "etcdctl places 1"   16 f64 number of places   24 identity of the db file
//               4084 f64 number of leased records + 1; 0: unknown
//   block 1 …   409 places each: u48 offset of the record (its revision), u32 size of its KeyValue
//   then        341 leased records each, sorted: i64 lease, u32 position of the record among the places
import { dirname } from "node:path";
import { pid } from "node:process";
import { metaEnd } from "./bbolt/layout";
import type { BboltFile } from "./bbolt/reader";
import { BlockFile } from "./block-file";
import { crc32c } from "./crc32c";
import { FormatError } from "./errors";
import { makeDirectories, replaceFile } from "./files";
import { sortInSteps, stepUnits, type Steps } from "./steps";

const magic = "etcdctl places 1";
const blockSizeBytes = 4096;
const checkedBytes = blockSizeBytes - 4;
const placeSizeBytes = 10;
const placesPerBlock = Math.floor(checkedBytes / placeSizeBytes);
const leasedSizeBytes = 12;
const leasedPerBlock = Math.floor(checkedBytes / leasedSizeBytes);
const blocksPerChunk = 4;
const identityAt = 24;
const leasedCountAt = checkedBytes - 8;

/** A smaller db file is read in no time. */
export const minIndexedBytes = 16 * 1024 * 1024;

/** What changes whenever the db file does: the times and the inode of the file, and bbolt's metas. */
export function identityOf({ file, meta }: BboltFile): Buffer {
  const metas = [0, meta.pageSize].map((offset) => file.read(offset, metaEnd));
  return Buffer.concat([file.stamp(), ...metas]);
}

/** The places of records by their number, which is their position in the order of the revisions. */
export class RecordPlaces {
  count = 0;
  private offsets = new Float64Array(1024);
  private sizes = new Uint32Array(1024);
  /** Absent: no record has a lease. */
  private leases: BigInt64Array | undefined;

  add(offset: number, sizeBytes: number, lease = 0n): void {
    if (this.count === this.offsets.length) this.grow();
    if (lease !== 0n) (this.leases ??= new BigInt64Array(this.offsets.length))[this.count] = lease;
    this.offsets[this.count] = offset;
    this.sizes[this.count++] = sizeBytes;
  }

  private grow(): void {
    const { offsets, sizes, leases, count } = this;
    this.offsets = new Float64Array(count * 2);
    this.sizes = new Uint32Array(count * 2);
    this.offsets.set(offsets);
    this.sizes.set(sizes);
    if (leases === undefined) return;
    this.leases = new BigInt64Array(count * 2);
    this.leases.set(leases);
  }

  get hasLeases(): boolean {
    return this.leases !== undefined;
  }

  encode(number: number, into: Buffer, at: number): void {
    into.writeUIntLE(this.offsets[number] as number, at, 6);
    into.writeUInt32LE(this.sizes[number] as number, at + 6);
  }

  isEmpty(number: number): boolean {
    return this.sizes[number] === 0;
  }

  leaseOf(number: number): bigint {
    return this.leases?.[number] ?? 0n;
  }
}

export interface LeasedRecord {
  readonly lease: bigint;
  /** Of its place. */
  readonly position: number;
}

/** The table of the leases. `byKey` as in NewKeyPlaces. */
export function* leasedRecords(places: RecordPlaces, byKey: Int32Array): Steps<LeasedRecord[]> {
  const found: LeasedRecord[] = [];
  if (!places.hasLeases) return found;
  let position = 0;
  for (const number of byKey) {
    if (places.isEmpty(number)) continue;
    const lease = places.leaseOf(number);
    if (lease !== 0n) found.push({ lease, position });
    if (++position % stepUnits === 0) yield stepUnits / 8;
  }
  return yield* sortInSteps(found, (a, b) => (a.lease < b.lease ? -1 : a.lease > b.lease ? 1 : 0));
}

export interface NewKeyPlaces {
  readonly identity: Buffer;
  readonly places: RecordPlaces;
  /** Numbers of records in the order of their keys, the newest record of a key first. */
  readonly byKey: Int32Array;
  /** All that have a lease, sorted by it. Absent: unknown. */
  readonly leased?: readonly LeasedRecord[] | undefined;
}

/** Writes the index as a whole or not at all. Throws PathError. */
export async function writeKeyPlaces(path: string, contents: NewKeyPlaces): Promise<void> {
  await makeDirectories(dirname(path));
  await replaceFile(path, blocksOf(contents), {
    temporary: `${path}.tmp-${pid}`,
    beforeRename: () => Promise.resolve(),
  });
}

function* blocksOf({ identity, places, byKey, leased }: NewKeyPlaces): Generator<Buffer> {
  // Records without a key only raise the revision.
  const numbers = byKey.filter((number) => !places.isEmpty(number));
  const header = Buffer.alloc(blockSizeBytes);
  header.write(magic, 0, "latin1");
  header.writeDoubleLE(numbers.length, 16);
  header.set(identity, identityAt);
  header.writeDoubleLE(leased === undefined ? 0 : leased.length + 1, leasedCountAt);
  yield seal(header, 0);
  yield* tableOf(numbers.length, placeSizeBytes, (from, chunk, at) =>
    places.encode(numbers[from] as number, chunk, at),
  );
  if (leased === undefined) return;
  yield* tableOf(leased.length, leasedSizeBytes, (from, chunk, at) => {
    const { lease, position } = leased[from] as LeasedRecord;
    chunk.writeBigInt64LE(lease, at);
    chunk.writeUInt32LE(position, at + 8);
  });
}

type EncodeItem = (number: number, into: Buffer, at: number) => void;

/** As many items in each block as it can have. */
function* tableOf(count: number, itemSizeBytes: number, encode: EncodeItem): Generator<Buffer> {
  const perBlock = Math.floor(checkedBytes / itemSizeBytes);
  for (let from = 0; from < count;) {
    const blockCount = Math.min(blocksPerChunk, Math.ceil((count - from) / perBlock));
    const chunk = Buffer.alloc(blockCount * blockSizeBytes);
    for (let start = 0; start < chunk.length; start += blockSizeBytes) {
      const to = Math.min(from + perBlock, count);
      for (let at = start; from < to; from++, at += itemSizeBytes) encode(from, chunk, at);
      seal(chunk, start);
    }
    yield chunk;
  }
}

function seal(blocks: Buffer, start: number): Buffer {
  blocks.writeUInt32LE(crc32c(0, blocks.subarray(start, start + checkedBytes)), start + checkedBytes);
  return blocks;
}

export interface Place {
  readonly offset: number;
  readonly sizeBytes: number;
}

export class KeyPlaces {
  private readonly blocks = new Map<number, Buffer>();

  private constructor(
    private readonly file: BlockFile,
    readonly count: number,
    /** Undefined: unknown. */
    private readonly leasedCount: number | undefined,
  ) {}

  /** Undefined: there is none, or it is of no use for this file. */
  static open(path: string, identity: Buffer): KeyPlaces | undefined {
    let file: BlockFile | undefined;
    try {
      file = BlockFile.open(path);
      const header = readBlock(file, 0);
      const isSame = header.subarray(identityAt, identityAt + identity.length).equals(identity);
      if (isSame && header.toString("latin1", 0, magic.length) === magic)
        return new KeyPlaces(file, header.readDoubleLE(16), leasedCountIn(header));
    } catch {
      // Most often it does not exist.
    }
    file?.close();
    return undefined;
  }

  /** Throws FormatError for a damaged index. */
  at(position: number): Place {
    const block = this.block(1 + Math.floor(position / placesPerBlock));
    const at = (position % placesPerBlock) * placeSizeBytes;
    return { offset: block.readUIntLE(at, 6), sizeBytes: block.readUInt32LE(at + 6) };
  }

  get knowsLeases(): boolean {
    return this.leasedCount !== undefined;
  }

  /** The positions of all records that have this lease. Throws FormatError for a damaged index. */
  *leasedBy(lease: bigint): Generator<number> {
    const { leasedCount = 0 } = this;
    let low = 0;
    let high = leasedCount;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.leased(middle).lease < lease) low = middle + 1;
      else high = middle;
    }
    for (; low < leasedCount; low++) {
      const found = this.leased(low);
      if (found.lease !== lease) return;
      yield found.position;
    }
  }

  private leased(number: number): LeasedRecord {
    const firstBlock = 1 + Math.ceil(this.count / placesPerBlock);
    const block = this.block(firstBlock + Math.floor(number / leasedPerBlock));
    const at = (number % leasedPerBlock) * leasedSizeBytes;
    return { lease: block.readBigInt64LE(at), position: block.readUInt32LE(at + 8) };
  }

  private block(index: number): Buffer {
    const block = this.blocks.get(index) ?? readBlock(this.file, index);
    this.blocks.set(index, block);
    return block;
  }

  close(): void {
    this.file.close();
  }
}

function leasedCountIn(header: Buffer): number | undefined {
  const stored = header.readDoubleLE(leasedCountAt);
  return stored === 0 ? undefined : stored - 1;
}

function readBlock(file: BlockFile, index: number): Buffer {
  const block = file.read(index * blockSizeBytes, blockSizeBytes);
  if (block.readUInt32LE(checkedBytes) === crc32c(0, block, checkedBytes)) return block;
  throw new FormatError(file.path, index * blockSizeBytes, "the checksum of the block does not match");
}
