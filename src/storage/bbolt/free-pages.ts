// Counts the free pages of a bbolt file: with them, etcd computes its size in use.
// Go: go.etcd.io/bbolt/db.go (FreePageN of Stats, loadFreelist, freepages)
import type { BucketRoot, Page } from "./page-reader";
import { readFreelist } from "./page-reader";
import { PageSet, type BboltFile } from "./reader";

/**
 * The pages on the freelist; without a freelist, all pages that no tree uses. Reads the head of every branch and leaf
 * page. Throws FormatError for a damaged file.
 */
export function countFreePages(db: BboltFile): number {
  const freelist = readFreelist(db.file, db.meta);
  if (freelist !== undefined) return [...freelist.ids()].length;
  const used = new PageSet(db.meta.pageCount);
  used.addAll({ id: 0, overflow: 1 });
  for (const page of pagesOf(db, db.root, used)) {
    if (page.kind === "branch") continue;
    for (let index = 0; index < page.count; index++) {
      useAll(pagesOf(db, db.pages.bucketRoot(db.pages.leafElement(page, index)), used));
    }
  }
  return db.meta.pageCount - used.size;
}

/** Runs the generator to its end. */
function useAll(pages: Generator<Page>): void {
  while (!pages.next().done);
}

/** The pages of one tree, each added to `used`. */
function* pagesOf(db: BboltFile, root: BucketRoot, used: PageSet): Generator<Page> {
  const { pages } = db;
  const branches: { readonly page: Page; next: number }[] = [];
  const enter = (page: Page): Page => {
    const isInline = page.id === 0;
    if (!isInline && !used.addAll(page)) throw pages.fail(page.offset, `page ${page.id}: used twice`);
    if (page.kind === "branch") branches.push({ page, next: 0 });
    return page;
  };
  yield enter(pages.rootPage(root));
  for (let step = branches.at(-1); step !== undefined; step = branches.at(-1)) {
    if (step.next === step.page.count) branches.pop();
    else yield enter(pages.page(pages.child(step.page, step.next++)));
  }
}
