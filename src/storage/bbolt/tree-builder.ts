// Packs sorted entries into the pages of a B+tree, from the leaves up: a page is complete when the next entry would
// fill it beyond the threshold; its first key and its number then go to the page above it. So pages come out in the
// order of their ids with one open page per level in memory, and the root comes last.
// Filled as bbolt's node.splitIndex fills: by fill percent, and never a branch with a single child, which bbolt cannot
// rebalance. Run once without rendering, the same code tells how many pages there will be.
import { elementSize, maxKeySize, pageHeaderSize } from "./layout";

export interface LeafEntry {
  readonly key: Uint8Array;
  readonly valueSizeBytes: number;
  /** Asked for once, when the page is written. */
  value(): Uint8Array;
  readonly isBucket?: boolean;
}

export interface BranchEntry {
  readonly key: Uint8Array;
  readonly childPage: number;
}

export type PageDraft = {
  readonly id: number;
  readonly pageCount: number;
} & (
  | { readonly kind: "leaf"; readonly entries: readonly LeafEntry[] }
  | { readonly kind: "branch"; readonly entries: readonly BranchEntry[] }
);

export interface Packing {
  readonly pageSize: number;
  /** Share of a page that is filled, as etcd sets it for keys that only grow: 0.9. */
  readonly fillPercent: number;
  /** Page ids are given in order. */
  allocate(pageCount: number): number;
}

/** Yields the pages of a tree; returns the root's id. Throws for keys that are out of order. */
export function* packTree(entries: Iterable<LeafEntry>, packing: Packing): Generator<PageDraft, number> {
  const leaf = new OpenPage<LeafEntry>(packing, 0);
  const branches: OpenPage<BranchEntry>[] = [];
  const leafDraft = (full: FullPage<LeafEntry>): PageDraft => ({ kind: "leaf", ...full });

  /** Tells the level above about a complete page, which may complete pages there. */
  function* link(draft: PageDraft, level: number): Generator<PageDraft> {
    const branch = (branches[level] ??= new OpenPage<BranchEntry>(packing, 1));
    const full = branch.add({ key: firstKey(draft), childPage: draft.id });
    if (full !== undefined) yield* complete({ kind: "branch", ...full }, level + 1);
  }
  function* complete(draft: PageDraft, level: number): Generator<PageDraft> {
    yield draft;
    yield* link(draft, level);
  }

  let last: Uint8Array | undefined;
  for (const entry of entries) {
    checkKey(entry.key, last);
    last = entry.key;
    const full = leaf.add(entry);
    if (full !== undefined) yield* complete(leafDraft(full), 0);
  }
  let top = leafDraft(leaf.close());
  for (let level = 0; level < branches.length; level++) {
    yield* complete(top, level);
    const branch = branches[level];
    if (branch !== undefined) top = { kind: "branch", ...branch.close() };
  }
  yield top;
  return top.id;
}

interface FullPage<E> {
  readonly id: number;
  readonly pageCount: number;
  readonly entries: readonly E[];
}

/** A page that still takes entries. */
class OpenPage<E extends { readonly key: Uint8Array; readonly valueSizeBytes?: number }> {
  private entries: E[] = [];
  private sizeBytes = pageHeaderSize;
  private readonly thresholdBytes: number;

  /** `keepBack` entries of a full page are moved to the next one, which thus never has fewer than that and one more. */
  constructor(
    private readonly packing: Packing,
    private readonly keepBack: number,
  ) {
    this.thresholdBytes = Math.floor(packing.pageSize * packing.fillPercent);
  }

  /** Returns the page that this entry completes, if it does. */
  add(entry: E): FullPage<E> | undefined {
    const sizeBytes = entrySizeBytes(entry);
    const isFull =
      this.entries.length >= minEntries + this.keepBack && this.sizeBytes + sizeBytes > this.thresholdBytes;
    const full = isFull ? this.close(this.keepBack) : undefined;
    this.entries.push(entry);
    this.sizeBytes += sizeBytes;
    return full;
  }

  close(keepBack = 0): FullPage<E> {
    const kept = this.entries.splice(this.entries.length - keepBack);
    const keptSizeBytes = kept.reduce((sum, entry) => sum + entrySizeBytes(entry), 0);
    const pageCount = Math.ceil((this.sizeBytes - keptSizeBytes) / this.packing.pageSize);
    const full = { id: this.packing.allocate(pageCount), pageCount, entries: this.entries };
    this.entries = kept;
    this.sizeBytes = pageHeaderSize + keptSizeBytes;
    return full;
  }
}

/** What an entry takes in a page; the child of a branch entry is part of its element. */
export function entrySizeBytes(entry: {
  readonly key: Uint8Array;
  readonly valueSizeBytes?: number;
}): number {
  return elementSize + entry.key.length + (entry.valueSizeBytes ?? 0);
}

/** bbolt's MinKeysPerPage. */
const minEntries = 2;

function firstKey(draft: PageDraft): Uint8Array {
  const first = draft.entries[0];
  if (first === undefined) throw new Error("bbolt: an empty page cannot have a parent");
  return first.key;
}

function checkKey(key: Uint8Array, last: Uint8Array | undefined): void {
  if (key.length === 0 || key.length > maxKeySize) throw new Error(`bbolt: a key of ${key.length} bytes`);
  if (last !== undefined && Buffer.compare(last, key) >= 0) throw new Error("bbolt: keys must rise");
}
