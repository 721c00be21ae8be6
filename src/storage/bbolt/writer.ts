// Writes a new bbolt file from sorted buckets, as a stream of chunks in file order and in flat memory. The metas come
// first and name the root, which is packed last. So everything is packed twice, the first time only to count pages. Go:
// go.etcd.io/bbolt (Tx.Commit, Tx.WriteTo, Bucket.inlineable)
//
//   page 0, 1   the metas; 0 is the newer, as in Tx.WriteTo
//   page 2      the freelist, empty
//   page 3 …    the trees of the buckets, by name; then the tree of the root bucket, its root last
//
// Small buckets are inline in the root, under the rule of Bucket.inlineable.
import {
  bucketElementFlag,
  bucketHeaderSize,
  elementSize,
  pageHeaderSize,
  PageFlag,
  encodeMeta,
  writeU64,
  type Meta,
} from "./layout";
import { toEnd, type Steps } from "../steps";
import type { LeafEntry, PageDraft } from "./tree-builder";
import { entrySizeBytes, packTree } from "./tree-builder";

export interface BucketSource {
  readonly name: Uint8Array;
  /** In rising order of keys. Must return the same entries at each call. */
  entries(): Iterable<LeafEntry>;
}

/** A bucket of the file that does not change: the value of its entry in the root. */
export interface KeptBucket {
  readonly name: Uint8Array;
  readonly kept: Uint8Array;
}

export interface BboltImage {
  readonly sizeBytes: number;
  /** At most 64 KiB each. The caller may keep them. */
  readonly chunks: Iterable<Buffer>;
}

const firstTreePage = 3;
const freelistPage = 2;
const fillPercent = 0.9;
const chunkSizeBytes = 64 * 1024;

/** `buckets` in rising order of their names. Iterates the entries twice: now for the sizes, later for the chunks. */
export function bboltImage(buckets: readonly BucketSource[], pageSize = 4096): BboltImage {
  return toEnd(bboltImageSteps(buckets, pageSize));
}

export function* bboltImageSteps(buckets: readonly BucketSource[], pageSize = 4096): Steps<BboltImage> {
  const plan = yield* planSteps(packBuckets(buckets, pageSize));
  return {
    sizeBytes: plan.pageCount * pageSize,
    chunks: { [Symbol.iterator]: () => render(buckets, pageSize, plan) },
  };
}

/**
 * What a transaction writes that puts `buckets` in place of all buckets of the file of `meta`: pages at its end, and both metas.
 * Pages that are no longer used are free: the file stores no freelist, so bbolt looks for them. Go: go.etcd.io/bbolt/tx.go (Commit)
 */
export function bboltAppend(
  buckets: readonly (BucketSource | KeptBucket)[],
  meta: Meta,
): { readonly offset: number; readonly bytes: Buffer }[] {
  const { pageSize, pageCount: firstPage, txid } = meta;
  const plan = toEnd(planSteps(packBuckets(buckets, pageSize, firstPage)));
  const pages = Buffer.alloc((plan.pageCount - firstPage) * pageSize);
  for (const draft of packBuckets(buckets, pageSize, firstPage)) {
    encodePage(pages, (draft.id - firstPage) * pageSize, draft, pageSize);
  }
  const metas = [0, 1].map((pageId) => ({
    offset: pageId * pageSize,
    bytes: encodeMeta(pageId, { ...plan, pageSize, freelistPage: undefined, txid: txid + 2 - pageId }),
  }));
  return [{ offset: firstPage * pageSize, bytes: pages }, ...metas];
}

interface Plan {
  readonly rootPage: number;
  readonly pageCount: number;
}

function* planSteps(pages: Generator<PageDraft, Plan>): Steps<Plan> {
  for (;;) {
    const step = pages.next();
    if (step.done === true) return step.value;
    yield step.value.entries.length;
  }
}

function* packBuckets(
  buckets: readonly (BucketSource | KeptBucket)[],
  pageSize: number,
  firstPage = firstTreePage,
): Generator<PageDraft, Plan> {
  let nextPage = firstPage;
  const allocate = (pageCount: number) => {
    nextPage += pageCount;
    return nextPage - pageCount;
  };
  const packing = { pageSize, fillPercent, allocate };
  const roots: LeafEntry[] = [];
  for (const bucket of buckets) {
    if ("kept" in bucket) {
      const { name: key, kept } = bucket;
      roots.push({ key, valueSizeBytes: kept.length, value: () => kept, isBucket: true });
      continue;
    }
    const inline = inlineEntries(bucket, pageSize);
    const value =
      inline !== undefined ? inlineBucket(inline) : bucketHeader(yield* packTree(bucket.entries(), packing));
    roots.push({ key: bucket.name, valueSizeBytes: value.sizeBytes, value: value.render, isBucket: true });
  }
  const rootPage = yield* packTree(roots, packing);
  return { rootPage, pageCount: nextPage };
}

/** The entries of a bucket that is small enough to be inline, else undefined. */
function inlineEntries(bucket: BucketSource, pageSize: number): LeafEntry[] | undefined {
  const entries: LeafEntry[] = [];
  let sizeBytes = pageHeaderSize;
  for (const entry of bucket.entries()) {
    sizeBytes += entrySizeBytes(entry);
    if (sizeBytes > pageSize / 4) return undefined;
    entries.push(entry);
  }
  return entries;
}

function inlineBucket(entries: readonly LeafEntry[]) {
  const headersSizeBytes = bucketHeaderSize + pageHeaderSize;
  const sizeBytes = entries.reduce((sum, entry) => sum + entrySizeBytes(entry), headersSizeBytes);
  const render = () => {
    const value = Buffer.alloc(sizeBytes);
    encodeInlineLeaf(value, bucketHeaderSize, entries);
    return value;
  };
  return { sizeBytes, render };
}

function bucketHeader(rootPage: number) {
  const render = () => {
    const value = Buffer.alloc(bucketHeaderSize);
    writeU64(value, rootPage, 0);
    return value;
  };
  return { sizeBytes: bucketHeaderSize, render };
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
      chunk = Buffer.alloc(Math.max(chunkSizeBytes, sizeBytes));
      used = 0;
    }
    encodePage(chunk, used, step.value, pageSize);
    used += sizeBytes;
  }
  yield* slices(chunk, used);
}

function firstPages(pageSize: number, { rootPage, pageCount }: Plan): Buffer {
  const pages = Buffer.alloc(firstTreePage * pageSize);
  for (const pageId of [0, 1]) {
    const meta = { pageSize, rootPage, freelistPage, pageCount, txid: 2 - pageId };
    encodeMeta(pageId, meta).copy(pages, pageId * pageSize);
  }
  encodeHeader(pages, freelistPage * pageSize, {
    id: freelistPage,
    flag: PageFlag.freelist,
    count: 0,
    overflow: 0,
  });
  return pages;
}

function* slices(chunk: Buffer, used: number): Generator<Buffer> {
  for (let at = 0; at < used; at += chunkSizeBytes) {
    yield chunk.subarray(at, Math.min(at + chunkSizeBytes, used));
  }
}

/** Writes a page into zeroed bytes. page-reader.ts reads it. Go: go.etcd.io/bbolt/internal/common/inode.go (WriteInodeToPage) */
function encodePage(into: Buffer, start: number, draft: PageDraft, pageSize: number): void {
  const flag = draft.kind === "leaf" ? PageFlag.leaf : PageFlag.branch;
  encodeHeader(into, start, {
    id: draft.id,
    flag,
    count: draft.entries.length,
    overflow: draft.pageCount - 1,
  });
  if (draft.kind === "leaf") encodeLeaf(into, start, draft.entries, draft.id * pageSize - start);
  else {
    let data = dataStart(start, draft.entries.length);
    draft.entries.forEach(({ key, childPage }, index) => {
      const element = start + pageHeaderSize + index * elementSize;
      into.writeUInt32LE(data - element, element);
      into.writeUInt32LE(key.length, element + 4);
      writeU64(into, childPage, element + 8);
      into.set(key, data);
      data += key.length;
    });
  }
}

/** The page of an inline bucket: id 0, no overflow. */
function encodeInlineLeaf(into: Buffer, start: number, entries: readonly LeafEntry[]): void {
  encodeHeader(into, start, { id: 0, flag: PageFlag.leaf, count: entries.length, overflow: 0 });
  encodeLeaf(into, start, entries);
}

export function encodeHeader(
  into: Buffer,
  start: number,
  header: { id: number; flag: number; count: number; overflow: number },
): void {
  writeU64(into, header.id, start);
  into.writeUInt16LE(header.flag, start + 8);
  into.writeUInt16LE(header.count, start + 10);
  into.writeUInt32LE(header.overflow, start + 12);
}

/** `shift`: from a place in `into` to the place in the file. */
function encodeLeaf(into: Buffer, start: number, entries: readonly LeafEntry[], shift = 0): void {
  let data = dataStart(start, entries.length);
  entries.forEach((entry, index) => {
    const value = entry.value();
    if (value.length !== entry.valueSizeBytes) {
      throw new Error(`bbolt: a value of ${value.length} bytes was announced with ${entry.valueSizeBytes}`);
    }
    const element = start + pageHeaderSize + index * elementSize;
    into.writeUInt32LE(entry.isBucket === true ? bucketElementFlag : 0, element);
    into.writeUInt32LE(data - element, element + 4);
    into.writeUInt32LE(entry.key.length, element + 8);
    into.writeUInt32LE(value.length, element + 12);
    into.set(entry.key, data);
    into.set(value, data + entry.key.length);
    entry.written?.(data + shift);
    data += entry.key.length + value.length;
  });
}

function dataStart(start: number, count: number): number {
  return start + pageHeaderSize + count * elementSize;
}
