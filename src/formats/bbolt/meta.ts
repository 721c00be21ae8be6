// The meta of a bbolt file: where the tree starts, and which of the two copies is the newer complete one.
// Written by turns into pages 0 and 1; a torn write is known by its checksum. Answers to bbolt's internal/common/meta.go.
//
//   offset in the page   0  page header, flags 4
//   16 u32 magic ED0CDAED        | 32 u64 root bucket: page id   | 56 u64 page count (high water mark)
//   20 u32 version 2             | 40 u64 root bucket: sequence  | 64 u64 transaction id
//   24 u32 page size             | 48 u64 freelist page id;      | 72 u64 FNV-64a of bytes 16 to 72
//   28 u32 flags, unused         |     all ones: none is kept    |
import { PAGE_HEADER_SIZE, PageFlag, readU64, writeU64 } from "./layout";

export const META_END = PAGE_HEADER_SIZE + 64;
const MAGIC = 0xed0cdaed;
const MAGIC_OF_BIG_ENDIAN = 0xedda0ced;
const VERSION = 2;

export interface Meta {
  readonly pageSize: number;
  readonly rootPage: number;
  /** undefined: the free pages are those that nothing refers to; etcd writes its files so. */
  readonly freelistPage: number | undefined;
  readonly pageCount: number;
  readonly txid: number;
}

/** The meta in `page`, of which at least META_END bytes are there, or what is wrong with it. */
export function decodeMeta(page: Buffer): Meta | string {
  const magic = page.readUInt32LE(16);
  if (magic === MAGIC_OF_BIG_ENDIAN) return "written on a big-endian machine, which is not supported";
  if (magic !== MAGIC) return `magic number ${hex(magic)} instead of ${hex(MAGIC)}`;
  const version = page.readUInt32LE(20);
  if (version !== VERSION) return `format version ${version} instead of ${VERSION}`;
  const checksum = fnv64a(page.subarray(PAGE_HEADER_SIZE, 72));
  if (checksum !== page.readBigUInt64LE(72)) return "checksum does not match";
  const pageSize = page.readUInt32LE(24);
  if (pageSize < 1024 || pageSize > 2 ** 24 || (pageSize & (pageSize - 1)) !== 0)
    return `page size ${pageSize}`;
  const withoutFreelist = page.readBigUInt64LE(48) === 0xffffffffffffffffn;
  return {
    pageSize,
    rootPage: readU64(page, 32),
    freelistPage: withoutFreelist ? undefined : readU64(page, 48),
    pageCount: readU64(page, 56),
    txid: readU64(page, 64),
  };
}

/** A meta page but for the zeros up to its end. */
export function encodeMeta(pageId: number, meta: Meta): Buffer {
  const page = Buffer.alloc(META_END);
  writeU64(page, pageId, 0);
  page.writeUInt16LE(PageFlag.meta, 8);
  page.writeUInt32LE(MAGIC, 16);
  page.writeUInt32LE(VERSION, 20);
  page.writeUInt32LE(meta.pageSize, 24);
  writeU64(page, meta.rootPage, 32);
  if (meta.freelistPage === undefined) page.fill(0xff, 48, 56);
  else writeU64(page, meta.freelistPage, 48);
  writeU64(page, meta.pageCount, 56);
  writeU64(page, meta.txid, 64);
  page.writeBigUInt64LE(fnv64a(page.subarray(PAGE_HEADER_SIZE, 72)), 72);
  return page;
}

/** http://www.isthe.com/chongo/tech/comp/fnv; fast enough for the 56 bytes of a meta. */
export function fnv64a(bytes: Uint8Array): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
  return hash;
}

function hex(value: number): string {
  return value.toString(16).toUpperCase().padStart(8, "0");
}
