// A new bbolt file from sorted buckets, as a stream of pieces in file order and in flat memory. The metas come first and
// name the root, which is packed last; so everything is packed twice, the first time only to count pages.
//
//   page 0, 1   the metas; 0 is the newer, as in bbolt's Tx.WriteTo
//   page 2      the freelist, empty
//   page 3 …    the trees of the buckets, by name; then the tree of the root bucket, its root last
//
// Small buckets lie inline in the root, under the rule of bbolt's Bucket.inlineable. Answers to bbolt's Tx.Commit.
import { BUCKET_HEADER_SIZE, PAGE_HEADER_SIZE, PageFlag, writeU64 } from "./layout";
import { encodeMeta } from "./meta";
import { encodeHeader, encodeInlineLeaf, encodePage } from "./page-encoder";
import { entrySizeBytes, packTree } from "./tree-builder";
import type { LeafEntry, PageDraft } from "./tree-builder";

export interface BucketSource {
  readonly name: Uint8Array;
  /** In rising order of keys; the same entries each time it is called. */
  entries(): Iterable<LeafEntry>;
}

export interface BboltImage {
  readonly sizeBytes: number;
  /** Pieces of at most 64 KiB, each the caller's. */
  readonly chunks: Iterable<Buffer>;
}

const FIRST_TREE_PAGE = 3;
const FREELIST_PAGE = 2;
const FILL_PERCENT = 0.9;
const CHUNK_SIZE_BYTES = 64 * 1024;

/** `buckets` in rising order of their names. The entries are read twice: now for their sizes, and with the chunks. */
export function bboltImage(buckets: readonly BucketSource[], pageSize = 4096): BboltImage {
  const plan = runPlan(packBuckets(buckets, pageSize));
  return {
    sizeBytes: plan.pageCount * pageSize,
    chunks: { [Symbol.iterator]: () => render(buckets, pageSize, plan) },
  };
}

interface Plan {
  readonly rootPage: number;
  readonly pageCount: number;
}

function runPlan(pages: Generator<PageDraft, Plan>): Plan {
  for (;;) {
    const step = pages.next();
    if (step.done === true) return step.value;
  }
}

function* packBuckets(buckets: readonly BucketSource[], pageSize: number): Generator<PageDraft, Plan> {
  let nextPage = FIRST_TREE_PAGE;
  const allocate = (pageCount: number) => {
    nextPage += pageCount;
    return nextPage - pageCount;
  };
  const packing = { pageSize, fillPercent: FILL_PERCENT, allocate };
  const roots: LeafEntry[] = [];
  for (const bucket of buckets) {
    const inline = inlineEntries(bucket, pageSize);
    const value =
      inline !== undefined ? inlineBucket(inline) : bucketHeader(yield* packTree(bucket.entries(), packing));
    roots.push({ key: bucket.name, valueSizeBytes: value.sizeBytes, value: value.render, isBucket: true });
  }
  const rootPage = yield* packTree(roots, packing);
  return { rootPage, pageCount: nextPage };
}

/** All entries of a bucket, where they are few enough to lie inline. */
function inlineEntries(bucket: BucketSource, pageSize: number): LeafEntry[] | undefined {
  const entries: LeafEntry[] = [];
  let sizeBytes = PAGE_HEADER_SIZE;
  for (const entry of bucket.entries()) {
    sizeBytes += entrySizeBytes(entry);
    if (sizeBytes > pageSize / 4) return undefined;
    entries.push(entry);
  }
  return entries;
}

function inlineBucket(entries: readonly LeafEntry[]) {
  const headersSizeBytes = BUCKET_HEADER_SIZE + PAGE_HEADER_SIZE;
  const sizeBytes = entries.reduce((sum, entry) => sum + entrySizeBytes(entry), headersSizeBytes);
  const render = () => {
    const value = Buffer.alloc(sizeBytes);
    encodeInlineLeaf(value, BUCKET_HEADER_SIZE, entries);
    return value;
  };
  return { sizeBytes, render };
}

function bucketHeader(rootPage: number) {
  const render = () => {
    const value = Buffer.alloc(BUCKET_HEADER_SIZE);
    writeU64(value, rootPage, 0);
    return value;
  };
  return { sizeBytes: BUCKET_HEADER_SIZE, render };
}

function* render(buckets: readonly BucketSource[], pageSize: number, plan: Plan): Generator<Buffer> {
  let chunk = firstPages(pageSize, plan);
  let used = chunk.length;
  const pages = packBuckets(buckets, pageSize);
  for (let step = pages.next(); ; step = pages.next()) {
    if (step.done === true) {
      if (step.value.pageCount === plan.pageCount && step.value.rootPage === plan.rootPage) break;
      throw new Error("bbolt: the entries have changed while they were written");
    }
    const sizeBytes = step.value.pageCount * pageSize;
    if (used + sizeBytes > chunk.length) {
      yield* slices(chunk, used);
      chunk = Buffer.alloc(Math.max(CHUNK_SIZE_BYTES, sizeBytes));
      used = 0;
    }
    encodePage(chunk, used, step.value);
    used += sizeBytes;
  }
  yield* slices(chunk, used);
}

function firstPages(pageSize: number, { rootPage, pageCount }: Plan): Buffer {
  const pages = Buffer.alloc(FIRST_TREE_PAGE * pageSize);
  for (const pageId of [0, 1]) {
    const meta = { pageSize, rootPage, freelistPage: FREELIST_PAGE, pageCount, txid: 2 - pageId };
    encodeMeta(pageId, meta).copy(pages, pageId * pageSize);
  }
  encodeHeader(pages, FREELIST_PAGE * pageSize, {
    id: FREELIST_PAGE,
    flag: PageFlag.freelist,
    count: 0,
    overflow: 0,
  });
  return pages;
}

function* slices(chunk: Buffer, used: number): Generator<Buffer> {
  for (let at = 0; at < used; at += CHUNK_SIZE_BYTES) {
    yield chunk.subarray(at, Math.min(at + CHUNK_SIZE_BYTES, used));
  }
}
