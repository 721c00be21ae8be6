// Checks a whole bbolt file: every page is reachable once or free, keys are in order within pages and between parent
// and child. It yields each problem and continues, so that one damaged page does not hide another. It finds the same
// problems as bbolt. Go: go.etcd.io/bbolt/tx_check.go
import { FormatError } from "../errors";
import { maxDepth } from "./layout";
import type { BucketRoot, Page } from "./page-reader";
import { readFreelist } from "./page-reader";
import type { BboltFile } from "./reader";
import { PageSet } from "./reader";

interface KeyRange {
  readonly low: Buffer | undefined;
  readonly high: Buffer | undefined;
}

export function* checkBbolt(db: BboltFile): Generator<FormatError> {
  const { meta, pages } = db;
  const freed = new PageSet(meta.pageCount);
  const reached = new PageSet(meta.pageCount);
  reached.addAll({ id: 0, overflow: 1 });
  yield* checkFreelist(db, freed, reached);
  const walk = new TreeWalk(db, freed, reached);
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
  ) {}

  *bucket(root: BucketRoot): Generator<FormatError> {
    let page: Page;
    try {
      page = this.db.pages.rootPage(root);
    } catch (error) {
      return yield asProblem(error);
    }
    yield* this.tree(page, { low: undefined, high: undefined });
  }

  private *tree(page: Page, range: KeyRange): Generator<FormatError> {
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

  private *branch(page: Page, range: KeyRange): Generator<FormatError> {
    const { pages } = this.db;
    let low = range.low;
    for (let index = 0; index < page.count; index++) {
      try {
        const key = pages.branchKey(page, index);
        const high = index + 1 < page.count ? pages.branchKey(page, index + 1) : range.high;
        yield* this.order(page, index, key, { low, high: range.high });
        low = key;
        yield* this.tree(pages.page(pages.child(page, index)), { low: key, high });
      } catch (error) {
        yield asProblem(error);
      }
    }
  }

  private *leaf(page: Page, range: KeyRange): Generator<FormatError> {
    const { pages } = this.db;
    let low = range.low;
    for (let index = 0; index < page.count; index++) {
      try {
        const element = pages.leafElement(page, index);
        yield* this.order(page, index, element.key, { low, high: range.high });
        low = element.key;
        if (!element.isBucket) continue;
        for (const problem of this.bucket(pages.bucketRoot(element))) {
          problem.bucket ??= element.key.toString("latin1");
          yield problem;
        }
      } catch (error) {
        yield asProblem(error);
      }
    }
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

function asProblem(error: unknown): FormatError {
  if (error instanceof FormatError) return error;
  throw error;
}
