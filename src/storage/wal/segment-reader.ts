// The records of one segment of a write-ahead log, in order and one at a time, each checked against the checksum over
// all before it. No length in the file is trusted. Answers to etcd's wal/decoder.go, with the place of every failure.
import { Record } from "../../proto/gen/walpb";
import { decode } from "../../proto/message";
import { WireError } from "../../proto/wire";
import type { BlockFile } from "../block-file";
import { crc32c } from "../crc32c";
import { FormatError } from "../errors";
import { frameHeaderSize, RecordType, sectorSizeBytes } from "./layout";

export interface WalRecord {
  readonly type: number;
  readonly data: Buffer;
  /** Of the frame, in the segment's file. */
  readonly offset: number;
}

export interface SegmentEnd {
  /** The checksum that the next segment begins with. */
  readonly crc: number;
  /** Where the last write was cut off by a crash; undefined where the segment ends as it should. */
  readonly tornAt: number | undefined;
}

const noData = Buffer.alloc(0);

/** `isLast`: only there may the last write be torn. Throws FormatError. */
export function* readSegment(
  file: BlockFile,
  crcBefore: number,
  isLast: boolean,
): Generator<WalRecord, SegmentEnd> {
  let crc = crcBefore;
  const fail = (offset: number, problem: string) => new FormatError(file.path, offset, problem);
  for (let offset = 0; ;) {
    if (offset === file.sizeBytes) return { crc, tornAt: undefined };
    if (offset + frameHeaderSize > file.sizeBytes) {
      if (isLast) return { crc, tornAt: offset };
      throw fail(offset, "the length of a record is cut off");
    }
    const { sizeBytes, padding } = decodeFrame(file.read(offset, frameHeaderSize));
    if (sizeBytes === 0) return { crc, tornAt: undefined };
    const start = offset + frameHeaderSize;
    if (start + sizeBytes + padding > file.sizeBytes) {
      if (isLast) return { crc, tornAt: offset };
      throw fail(
        offset,
        `a record of ${sizeBytes} bytes does not fit into the ${file.sizeBytes} of the file`,
      );
    }
    const bytes = file.read(start, sizeBytes + padding);
    const torn = () => isLast && isTorn(bytes, start);
    const record = decodeRecord(bytes.subarray(0, sizeBytes));
    if (typeof record === "string") {
      if (torn()) return { crc, tornAt: offset };
      throw fail(offset, `the record is no walpb.Record: ${record}`);
    }
    const type = Number(record.type ?? 0n);
    const data =
      record.data === undefined
        ? noData
        : Buffer.from(record.data.buffer, record.data.byteOffset, record.data.length);
    const claimed = record.crc ?? 0;
    if (type === RecordType.crc) {
      // A reader that starts with this segment knows nothing of those before it.
      if (crc !== 0 && claimed !== crc) throw fail(offset, checksumText(claimed, crc));
      crc = claimed;
    } else {
      const computed = crc32c(crc, data);
      if (claimed !== computed) {
        if (torn()) return { crc, tornAt: offset };
        throw fail(offset, checksumText(claimed, computed));
      }
      crc = computed;
    }
    yield { type, data, offset };
    offset = start + sizeBytes + padding;
  }
}

function decodeFrame(header: Buffer): { sizeBytes: number; padding: number } {
  const sizeBytes = header.readUIntLE(0, 6) + (header[6] as number) * 2 ** 48;
  const marked = header[7] as number;
  return { sizeBytes, padding: marked & 0x80 ? marked & 7 : 0 };
}

function decodeRecord(bytes: Buffer): Record | string {
  try {
    return decode(Record, bytes);
  } catch (error) {
    if (error instanceof WireError) return error.message;
    throw error;
  }
}

/** A disk writes sectors whole: where one of a damaged record is all zeros, the write never reached it. */
function isTorn(bytes: Buffer, fileOffset: number): boolean {
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + sectorSizeBytes - ((fileOffset + at) % sectorSizeBytes));
    if (bytes.subarray(at, end).every((byte) => byte === 0)) return true;
    at = end;
  }
  return false;
}

function checksumText(claimed: number, computed: number): string {
  return `the record's checksum is ${hex8(claimed)}, its bytes and those before it give ${hex8(computed)}`;
}

function hex8(value: number): string {
  return value.toString(16).padStart(8, "0");
}
