// bbolt's structures on disk, as offsets and sizes. All integers are little-endian on the machines that etcd supports.
// Reader, check and writer share these; answers to bbolt's internal/common (page.go, meta.go, bucket.go).
//
//   page header (16)          | branch element (16)        | leaf element (16)         | bucket (16)
//   0  u64 page id            | 0  u32 pos of the key,     | 0  u32 flags: 1 = bucket  | 0  u64 root page id;
//   8  u16 flags: 1 branch,   |        from this element   | 4  u32 pos of the key,    |        0: the page follows
//          2 leaf, 4 meta,    | 4  u32 size of the key     |        from this element  |        here (inline bucket)
//          16 freelist        | 8  u64 page id of the      | 8  u32 size of the key    | 8  u64 sequence
//   10 u16 count of elements  |        child; the key is   | 12 u32 size of the value, |
//   12 u32 overflow: how many |        its smallest        |        which follows the  |
//          pages more belong  |                            |        key; of a bucket:  |
//          to this one        |                            |        the column right   |
//
// A page is its header, its elements, then the keys and values. Pages 0 and 1 hold a meta each (meta.ts).
// Freelist page: header, then u64 page ids in rising order; where the count is 0xFFFF the first u64 is the true count.

export const PAGE_HEADER_SIZE = 16;
export const ELEMENT_SIZE = 16;
export const BUCKET_HEADER_SIZE = 16;

/** bbolt's MaxKeySize. */
export const MAX_KEY_SIZE = 32768;

/** Of pages from the root, buckets in buckets included. Real trees have less than ten levels. */
export const MAX_DEPTH = 64;

export const PageFlag = { branch: 1, leaf: 2, meta: 4, freelist: 16 } as const;

/** Of a leaf element: its value is a bucket. */
export const BUCKET_ELEMENT_FLAG = 1;

/** Of a freelist page: the count did not fit and is the first element. */
export const LONG_FREELIST_COUNT = 0xffff;

/** A u64 as a number; Infinity where a number cannot hold it, which no bound accepts. */
export function readU64(bytes: Buffer, offset: number): number {
  const high = bytes.readUInt32LE(offset + 4);
  return high < 0x200000 ? high * 0x100000000 + bytes.readUInt32LE(offset) : Infinity;
}

export function writeU64(bytes: Buffer, value: number, offset: number): void {
  bytes.writeUInt32LE(value % 0x100000000, offset);
  bytes.writeUInt32LE(Math.floor(value / 0x100000000), offset + 4);
}
