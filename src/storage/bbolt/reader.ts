// Reads a bbolt file: its buckets, and the entries of a bucket in key order. Values stay in the file. Pages are read on
// demand. No length, position or page id in the file is trusted, and a page that is reached twice is an error, so that
// a damaged file ends in FormatError and never in a loop. Go: go.etcd.io/bbolt/db.go (choice of the meta), cursor.go
import { BlockFile } from "../block-file";
import { FormatError } from "../errors";
import type { Meta } from "./layout";
import { maxDepth, metaEnd, decodeMeta } from "./layout";
import type { BucketRoot, LeafElement, Page } from "./page-reader";
import { PageReader } from "./page-reader";

export interface Bucket {
  readonly name: Buffer;
  readonly root: BucketRoot;
  /** The bucket header, and an inline bucket's page: a new root can keep them as they are. */
  readonly valueOffset: number;
  readonly valueSizeBytes: number;
}

export interface Entry {
  readonly key: Buffer;
  /** `file.read(valueOffset, valueSizeBytes)` returns the value. */
  readonly valueOffset: number;
  readonly valueSizeBytes: number;
}

/** Of entries that are at least so large on average, a walk reads only the heads. */
const largeEntryBytes = 2048;

export class BboltFile {
  private constructor(
    readonly file: BlockFile,
    readonly meta: Meta,
    readonly pages: PageReader,
  ) {}

  /**
   * `name` is the path for messages. Throws CliError for an unreadable file, FormatError for a file that is no bbolt
   * file or is truncated.
   */
  static open(path: string, name = path): BboltFile {
    const file = BlockFile.open(path, name);
    try {
      const meta = newestMeta(file);
      return new BboltFile(file, meta, new PageReader(file, meta));
    } catch (error) {
      file.close();
      throw error;
    }
  }

  close(): void {
    this.file.close();
  }

  get root(): BucketRoot {
    return { pageId: this.meta.rootPage };
  }

  /** The buckets in order of their names. */
  *buckets(): Generator<Bucket> {
    for (const element of this.elements(this.root)) {
      const { key: name, valueOffset, valueSizeBytes } = element;
      if (element.isBucket) yield { name, root: this.pages.bucketRoot(element), valueOffset, valueSizeBytes };
      else throw this.pages.fail(element.valueOffset, "the root holds a plain value instead of a bucket");
    }
  }

  /**
   * The entries of a bucket. Throws FormatError for nested buckets, which etcd does not use. With `headsOnly`, the caller
   * reads no more than the first bytes of large values.
   */
  *entries(bucket: Bucket, headsOnly = false): Generator<Entry> {
    for (const element of this.elements(bucket.root, headsOnly)) {
      if (!element.isBucket) yield element;
      else
        throw this.pages.fail(
          element.valueOffset,
          `bucket ${bucket.name} holds another bucket; etcd's do not`,
        );
    }
  }

  /** The last key of a bucket. Undefined: it is empty. */
  lastKey({ root }: Bucket): Buffer | undefined {
    let page = this.pages.rootPage(root);
    for (let depth = 1; page.kind === "branch"; depth++) {
      if (depth === maxDepth || page.count === 0)
        throw this.pages.fail(page.offset, `page ${page.id}: a branch without a last key`);
      page = this.pages.page(this.pages.child(page, page.count - 1));
    }
    return page.count === 0 ? undefined : this.pages.leafElement(page, page.count - 1).key;
  }

  /** Every leaf element of the tree under `root`, in order. */
  private *elements(root: BucketRoot, headsOnly = false): Generator<LeafElement> {
    const seen = new PageSet(this.meta.pageCount);
    const path: { page: Page; next: number }[] = [];
    const enter = (page: Page) => {
      const isInline = page.id === 0;
      if (!isInline && !seen.addAll(page)) throw this.pages.fail(page.offset, `page ${page.id}: used twice`);
      if (path.length === maxDepth)
        throw this.pages.fail(page.offset, `page ${page.id}: ${maxDepth} levels deep`);
      path.push({ page, next: 0 });
      if (headsOnly && page.kind === "leaf")
        this.file.isSparse = page.sizeBytes >= page.count * largeEntryBytes;
    };
    enter(this.pages.rootPage(root));
    let last: Buffer | undefined;
    try {
      for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
        const { page } = step;
        if (step.next === page.count) path.pop();
        else if (page.kind === "branch") enter(this.pages.page(this.pages.child(page, step.next++)));
        else {
          const element = this.pages.leafElement(page, step.next++);
          if (last !== undefined && Buffer.compare(last, element.key) >= 0) {
            throw this.pages.fail(
              page.offset,
              `page ${page.id}: key ${step.next - 1} is not above the one before it`,
            );
          }
          last = element.key;
          yield element;
        }
      }
    } finally {
      this.file.isSparse = false;
    }
  }
}

/** Why a meta page is of no use; undefined for a good one. One good meta is enough to read the file. */
export function metaProblem({ file, meta: { pageSize } }: BboltFile, page: 0 | 1): string | undefined {
  const offset = page * pageSize;
  if (offset + metaEnd > file.sizeBytes) return "the file ends before it";
  const meta = decodeMeta(file.read(offset, metaEnd));
  return typeof meta === "string" ? meta : undefined;
}

/** The newer meta, or the complete one when a crash tore the other. */
function newestMeta(file: BlockFile): Meta {
  if (file.sizeBytes < metaEnd) {
    throw new FormatError(file.path, undefined, `no bbolt database: it has only ${file.sizeBytes} bytes`);
  }
  const first = decodeMeta(file.read(0, metaEnd));
  const second = typeof first === "string" ? findSecondMeta(file) : metaAt(file, first.pageSize);
  const metas = [first, second].filter((meta) => meta !== undefined && typeof meta !== "string");
  const newest = metas.sort((a, b) => b.txid - a.txid)[0];
  if (newest === undefined)
    throw new FormatError(file.path, 16, `no bbolt database: meta page 0: ${String(first)}`);
  const expectedSizeBytes = newest.pageCount * newest.pageSize;
  if (expectedSizeBytes > file.sizeBytes) {
    throw new FormatError(
      file.path,
      undefined,
      `truncated: ${file.sizeBytes} of ${expectedSizeBytes} bytes are there`,
    );
  }
  return newest;
}

/** Without a valid page 0 the page size is unknown, and so is the offset of page 1. Tries all sizes. */
function findSecondMeta(file: BlockFile): Meta | undefined {
  for (let pageSize = 1024; pageSize <= 2 ** 24; pageSize *= 2) {
    const meta = metaAt(file, pageSize);
    if (meta?.pageSize === pageSize) return meta;
  }
  return undefined;
}

function metaAt(file: BlockFile, offset: number): Meta | undefined {
  if (offset + metaEnd > file.sizeBytes) return undefined;
  const meta = decodeMeta(file.read(offset, metaEnd));
  return typeof meta === "string" ? undefined : meta;
}

/** A set of page ids with one bit each: 32 KiB for a file of 1 GiB. */
export class PageSet {
  /** How many ids it has. */
  size = 0;
  private readonly bits: Uint8Array;

  constructor(pageCount: number) {
    this.bits = new Uint8Array(Math.ceil(pageCount / 8));
  }

  has(pageId: number): boolean {
    return (((this.bits[pageId >>> 3] ?? 0) >>> (pageId & 7)) & 1) === 1;
  }

  /** Returns false for an id that is in the set already. */
  add(pageId: number): boolean {
    if (this.has(pageId)) return false;
    this.size++;
    this.bits[pageId >>> 3] = (this.bits[pageId >>> 3] ?? 0) | (1 << (pageId & 7));
    return true;
  }

  /** Adds a page and its overflow pages. Stops and returns false at the first that is in the set already. */
  addAll(page: { readonly id: number; readonly overflow: number }): boolean {
    for (let pageId = page.id; pageId <= page.id + page.overflow; pageId++)
      if (!this.add(pageId)) return false;
    return true;
  }
}
