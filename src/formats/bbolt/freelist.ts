// The page ids on a bbolt file's freelist page (form in layout.ts). etcd keeps no such page; bbolt's own tools do.
import type { BlockFile } from "../block-file";
import { FormatError } from "../format-error";
import { LONG_FREELIST_COUNT, PAGE_HEADER_SIZE, PageFlag, readU64 } from "./layout";
import type { Meta } from "./meta";

const IDS_AT_ONCE = 1024;

export interface Freelist {
  readonly pageId: number;
  readonly overflow: number;
  ids(): Iterable<number>;
}

/** undefined: the file keeps none. Throws FormatError. */
export function readFreelist(file: BlockFile, meta: Meta): Freelist | undefined {
  const { freelistPage: pageId, pageSize, pageCount } = meta;
  if (pageId === undefined) return undefined;
  if (pageId < 2 || pageId >= pageCount)
    throw new FormatError(file.path, 48, `freelist page ${pageId} is no page`);
  const offset = pageId * pageSize;
  const fail = (problem: string) => new FormatError(file.path, offset, `freelist page ${pageId}: ${problem}`);
  const header = file.read(offset, PAGE_HEADER_SIZE);
  if (readU64(header, 0) !== pageId) throw fail(`calls itself page ${readU64(header, 0)}`);
  if (header.readUInt16LE(8) !== PageFlag.freelist) throw fail(`flags ${header.readUInt16LE(8)}`);
  const overflow = header.readUInt32LE(12);
  if (pageId + overflow >= pageCount) throw fail(`its ${overflow} overflow pages leave the file`);
  const shortCount = header.readUInt16LE(10);
  const isLong = shortCount === LONG_FREELIST_COUNT;
  const count = isLong ? readU64(file.read(offset + PAGE_HEADER_SIZE, 8), 0) : shortCount;
  const start = offset + PAGE_HEADER_SIZE + (isLong ? 8 : 0);
  if (start + count * 8 > offset + (overflow + 1) * pageSize)
    throw fail(`${count} page ids do not fit into it`);
  return {
    pageId,
    overflow,
    *ids() {
      for (let done = 0; done < count; done += IDS_AT_ONCE) {
        const bytes = file.read(start + done * 8, Math.min(IDS_AT_ONCE, count - done) * 8);
        for (let at = 0; at < bytes.length; at += 8) yield readU64(bytes, at);
      }
    },
  };
}
