// What the db file of an etcd with the same records would measure: Status reports it and quotas are held against it.
// An estimate in whole pages; it grows with the records and is given back only by defragmenting.
// Answers to backend.Size and SizeInUse; the factor was measured on etcd 3.7 with records of 20 to 150 bytes.

const PAGE_BYTES = 4096;
/** An empty db file. */
const EMPTY_FILE_BYTES = 5 * PAGE_BYTES;
/** Header of an entry on a page, and its key. */
const ENTRY_BYTES = 16 + 17;
/** Pages are filled to nine tenths; branch pages come on top. */
const PAGE_FACTOR = 1.13;

export class FileSize {
  private recordBytes = 0;
  private highest = EMPTY_FILE_BYTES;
  /** Sizes of the three newest records: bbolt does not split a leaf of so few, and the next one comes to them. */
  private newest = 0;
  private second = 0;
  private third = 0;

  add(recordSizeBytes: number): void {
    // Each change writes the last leaf anew before the old one is free: much, where it holds a large record.
    const rewritten = this.newest + this.second + this.third;
    this.recordBytes += recordSizeBytes + ENTRY_BYTES;
    this.highest = Math.max(this.highest, this.inUseBytes + PAGE_BYTES * Math.floor(rewritten / PAGE_BYTES));
    this.third = this.second;
    this.second = this.newest;
    this.newest = recordSizeBytes;
  }

  remove(recordSizeBytes: number): void {
    this.recordBytes -= recordSizeBytes + ENTRY_BYTES;
  }

  get inUseBytes(): number {
    return EMPTY_FILE_BYTES + PAGE_BYTES * Math.ceil((this.recordBytes * PAGE_FACTOR) / PAGE_BYTES);
  }

  get bytes(): number {
    return this.highest;
  }

  shrink(): void {
    this.highest = this.inUseBytes;
  }
}
