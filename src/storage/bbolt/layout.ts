// bbolt's structures on disk as offsets and sizes, for the reader, the check and the writer. Integers are little-endian
// on all machines that etcd supports. Go: go.etcd.io/bbolt/internal/common (page.go, meta.go, bucket.go)
//
//   page header (16)          | branch element (16)        | leaf element (16)         | bucket (16)
//   0  u64 page id            | 0  u32 pos of the key,     | 0  u32 flags: 1 = bucket  | 0  u64 root page id;
//   8  u16 flags: 1 branch,   |        from this element   | 4  u32 pos of the key,    |        0: the page follows
//          2 leaf, 4 meta,    | 4  u32 size of the key     |        from this element  |        here (inline bucket)
//          16 freelist        | 8  u64 page id of the      | 8  u32 size of the key    | 8  u64 sequence
//   10 u16 count of elements  |        child; the key is   | 12 u32 size of the value, |
//   12 u32 overflow: number   |        its smallest        |        which follows the  |
//          of further pages   |                            |        key; of a bucket:  |
//          of this one        |                            |        the column right   |
//
// A page is its header, its elements, then the keys and values. Pages 0 and 1 hold a meta each, see decodeMeta.
// Freelist page: header, then u64 page ids in rising order; if the count is 0xFFFF, the first u64 is the real count.
export const pageHeaderSize = 16;
export const elementSize = 16;
export const bucketHeaderSize = 16;

/** bbolt's MaxKeySize. */
export const maxKeySize = 32768;

/** Levels of pages from the root, nested buckets included. Real trees have less than ten. */
export const maxDepth = 64;

export const PageFlag = { branch: 1, leaf: 2, meta: 4, freelist: 16 } as const;

/** Flag of a leaf element whose value is a bucket. */
export const bucketElementFlag = 1;

/** Count of a freelist page whose real count does not fit: that is then the first element. */
export const longFreelistCount = 0xffff;

/** A u64 as a number. Values beyond 2^53 become Infinity, which every bounds check refuses. */
export function readU64(bytes: Buffer, offset: number): number {
  const high = bytes.readUInt32LE(offset + 4);
  return high < 0x200000 ? high * 0x100000000 + bytes.readUInt32LE(offset) : Infinity;
}

export function writeU64(bytes: Buffer, value: number, offset: number): void {
  bytes.writeUInt32LE(value % 0x100000000, offset);
  bytes.writeUInt32LE(Math.floor(value / 0x100000000), offset + 4);
}

// A meta says where the tree starts. bbolt writes it to pages 0 and 1 in turn; the complete one with the higher
// transaction id is valid, and the checksum reveals a torn write.
//
//   offset in the page   0  page header, flags 4
//   16 u32 magic ED0CDAED        | 32 u64 root bucket: page id   | 56 u64 page count (high water mark)
//   20 u32 version 2             | 40 u64 root bucket: sequence  | 64 u64 transaction id
//   24 u32 page size             | 48 u64 freelist page id;      | 72 u64 FNV-64a of bytes 16 to 72
//   28 u32 flags, unused         |     all ones: none is kept    |

export const metaEnd = pageHeaderSize + 64;
const bboltMagic = 0xed0cdaed;
const bigEndianMagic = 0xedda0ced;
const bboltVersion = 2;

export interface Meta {
  readonly pageSize: number;
  readonly rootPage: number;
  /** Undefined: the file stores no freelist, and unreferenced pages are free. etcd writes its files this way. */
  readonly freelistPage: number | undefined;
  readonly pageCount: number;
  readonly txid: number;
}

/** Returns the meta or a text with the problem. `page` must have at least metaEnd bytes. */
export function decodeMeta(page: Buffer): Meta | string {
  const magic = page.readUInt32LE(16);
  if (magic === bigEndianMagic) return "written on a big-endian machine, which is not supported";
  if (magic !== bboltMagic) return `magic number ${hex(magic)} instead of ${hex(bboltMagic)}`;
  const version = page.readUInt32LE(20);
  if (version !== bboltVersion) return `format version ${version} instead of ${bboltVersion}`;
  const checksum = fnv64a(page.subarray(pageHeaderSize, 72));
  if (checksum !== page.readBigUInt64LE(72)) return "checksum does not match";
  const pageSize = page.readUInt32LE(24);
  if (pageSize < 1024 || pageSize > 2 ** 24 || (pageSize & (pageSize - 1)) !== 0)
    return `page size ${pageSize}`;
  const hasNoFreelist = page.readBigUInt64LE(48) === 0xffffffffffffffffn;
  return {
    pageSize,
    rootPage: readU64(page, 32),
    freelistPage: hasNoFreelist ? undefined : readU64(page, 48),
    pageCount: readU64(page, 56),
    txid: readU64(page, 64),
  };
}

/** A meta page without the zeros at its end. */
export function encodeMeta(pageId: number, meta: Meta): Buffer {
  const page = Buffer.alloc(metaEnd);
  writeU64(page, pageId, 0);
  page.writeUInt16LE(PageFlag.meta, 8);
  page.writeUInt32LE(bboltMagic, 16);
  page.writeUInt32LE(bboltVersion, 20);
  page.writeUInt32LE(meta.pageSize, 24);
  writeU64(page, meta.rootPage, 32);
  if (meta.freelistPage === undefined) page.fill(0xff, 48, 56);
  else writeU64(page, meta.freelistPage, 48);
  writeU64(page, meta.pageCount, 56);
  writeU64(page, meta.txid, 64);
  page.writeBigUInt64LE(fnv64a(page.subarray(pageHeaderSize, 72)), 72);
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
