// A member's write-ahead log on disk: names, sizes and record types, for the reader and the writer.
// Go: server/storage/wal (encoder.go, decoder.go, util.go)
//
//   member/wal/SEQ-INDEX.wal    both as 16 hex digits: the number of the segment and the first raft index in it
//
// A segment is created with its full size and filled with frames. A frame of length 0 ends it.
//
//   frame   0 … 7       length, little endian: bytes 0-6 the record's size; byte 7 is 0, or 0x80 | padding (1 to 7)
//           8 … n+7     walpb.Record: type, crc, data
//           n+8 …       zeros up to a multiple of 8, so that a length never crosses a sector boundary
//
//   record  crc of a record: CRC-32C over the data of all records up to it, those of earlier segments included
//   types   4 crc: the checksum of the segment before, first in each segment; 0 in the first segment
//           1 metadata: etcdserverpb.Metadata, second in each segment
//           2 entry: raftpb.Entry    3 state: raftpb.HardState    5 snapshot: walpb.Snapshot
export const RecordType = { metadata: 1, entry: 2, state: 3, crc: 4, snapshot: 5 } as const;

export const frameHeaderSize = 8;
export const segmentSizeBytes = 64_000_000;
/** The unit that a disk writes atomically. */
export const sectorSizeBytes = 512;

export interface SegmentName {
  readonly sequence: bigint;
  readonly firstIndex: bigint;
}

export function segmentName({ sequence, firstIndex }: SegmentName): string {
  return `${hex16(sequence)}-${hex16(firstIndex)}.wal`;
}

/** Undefined for another file of the folder, such as a segment that is being created (.tmp). */
export function parseSegmentName(name: string): SegmentName | undefined {
  const [, sequence, firstIndex] = /^([0-9a-f]{16})-([0-9a-f]{16})\.wal$/.exec(name) ?? [];
  if (sequence === undefined || firstIndex === undefined) return undefined;
  return { sequence: BigInt(`0x${sequence}`), firstIndex: BigInt(`0x${firstIndex}`) };
}

export function hex16(value: bigint): string {
  return value.toString(16).padStart(16, "0");
}

/** Number of padding bytes after a record of this size. */
export function paddingOf(sizeBytes: number): number {
  return (8 - (sizeBytes % 8)) % 8;
}

/** Where a log is until another one has its place. */
export const replacedLog = (walDir: string): string => `${walDir}.replaced`;
/** Where a log is until it is finished. */
export const unfinishedLog = (walDir: string): string => `${walDir}.tmp`;
