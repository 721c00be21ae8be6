// Reads single pages of a bbolt file and checks every position and length against the bounds of the page. reader.ts and
// check.ts walk the tree. Go: go.etcd.io/bbolt/internal/common/page.go
import type { BlockFile } from "../block-file";
import { FormatError } from "../errors";
import type { Meta } from "./layout";
import {
  bucketElementFlag,
  bucketHeaderSize,
  elementSize,
  longFreelistCount,
  maxKeySize,
  pageHeaderSize,
  PageFlag,
  readU64,
} from "./layout";

/** A branch or leaf page. The page of an inline bucket has id 0. */
export interface Page {
  readonly id: number;
  readonly kind: "branch" | "leaf";
  readonly count: number;
  readonly overflow: number;
  readonly offset: number;
  /** Size with the overflow pages. */
  readonly sizeBytes: number;
  /** The elements without the keys and values that follow. */
  readonly elements: Buffer;
}

export interface LeafElement {
  readonly key: Buffer;
  readonly valueOffset: number;
  readonly valueSizeBytes: number;
  readonly isBucket: boolean;
}

/** Where the tree of a bucket starts: at a page, or for an inline bucket at a leaf in the bucket's value. */
export type BucketRoot =
  { readonly pageId: number } | { readonly inlineAt: number; readonly sizeBytes: number };

export class PageReader {
  constructor(
    private readonly file: BlockFile,
    private readonly meta: Meta,
  ) {}

  fail(offset: number, problem: string): FormatError {
    return new FormatError(this.file.path, offset, problem);
  }

  offsetOf(pageId: number): number {
    return pageId * this.meta.pageSize;
  }

  /** Throws for an id outside of the file and for a meta page. */
  checkId(pageId: number, offset: number): void {
    if (pageId >= 2 && pageId < this.meta.pageCount) return;
    throw this.fail(offset, `page id ${pageId} is not one of the pages 2 to ${this.meta.pageCount - 1}`);
  }

  page(pageId: number): Page {
    this.checkId(pageId, 0);
    const offset = this.offsetOf(pageId);
    const header = this.file.read(offset, pageHeaderSize);
    const id = readU64(header, 0);
    if (id !== pageId) throw this.fail(offset, `page ${pageId}: calls itself page ${id}`);
    const overflow = header.readUInt32LE(12);
    if (pageId + overflow >= this.meta.pageCount) {
      throw this.fail(offset, `page ${pageId}: its ${overflow} overflow pages leave the file`);
    }
    return this.parse(pageId, header, offset, (overflow + 1) * this.meta.pageSize);
  }

  rootPage(root: BucketRoot): Page {
    if ("pageId" in root) return this.page(root.pageId);
    if (root.sizeBytes < pageHeaderSize)
      throw this.fail(root.inlineAt, "inline bucket without a page header");
    const page = this.parse(0, this.file.read(root.inlineAt, pageHeaderSize), root.inlineAt, root.sizeBytes);
    if (page.kind === "branch") throw this.fail(root.inlineAt, "inline bucket that is not a leaf");
    return page;
  }

  private parse(id: number, header: Buffer, offset: number, sizeBytes: number): Page {
    const flags = header.readUInt16LE(8);
    if (flags !== PageFlag.branch && flags !== PageFlag.leaf) {
      throw this.fail(offset, `page ${id}: flags ${flags} are those of neither a branch nor a leaf`);
    }
    const count = header.readUInt16LE(10);
    if (pageHeaderSize + count * elementSize > sizeBytes) {
      throw this.fail(offset, `page ${id}: ${count} elements do not fit into its ${sizeBytes} bytes`);
    }
    return {
      id,
      kind: flags === PageFlag.branch ? "branch" : "leaf",
      count,
      overflow: header.readUInt32LE(12),
      offset,
      sizeBytes,
      elements: this.file.read(offset + pageHeaderSize, count * elementSize),
    };
  }

  child(page: Page, index: number): number {
    const child = readU64(page.elements, index * elementSize + 8);
    this.checkId(child, page.offset + pageHeaderSize + index * elementSize);
    return child;
  }

  /** The smallest key of the child. */
  branchKey(page: Page, index: number): Buffer {
    const keySizeBytes = page.elements.readUInt32LE(index * elementSize + 4);
    const lowest = index === 0 ? elementsEnd(page) : branchEnd(page, index - 1);
    return this.file.read(
      this.keyOffset(page, index, branchStart(page, index), lowest, keySizeBytes, 0),
      keySizeBytes,
    );
  }

  leafElement(page: Page, index: number): LeafElement {
    const at = index * elementSize;
    const { elements } = page;
    const keySizeBytes = elements.readUInt32LE(at + 8);
    const valueSizeBytes = elements.readUInt32LE(at + 12);
    const lowest = index === 0 ? elementsEnd(page) : leafEnd(page, index - 1);
    const keyOffset = this.keyOffset(
      page,
      index,
      leafStart(page, index),
      lowest,
      keySizeBytes,
      valueSizeBytes,
    );
    return {
      key: this.file.read(keyOffset, keySizeBytes),
      valueOffset: keyOffset + keySizeBytes,
      valueSizeBytes,
      isBucket: (elements.readUInt32LE(at) & bucketElementFlag) !== 0,
    };
  }

  bucketRoot(element: LeafElement): BucketRoot {
    const { valueOffset, valueSizeBytes } = element;
    if (valueSizeBytes < bucketHeaderSize) throw this.fail(valueOffset, "bucket without a bucket header");
    const pageId = readU64(this.file.read(valueOffset, bucketHeaderSize), 0);
    if (pageId !== 0) {
      this.checkId(pageId, valueOffset);
      return { pageId };
    }
    return { inlineAt: valueOffset + bucketHeaderSize, sizeBytes: valueSizeBytes - bucketHeaderSize };
  }

  /**
   * The offset of an element's key. It must follow the elements and the data of the element before. So the data of all
   * elements together cannot exceed the page.
   */
  private keyOffset(
    page: Page,
    index: number,
    start: number,
    lowest: number,
    keySize: number,
    valueSize: number,
  ): number {
    const fits = start >= lowest && start + keySize + valueSize <= page.sizeBytes;
    if (fits && keySize > 0 && keySize <= maxKeySize) return page.offset + start;
    throw this.fail(
      page.offset + pageHeaderSize + index * elementSize,
      `page ${page.id}: element ${index} (key ${keySize} bytes, value ${valueSize} bytes, at ${start}) ` +
        `does not fit between ${lowest} and ${page.sizeBytes}`,
    );
  }
}

function elementsEnd(page: Page): number {
  return pageHeaderSize + page.count * elementSize;
}

/** Start and end of an element's data from the start of the page. In the file they count from the element. */
function leafStart(page: Page, index: number): number {
  const at = index * elementSize;
  return pageHeaderSize + at + page.elements.readUInt32LE(at + 4);
}

function leafEnd(page: Page, index: number): number {
  const at = index * elementSize;
  return leafStart(page, index) + page.elements.readUInt32LE(at + 8) + page.elements.readUInt32LE(at + 12);
}

function branchStart(page: Page, index: number): number {
  const at = index * elementSize;
  return pageHeaderSize + at + page.elements.readUInt32LE(at);
}

function branchEnd(page: Page, index: number): number {
  return branchStart(page, index) + page.elements.readUInt32LE(index * elementSize + 4);
}

const idsPerRead = 1024;

export interface Freelist {
  readonly pageId: number;
  readonly overflow: number;
  ids(): Iterable<number>;
}

/** Undefined: the file stores no freelist. etcd's files have none, those of bbolt's tools do. Throws FormatError. */
export function readFreelist(file: BlockFile, meta: Meta): Freelist | undefined {
  const { freelistPage: pageId, pageSize, pageCount } = meta;
  if (pageId === undefined) return undefined;
  if (pageId < 2 || pageId >= pageCount)
    throw new FormatError(file.path, 48, `freelist page ${pageId} is no page`);
  const offset = pageId * pageSize;
  const fail = (problem: string) => new FormatError(file.path, offset, `freelist page ${pageId}: ${problem}`);
  const header = file.read(offset, pageHeaderSize);
  if (readU64(header, 0) !== pageId) throw fail(`calls itself page ${readU64(header, 0)}`);
  if (header.readUInt16LE(8) !== PageFlag.freelist) throw fail(`flags ${header.readUInt16LE(8)}`);
  const overflow = header.readUInt32LE(12);
  if (pageId + overflow >= pageCount) throw fail(`its ${overflow} overflow pages leave the file`);
  const shortCount = header.readUInt16LE(10);
  const isLong = shortCount === longFreelistCount;
  const count = isLong ? readU64(file.read(offset + pageHeaderSize, 8), 0) : shortCount;
  const start = offset + pageHeaderSize + (isLong ? 8 : 0);
  if (start + count * 8 > offset + (overflow + 1) * pageSize)
    throw fail(`${count} page ids do not fit into it`);
  return {
    pageId,
    overflow,
    *ids() {
      for (let done = 0; done < count; done += idsPerRead) {
        const bytes = file.read(start + done * 8, Math.min(idsPerRead, count - done) * 8);
        for (let at = 0; at < bytes.length; at += 8) yield readU64(bytes, at);
      }
    },
  };
}
