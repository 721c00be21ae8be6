// Packs sorted entries into the pages of a B+tree, from the leaves up. A page is complete when the next entry would
// exceed the fill percent; then the page above gets its first key and its id. So pages come in the order of their ids,
// the root comes last, and memory holds one open page for each level. Fills pages as node.splitIndex does, and never
// makes a branch with a single child, which bbolt cannot rebalance. Go: go.etcd.io/bbolt/node.go
import { elementSize, maxKeySize, pageHeaderSize } from "./layout";

export interface LeafEntry {
  readonly key: Uint8Array;
  readonly valueSizeBytes: number;
  /** Called once, when the page is written. The bytes need to be valid only until then. */
  value(): Uint8Array;
  readonly isBucket?: boolean;
  /** Learns where in the file the entry is, its key first. */
  written?(offset: number): void;
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
  /** Share of a page to fill. etcd sets 0.9 for keys that only grow. */
  readonly fillPercent: number;
  /** Returns the first id of the next `pageCount` pages. */
  allocate(pageCount: number): number;
}

/** Yields the pages of a tree and returns the id of the root. Throws for keys that are not in order. */
export function* packTree(entries: Iterable<LeafEntry>, packing: Packing): Generator<PageDraft, number> {
  const leaf = new OpenPage<LeafEntry>(packing, 0);
  const branches: OpenPage<BranchEntry>[] = [];
  const leafDraft = (full: FullPage<LeafEntry>): PageDraft => ({ kind: "leaf", ...full });

  /** Adds a complete page to the level above, which may complete a page there. */
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

/** A page that accepts more entries. */
class OpenPage<E extends { readonly key: Uint8Array; readonly valueSizeBytes?: number }> {
  private entries: E[] = [];
  private sizeBytes = pageHeaderSize;
  private readonly thresholdBytes: number;

  /** `keepBack` entries of a full page move to the next page, so that page has at least one entry more than `keepBack`. */
  constructor(
    private readonly packing: Packing,
    private readonly keepBack: number,
  ) {
    this.thresholdBytes = Math.floor(packing.pageSize * packing.fillPercent);
  }

  /** Returns the page that this entry completes, if any. */
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

/** Size of an entry in a page. The child of a branch entry is part of its element. */
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
