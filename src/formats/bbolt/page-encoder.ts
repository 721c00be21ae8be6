// A page draft as bytes: the mirror of page-reader.ts. Answers to bbolt's common.WriteInodeToPage.
import { BUCKET_ELEMENT_FLAG, ELEMENT_SIZE, PAGE_HEADER_SIZE, PageFlag, writeU64 } from "./layout";
import type { LeafEntry, PageDraft } from "./tree-builder";

/** Writes into zeroed bytes at `start`. */
export function encodePage(into: Buffer, start: number, draft: PageDraft): void {
  const flag = draft.kind === "leaf" ? PageFlag.leaf : PageFlag.branch;
  encodeHeader(into, start, {
    id: draft.id,
    flag,
    count: draft.entries.length,
    overflow: draft.pageCount - 1,
  });
  if (draft.kind === "leaf") encodeLeaf(into, start, draft.entries);
  else {
    let data = dataStart(start, draft.entries.length);
    draft.entries.forEach(({ key, childPage }, index) => {
      const element = start + PAGE_HEADER_SIZE + index * ELEMENT_SIZE;
      into.writeUInt32LE(data - element, element);
      into.writeUInt32LE(key.length, element + 4);
      writeU64(into, childPage, element + 8);
      into.set(key, data);
      data += key.length;
    });
  }
}

/** An inline bucket's page: id 0, no overflow. */
export function encodeInlineLeaf(into: Buffer, start: number, entries: readonly LeafEntry[]): void {
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

function encodeLeaf(into: Buffer, start: number, entries: readonly LeafEntry[]): void {
  let data = dataStart(start, entries.length);
  entries.forEach((entry, index) => {
    const value = entry.value();
    if (value.length !== entry.valueSizeBytes) {
      throw new Error(`bbolt: a value of ${value.length} bytes was announced with ${entry.valueSizeBytes}`);
    }
    const element = start + PAGE_HEADER_SIZE + index * ELEMENT_SIZE;
    into.writeUInt32LE(entry.isBucket === true ? BUCKET_ELEMENT_FLAG : 0, element);
    into.writeUInt32LE(data - element, element + 4);
    into.writeUInt32LE(entry.key.length, element + 8);
    into.writeUInt32LE(value.length, element + 12);
    into.set(entry.key, data);
    into.set(value, data + entry.key.length);
    data += entry.key.length + value.length;
  });
}

function dataStart(start: number, count: number): number {
  return start + PAGE_HEADER_SIZE + count * ELEMENT_SIZE;
}
