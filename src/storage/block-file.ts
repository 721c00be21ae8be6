// Bounded random reads of a file through a small cache of blocks, so that neighbouring reads cost one system call and
// memory stays the same whatever the file's size. A block is loaded when it is asked for twice in a row: reads that jump
// about take only the bytes they want. Reads are synchronous: a db file is read as memory would be.
// A read never leaves the file: what lies outside is a FormatError, not a short answer.
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { CliError, ExitCode } from "../errors";
import { osErrorReason } from "../go/os";
import { FormatError } from "./errors";

const blockSizeBytes = 32 * 1024;
const cachedBlocks = 128;

export class BlockFile {
  /** Least recently used first; evicted blocks lend their memory to the next one. */
  private readonly blocks = new Map<number, Buffer>();
  private lastIndex = -1;
  private lastMissed = -1;
  private lastBlock: Buffer = Buffer.alloc(0);
  private fd: number | undefined;

  private constructor(
    fd: number,
    /** For messages. */
    readonly path: string,
    readonly sizeBytes: number,
  ) {
    this.fd = fd;
  }

  /** `name`: the path for messages. */
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

  close(): void {
    if (this.fd === undefined) return;
    closeSync(this.fd);
    this.fd = undefined;
    this.blocks.clear();
  }

  /** A copy that is the caller's. */
  read(offset: number, sizeBytes: number): Buffer {
    const block = this.blockWith(offset, sizeBytes);
    if (block === undefined) return this.readFile(offset, sizeBytes);
    const into = Buffer.allocUnsafe(sizeBytes);
    const start = offset % blockSizeBytes;
    block.copy(into, 0, start, start + sizeBytes);
    return into;
  }

  /** Valid until the file is read again: for what is used up at once, without leaving garbage behind. */
  view(offset: number, sizeBytes: number): Buffer {
    const block = this.blockWith(offset, sizeBytes);
    if (block === undefined) return this.readFile(offset, sizeBytes);
    const start = offset % blockSizeBytes;
    return block.subarray(start, start + sizeBytes);
  }

  private readFile(offset: number, sizeBytes: number): Buffer {
    const into = Buffer.allocUnsafe(sizeBytes);
    this.fill(into, offset);
    return into;
  }

  /** The block that holds all of these bytes, if there is one and it is in the cache now. */
  private blockWith(offset: number, sizeBytes: number): Buffer | undefined {
    this.checkBounds(offset, sizeBytes);
    const index = Math.floor(offset / blockSizeBytes);
    const isInside = (offset % blockSizeBytes) + sizeBytes <= blockSizeBytes;
    return isInside ? this.block(index) : undefined;
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
      let got: number;
      try {
        got = readSync(this.fd, into, done, into.length - done, offset + done);
      } catch (cause) {
        throw new FormatError(this.path, offset + done, `read failed: ${osErrorReason(cause)}`, { cause });
      }
      if (got === 0)
        throw new FormatError(this.path, offset + done, "the file has become shorter while it was read");
      done += got;
    }
  }
}
