// What the db file of an etcd with the same records would measure: Status reports it and quotas are held against it.
// An estimate in whole pages; it grows with the records and is given back only by defragmenting.
// Answers to backend.Size and SizeInUse; the factor was measured on etcd 3.7 with records of 20 to 150 bytes.

const pageBytes = 4096;
/** An empty db file. */
const emptyFileBytes = 5 * pageBytes;
/** Header of an entry on a page, and its key. */
const entryBytes = 16 + 17;
/** Pages are filled to nine tenths; branch pages come on top. */
const pageFactor = 1.13;

export class FileSize {
  private recordBytes = 0;
  private highest = emptyFileBytes;
  /** Sizes of the three newest records: bbolt does not split a leaf of so few, and the next one comes to them. */
  private newest = 0;
  private second = 0;
  private third = 0;

  add(recordSizeBytes: number): void {
    // Each change writes the last leaf anew before the old one is free: much, where it holds a large record.
    const rewritten = this.newest + this.second + this.third;
    this.recordBytes += recordSizeBytes + entryBytes;
    this.highest = Math.max(this.highest, this.inUseBytes + pageBytes * Math.floor(rewritten / pageBytes));
    this.third = this.second;
    this.second = this.newest;
    this.newest = recordSizeBytes;
  }

  remove(recordSizeBytes: number): void {
    this.recordBytes -= recordSizeBytes + entryBytes;
  }

  get inUseBytes(): number {
    return emptyFileBytes + pageBytes * Math.ceil((this.recordBytes * pageFactor) / pageBytes);
  }

  get bytes(): number {
    return this.highest;
  }

  shrink(): void {
    this.highest = this.inUseBytes;
  }
}
