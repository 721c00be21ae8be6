// Random reads of a file through a small cache of blocks: neighbouring reads share a system call, and memory use does not
// depend on the file's size. A block enters the cache at the second read in a row that needs it; scattered reads fetch only
// their bytes. While entries are large, only their first bytes are fetched (`isSparse`), so that a walk over the keys of a file
// reads a small part of it. Reads are synchronous, since bbolt's code reads the file like memory. A read outside of the file
// throws FormatError.
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { CliError, ExitCode } from "../errors";
import { osErrorReason } from "../go/os";
import { FormatError } from "./errors";

const blockSizeBytes = 32 * 1024;
const cachedBlocks = 128;
const maxScratchBytes = 2 * 1024 * 1024;
/** The head of a page with few entries, or the key of a record and the head of its value. */
const windowSizeBytes = 96;
/** A larger piece leaves the processor's cache before it is used. */
const aheadSizeBytes = 256 * 1024;
const nearBytes = 64 * 1024;

export class BlockFile {
  /** Least recently used first. A new block reuses the memory of an evicted one. */
  private readonly blocks = new Map<number, Buffer>();
  private lastIndex = -1;
  private lastMissed = -1;
  private lastBlock: Buffer = Buffer.alloc(0);
  private fd: number | undefined;
  /** Set while the entries that are read are much larger than their heads. */
  isSparse = false;
  private ahead = Buffer.alloc(0);
  private aheadStart = 0;
  private aheadEnd = 0;
  private readonly window = Buffer.allocUnsafeSlow(windowSizeBytes);
  private windowStart = 0;
  private windowEnd = 0;
  private scratch = Buffer.alloc(0);

  private constructor(
    fd: number,
    /** Path for messages. */
    readonly path: string,
    readonly sizeBytes: number,
  ) {
    this.fd = fd;
  }

  /** `name` is the path for messages. */
  static open(path: string, name = path): BlockFile {
    try {
      const fd = openSync(path, "r");
      const stat = fstatSync(fd);
      if (stat.isFile()) return new BlockFile(fd, name, stat.size);
      closeSync(fd);
    } catch (cause) {
      throw new CliError(ExitCode.error, `open ${name}: ${osErrorReason(cause)}`, { cause });
    }
    throw new CliError(ExitCode.error, `open ${name}: not a regular file`);
  }

  /** Inode, size and times of the file: other bytes when it has been written or replaced. */
  stamp(): Buffer {
    if (this.fd === undefined) throw new FormatError(this.path, undefined, "used after the file was closed");
    const { ino, size, mtimeNs, ctimeNs } = fstatSync(this.fd, { bigint: true });
    return Buffer.from(BigUint64Array.of(ino, size, mtimeNs, ctimeNs).buffer);
  }

  close(): void {
    if (this.fd === undefined) return;
    closeSync(this.fd);
    this.fd = undefined;
    this.blocks.clear();
    this.aheadEnd = this.aheadStart;
  }

  /** Returns a copy. */
  read(offset: number, sizeBytes: number): Buffer {
    if (this.isSparse && sizeBytes <= windowSizeBytes) return Buffer.from(this.inWindow(offset, sizeBytes));
    if (this.isAhead(offset, sizeBytes)) return Buffer.from(this.viewNext(offset, sizeBytes));
    const block = this.blockWith(offset, sizeBytes);
    if (block === undefined) return this.readFile(offset, sizeBytes);
    const into = Buffer.allocUnsafe(sizeBytes);
    const start = offset % blockSizeBytes;
    block.copy(into, 0, start, start + sizeBytes);
    return into;
  }

  /** Returns bytes that stay valid only until the next read or view. Makes no garbage where the cache has the block. */
  view(offset: number, sizeBytes: number): Buffer {
    if (this.isSparse && sizeBytes <= windowSizeBytes) return this.inWindow(offset, sizeBytes);
    const block = this.blockWith(offset, sizeBytes);
    if (block === undefined) return this.inScratch(offset, sizeBytes);
    const start = offset % blockSizeBytes;
    return block.subarray(start, start + sizeBytes);
  }

  /** Whether the file has the same bytes at `offset` as `other` at `start`. */
  holds(offset: number, other: Buffer, start: number, sizeBytes: number): boolean {
    const block = this.blockWith(offset, sizeBytes);
    if (block === undefined)
      return this.inScratch(offset, sizeBytes).equals(other.subarray(start, start + sizeBytes));
    const from = offset % blockSizeBytes;
    return block.compare(other, start, start + sizeBytes, from, from + sizeBytes) === 0;
  }

  /** A view for a walk over all pages: reads ahead, if this follows soon after the last one. */
  viewNext(offset: number, sizeBytes: number): Buffer {
    if (!this.isAhead(offset, sizeBytes)) {
      const isNear = offset >= this.aheadStart && offset <= this.aheadEnd + nearBytes;
      this.aheadStart = this.aheadEnd = offset + sizeBytes;
      if (!isNear || sizeBytes > aheadSizeBytes) return this.view(offset, sizeBytes);
      this.checkBounds(offset, sizeBytes);
      if (this.ahead.length === 0) this.ahead = Buffer.allocUnsafeSlow(aheadSizeBytes);
      const filled = Math.min(aheadSizeBytes, this.sizeBytes - offset);
      this.fill(this.ahead.subarray(0, filled), offset);
      this.aheadStart = offset;
      this.aheadEnd = offset + filled;
    }
    const start = offset - this.aheadStart;
    return this.ahead.subarray(start, start + sizeBytes);
  }

  private isAhead(offset: number, sizeBytes: number): boolean {
    return offset >= this.aheadStart && offset + sizeBytes <= this.aheadEnd;
  }

  /** Fills `into` with the bytes at `offset`, past the cache. */
  readInto(into: Buffer, offset: number): void {
    this.checkBounds(offset, into.length);
    this.fill(into, offset);
  }

  /** Reuses its memory, unless that would be much. */
  private inScratch(offset: number, sizeBytes: number): Buffer {
    if (sizeBytes > maxScratchBytes) return this.readFile(offset, sizeBytes);
    if (this.scratch.length < sizeBytes) this.scratch = Buffer.allocUnsafeSlow(sizeBytes);
    const into = this.scratch.subarray(0, sizeBytes);
    this.fill(into, offset);
    return into;
  }

  private inWindow(offset: number, sizeBytes: number): Buffer {
    if (offset < this.windowStart || offset + sizeBytes > this.windowEnd) {
      this.checkBounds(offset, sizeBytes);
      this.windowEnd = this.windowStart = offset;
      const filled = Math.min(windowSizeBytes, this.sizeBytes - offset);
      this.fill(this.window.subarray(0, filled), offset);
      this.windowEnd = offset + filled;
    }
    const start = offset - this.windowStart;
    return this.window.subarray(start, start + sizeBytes);
  }

  private readFile(offset: number, sizeBytes: number): Buffer {
    const into = Buffer.allocUnsafe(sizeBytes);
    this.fill(into, offset);
    return into;
  }

  /** The cached block with all of these bytes; undefined where the caller must read the file. */
  private blockWith(offset: number, sizeBytes: number): Buffer | undefined {
    this.checkBounds(offset, sizeBytes);
    const index = Math.floor(offset / blockSizeBytes);
    const isInside = (offset % blockSizeBytes) + sizeBytes <= blockSizeBytes;
    return isInside && !this.isSparse ? this.block(index) : undefined;
  }

  private checkBounds(offset: number, sizeBytes: number): void {
    if (offset >= 0 && sizeBytes >= 0 && offset + sizeBytes <= this.sizeBytes) return;
    throw new FormatError(
      this.path,
      offset,
      `${sizeBytes} bytes expected beyond the end of the file, which has ${this.sizeBytes} bytes`,
    );
  }

  private block(index: number): Buffer | undefined {
    if (index === this.lastIndex) return this.lastBlock;
    let block = this.blocks.get(index);
    if (block !== undefined) this.blocks.delete(index);
    else if (index === this.lastMissed) block = this.load(index);
    else {
      this.lastMissed = index;
      return undefined;
    }
    this.blocks.set(index, block);
    this.lastIndex = index;
    this.lastBlock = block;
    return block;
  }

  private load(index: number): Buffer {
    const block = this.evict() ?? Buffer.allocUnsafeSlow(blockSizeBytes);
    const start = index * blockSizeBytes;
    this.lastIndex = -1;
    this.fill(block.subarray(0, Math.min(blockSizeBytes, this.sizeBytes - start)), start);
    return block;
  }

  private evict(): Buffer | undefined {
    if (this.blocks.size < cachedBlocks) return undefined;
    for (const [index, block] of this.blocks) {
      this.blocks.delete(index);
      return block;
    }
    return undefined;
  }

  private fill(into: Buffer, offset: number): void {
    if (this.fd === undefined) throw new FormatError(this.path, offset, "read after the file was closed");
    for (let done = 0; done < into.length;) {
      let bytesRead: number;
      try {
        bytesRead = readSync(this.fd, into, done, into.length - done, offset + done);
      } catch (cause) {
        throw new FormatError(this.path, offset + done, `read failed: ${osErrorReason(cause)}`, { cause });
      }
      if (bytesRead === 0)
        throw new FormatError(this.path, offset + done, "the file has become shorter while it was read");
      done += bytesRead;
    }
  }
}
