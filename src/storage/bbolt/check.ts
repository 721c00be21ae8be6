// Checks a whole bbolt file: every page is reachable once or free, keys are in order within pages and between parent
// and child. It yields each problem and continues, so that one damaged page does not hide another. It finds the same
// problems as bbolt. Go: go.etcd.io/bbolt/tx_check.go
import { FormatError } from "../errors";
import { elementSize, maxDepth, maxKeySize, pageHeaderSize } from "./layout";
import type { BucketRoot, Page } from "./page-reader";
import { readFreelist } from "./page-reader";
import type { BboltFile } from "./reader";
import { PageSet } from "./reader";

interface KeyRange {
  readonly low: Buffer | undefined;
  readonly high: Buffer | undefined;
}

/** Gets the entries of all buckets during the check, in order. What it gets counts only if there is no problem. */
export interface EntryVisitor {
  bucket(name: Buffer): void;
  /** Key and value of an entry. `bytes` are valid until `endPage`; they begin at `offset` of the file. */
  entry(bytes: Buffer, keyStart: number, valueStart: number, end: number, offset: number): void;
  endPage(): void;
}

export function* checkBbolt(db: BboltFile): Generator<FormatError> {
  for (const problem of checkInSteps(db)) if (problem !== undefined) yield problem;
}

/** Problems, or undefined after each page. */
type Problems = Generator<FormatError | undefined>;

export function* checkInSteps(db: BboltFile, visitor?: EntryVisitor): Problems {
  const { meta, pages } = db;
  const freed = new PageSet(meta.pageCount);
  const reached = new PageSet(meta.pageCount);
  reached.addAll({ id: 0, overflow: 1 });
  yield* checkFreelist(db, freed, reached);
  const walk = new TreeWalk(db, freed, reached, visitor);
  yield* walk.bucket(db.root);
  if (meta.freelistPage === undefined) return;
  for (let pageId = 0; pageId < meta.pageCount; pageId++) {
    if (reached.has(pageId) || freed.has(pageId)) continue;
    yield pages.fail(pages.offsetOf(pageId), `page ${pageId}: neither used nor free`);
  }
}

function* checkFreelist(db: BboltFile, freed: PageSet, reached: PageSet): Generator<FormatError> {
  try {
    const freelist = readFreelist(db.file, db.meta);
    if (freelist === undefined) return;
    reached.addAll({ id: freelist.pageId, overflow: freelist.overflow });
    for (const pageId of freelist.ids()) {
      const offset = db.pages.offsetOf(freelist.pageId);
      if (pageId < 2 || pageId >= db.meta.pageCount)
        yield db.pages.fail(offset, `free page ${pageId} is no page`);
      else if (!freed.add(pageId)) yield db.pages.fail(offset, `page ${pageId}: freed twice`);
    }
  } catch (error) {
    yield asProblem(error);
  }
}

class TreeWalk {
  private depth = 0;

  constructor(
    private readonly db: BboltFile,
    private readonly freed: PageSet,
    private readonly reached: PageSet,
    private readonly visitor: EntryVisitor | undefined,
  ) {}

  *bucket(root: BucketRoot): Problems {
    let page: Page;
    try {
      page = this.db.pages.rootPage(root);
    } catch (error) {
      return yield asProblem(error);
    }
    yield* this.tree(page, { low: undefined, high: undefined });
  }

  private *tree(page: Page, range: KeyRange): Problems {
    const { id, offset } = page;
    if (id !== 0) {
      if (!this.reached.addAll(page)) return yield this.db.pages.fail(offset, `page ${id}: used twice`);
      if (this.freed.has(id)) yield this.db.pages.fail(offset, `page ${id}: in use, but on the freelist`);
    }
    if (this.depth === maxDepth)
      return yield this.db.pages.fail(offset, `page ${id}: ${maxDepth} levels deep`);
    this.depth++;
    yield* page.kind === "branch" ? this.branch(page, range) : this.leaf(page, range);
    this.depth--;
  }

  private *branch(page: Page, range: KeyRange): Problems {
    const { pages } = this.db;
    let low = range.low;
    let next: Buffer | undefined;
    for (let index = 0; index < page.count; index++) {
      try {
        const key = next ?? pages.branchKey(page, index);
        next = undefined;
        if (index + 1 < page.count) next = pages.branchKey(page, index + 1);
        const high = next ?? range.high;
        yield* this.order(page, index, key, { low, high: range.high });
        low = key;
        yield* this.tree(pages.page(pages.child(page, index)), { low: key, high });
        yield undefined;
      } catch (error) {
        yield asProblem(error);
      }
    }
  }

  private *leaf(page: Page, range: KeyRange): Problems {
    if (this.plainLeaf(page, range)) return;
    const { pages, file } = this.db;
    let low = range.low;
    for (let index = 0; index < page.count; index++) {
      try {
        const element = pages.leafElement(page, index);
        yield* this.order(page, index, element.key, { low, high: range.high });
        low = element.key;
        if (!element.isBucket) {
          const { key, valueOffset, valueSizeBytes } = element;
          const start = valueOffset - key.length;
          const bytes = file.view(start, key.length + valueSizeBytes);
          this.visitor?.entry(bytes, 0, key.length, bytes.length, start);
          this.visitor?.endPage();
          continue;
        }
        this.visitor?.bucket(element.key);
        for (const problem of this.bucket(pages.bucketRoot(element))) {
          if (problem !== undefined) problem.bucket ??= element.key.toString("latin1");
          yield problem;
        }
      } catch (error) {
        yield asProblem(error);
      }
    }
  }

  /**
   * The same for a page of which all is read at once. False for one with a problem, with buckets or of an unusual size: that is read
   * element by element.
   */
  private plainLeaf(page: Page, { low, high }: KeyRange): boolean {
    const { elements, count, sizeBytes } = page;
    if (count === 0 || sizeBytes > maxPlainBytes) return false;
    const bytes = this.db.file.viewNext(page.offset, sizeBytes);
    let lowest = pageHeaderSize + count * elementSize;
    let [lastStart, lastEnd] = [0, 0];
    for (let at = 0; at < count * elementSize; at += elementSize) {
      const keySizeBytes = elements.readUInt32LE(at + 8);
      const keyStart = pageHeaderSize + at + elements.readUInt32LE(at + 4);
      const keyEnd = keyStart + keySizeBytes;
      const end = keyEnd + elements.readUInt32LE(at + 12);
      const isPlain = keySizeBytes > 0 && keySizeBytes <= maxKeySize && elements.readUInt32LE(at) === 0;
      if (!isPlain || keyStart < lowest || end > sizeBytes) return false;
      if (at > 0 && !isBelow(bytes, lastStart, lastEnd, keyStart, keyEnd)) return false;
      if (at === 0 && low !== undefined && low.compare(bytes, keyStart, keyEnd) > 0) return false;
      [lastStart, lastEnd] = [keyStart, keyEnd];
      lowest = end;
    }
    if (high !== undefined && high.compare(bytes, lastStart, lastEnd) <= 0) return false;
    this.visitPlain(page, bytes);
    return true;
  }

  private visitPlain({ elements, count, offset }: Page, bytes: Buffer): void {
    const { visitor } = this;
    if (visitor === undefined) return;
    for (let at = 0; at < count * elementSize; at += elementSize) {
      const keyStart = pageHeaderSize + at + elements.readUInt32LE(at + 4);
      const valueStart = keyStart + elements.readUInt32LE(at + 8);
      visitor.entry(bytes, keyStart, valueStart, valueStart + elements.readUInt32LE(at + 12), offset);
    }
    visitor.endPage();
  }

  /** The first key of a page may equal the parent's key for the page. */
  private *order(page: Page, index: number, key: Buffer, { low, high }: KeyRange): Generator<FormatError> {
    const fail = (problem: string) =>
      this.db.pages.fail(page.offset, `page ${page.id}: key ${index} (${key.toString("hex")}) ${problem}`);
    if (low !== undefined) {
      const order = Buffer.compare(low, key);
      if (order > 0) yield fail(`is below ${low.toString("hex")}`);
      else if (order === 0 && index > 0) yield fail("is there twice");
    }
    if (high !== undefined && Buffer.compare(key, high) >= 0) {
      yield fail(`is not below ${high.toString("hex")}, where the next page starts`);
    }
  }
}

/** A page of the largest requests that etcd takes by default is smaller. */
const maxPlainBytes = 2 * 1024 * 1024;

/** Whether the first key is below the second, both in the same bytes. */
function isBelow(bytes: Buffer, from: number, fromEnd: number, to: number, toEnd: number): boolean {
  for (; from < fromEnd && to < toEnd; from++, to++) {
    const [a, b] = [bytes[from] as number, bytes[to] as number];
    if (a !== b) return a < b;
  }
  return from === fromEnd && to < toEnd;
}

function asProblem(error: unknown): FormatError {
  if (error instanceof FormatError) return error;
  throw error;
}
