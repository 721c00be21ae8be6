// Reads the records of one segment of a write-ahead log and checks each against the checksum over all records up to it.
// No length in the file is trusted. Errors have their place in the file. Go: server/storage/wal/decoder.go
import { Record } from "../../proto/gen/walpb";
import { decode } from "../../proto/message";
import { WireError } from "../../proto/wire";
import type { BlockFile } from "../block-file";
import { crc32c } from "../crc32c";
import { FormatError } from "../errors";
import { frameHeaderSize, paddingOf, RecordType, sectorSizeBytes } from "./layout";

export interface WalRecord {
  readonly type: number;
  readonly data: Buffer;
  /** Offset of the frame in the segment's file. */
  readonly offset: number;
}

export interface SegmentEnd {
  /** The checksum at the start of the next segment. */
  readonly crc: number;
  /** Where a crash cut off the last write. Undefined for a complete segment. */
  readonly tornAt: number | undefined;
  /** Where the next record goes. */
  readonly offset: number;
}

const noData = Buffer.alloc(0);

/** Whether the caller is done with the bytes of the last record: their memory may be used again. Default: false. */
export type IsDone = boolean | undefined;

/** Only the last segment may end in a torn write. Throws FormatError. */
export function* readSegment(
  file: BlockFile,
  crcBefore: number,
  isLast: boolean,
): Generator<WalRecord, SegmentEnd, IsDone> {
  let crc = crcBefore;
  const window = new Window(file);
  const fail = (offset: number, problem: string) => new FormatError(file.path, offset, problem);
  for (let offset = 0; ;) {
    if (offset === file.sizeBytes) return { crc, tornAt: undefined, offset };
    if (offset + frameHeaderSize > file.sizeBytes) {
      if (isLast) return { crc, tornAt: offset, offset };
      throw fail(offset, "the length of a record is cut off");
    }
    const frame = decodeFrame(window.bytes(offset, frameHeaderSize));
    const { sizeBytes, padding } = frame;
    const start = offset + frameHeaderSize;
    // A crash cuts a write off. It does not write a wrong length.
    const refuseWrongLength = () => {
      const head = window.bytes(start, Math.min(recordHeadBytes, file.sizeBytes - start));
      const problem = lengthProblem(frame, offset, head);
      if (problem !== undefined) throw fail(offset, problem);
    };
    if (sizeBytes === 0) {
      refuseWrongLength();
      return { crc, tornAt: undefined, offset };
    }
    if (padding !== paddingOf(sizeBytes)) refuseWrongLength();
    if (start + sizeBytes + padding > file.sizeBytes) {
      refuseWrongLength();
      if (isLast) return { crc, tornAt: offset, offset };
      throw fail(
        offset,
        `a record of ${sizeBytes} bytes extends past the end of the file (${file.sizeBytes} bytes)`,
      );
    }
    const bytes = window.bytes(start, sizeBytes + padding);
    const torn = () => {
      if (!isLast || !isTorn(bytes, start)) return false;
      refuseWrongLength();
      return true;
    };
    const record = recordIn(bytes, sizeBytes) ?? decodeRecord(bytes.subarray(0, sizeBytes));
    if (typeof record === "string") {
      if (torn()) return { crc, tornAt: offset, offset };
      throw fail(offset, `the record is not a walpb.Record: ${record}`);
    }
    const { type, data, crc: storedCrc } = record;
    if (type === RecordType.crc) {
      // 0: the reader starts with this segment and has no earlier checksum.
      if (crc !== 0 && storedCrc !== crc) throw fail(offset, checksumText(storedCrc, crc));
      crc = storedCrc;
    } else {
      const computed = crc32c(crc, data);
      if (storedCrc !== computed) {
        if (torn()) return { crc, tornAt: offset, offset };
        throw fail(offset, checksumText(storedCrc, computed));
      }
      crc = computed;
    }
    const isDone = yield { type, data, offset };
    if (isDone !== true) window.keep();
    offset = start + sizeBytes + padding;
  }
}

interface Frame {
  readonly sizeBytes: number;
  readonly padding: number;
}

function decodeFrame(header: Buffer): Frame {
  const sizeBytes = header.readUIntLE(0, 6) + (header[6] as number) * 2 ** 48;
  const marked = header[7] as number;
  return { sizeBytes, padding: marked & 0x80 ? marked & 7 : 0 };
}

/** Type, checksum and length of the data. */
const recordHeadBytes = 24;

/**
 * Why a frame cannot be what a crash left. The record has its length, too, as that of its data. Bytes that are zero did not
 * reach the disk, and say nothing. etcd takes such a frame for the end of the log, and loses what comes after it.
 */
function lengthProblem({ sizeBytes, padding }: Frame, offset: number, head: Buffer): string | undefined {
  // One sector is written as a whole, so a frame without a length has no record after it there.
  const inSector = sectorSizeBytes - ((offset + frameHeaderSize) % sectorSizeBytes);
  const isFollowed = inSector !== sectorSizeBytes && head.subarray(0, inSector).some((byte) => byte !== 0);
  if (sizeBytes === 0) return isFollowed ? "the length of a record is 0" : undefined;
  const inRecord = sizeInRecord(head);
  if (inRecord === undefined) return undefined;
  if (inRecord !== sizeBytes) return `a record has the length ${sizeBytes}, and ${inRecord} by its data`;
  return padding === paddingOf(sizeBytes)
    ? undefined
    : `a record of ${sizeBytes} bytes has ${padding} after it`;
}

/** The size of a record by the length of its data; that of a checksum has none. Undefined for other ones, and for too few bytes. */
function sizeInRecord(head: Buffer): number | undefined {
  let pos = 3;
  if (head[0] !== Tag.type || head[2] !== Tag.crc) return undefined;
  while ((head[pos] ?? 0) > 127) pos++;
  if (head[1] === RecordType.crc) return pos + 1;
  if (head[++pos] !== Tag.data) return undefined;
  let dataBytes = 0;
  for (let scale = 1; ; scale *= 128) {
    const byte = head[++pos];
    // No length ends with a zero: the rest of it is missing.
    if (byte === undefined || byte === 0) return undefined;
    dataBytes += (byte & 127) * scale;
    if (byte < 128) return pos + 1 + dataBytes;
  }
}

/** Large parts of a file. The data of the records are views of them: what is kept needs a new buffer for the next part. */
class Window {
  private part: Buffer = noData;
  private isKept = false;
  private start = 0;
  private partBytes = firstPartBytes;

  constructor(private readonly file: BlockFile) {}

  /** The caller makes sure that the file has them. */
  bytes(offset: number, sizeBytes: number): Buffer {
    const at = offset - this.start;
    if (at + sizeBytes <= this.part.length) return this.part.subarray(at, at + sizeBytes);
    const left = this.file.sizeBytes - offset;
    const partBytes = Math.min(Math.max(this.partBytes, sizeBytes), left);
    if (this.isKept || partBytes > this.part.length) this.part = Buffer.allocUnsafeSlow(partBytes);
    else this.part = this.part.subarray(0, partBytes);
    this.isKept = false;
    this.file.readInto(this.part, offset);
    this.start = offset;
    // Most logs are short.
    this.partBytes = Math.min(this.partBytes * 2, largestPartBytes);
    return this.part.subarray(0, sizeBytes);
  }

  /** Views of this part stay valid. */
  keep(): void {
    this.isKept = true;
  }
}

const firstPartBytes = 64 * 1024;
const largestPartBytes = 1024 * 1024;

interface ReadRecord {
  readonly type: number;
  readonly crc: number;
  readonly data: Buffer;
}

/** Field number << 3 | wire type. */
const Tag = { type: 8, crc: 16, data: 26 } as const;

/** A record as etcd writes it: a small type, the checksum, the data. Undefined for any other. */
function recordIn(bytes: Buffer, end: number): ReadRecord | undefined {
  const type = bytes[1];
  if (bytes[0] !== Tag.type || bytes[2] !== Tag.crc || type === undefined || type > 127) return undefined;
  let pos = 3;
  let crc = 0;
  let byte = 128;
  for (let shift = 0; byte > 127; shift += 7) {
    if (shift > 28 || pos >= end) return undefined;
    byte = bytes[pos++] as number;
    crc += (byte & 127) * 2 ** shift;
  }
  if (crc > 0xffffffff || pos >= end || bytes[pos++] !== Tag.data) return undefined;
  let sizeBytes = 0;
  byte = 128;
  for (let shift = 0; byte > 127; shift += 7) {
    if (shift > 28 || pos >= end) return undefined;
    byte = bytes[pos++] as number;
    sizeBytes += (byte & 127) * 2 ** shift;
  }
  return pos + sizeBytes === end ? { type, crc, data: bytes.subarray(pos, end) } : undefined;
}

function decodeRecord(bytes: Buffer): ReadRecord | string {
  try {
    const { type = 0n, crc = 0, data } = decode(Record, bytes);
    const view = data === undefined ? noData : Buffer.from(data.buffer, data.byteOffset, data.length);
    return { type: Number(type), crc, data: view };
  } catch (error) {
    if (error instanceof WireError) return error.message;
    throw error;
  }
}

/** Disks write whole sectors. A sector of zeros in a damaged record means that the write did not reach it. */
function isTorn(bytes: Buffer, fileOffset: number): boolean {
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + sectorSizeBytes - ((fileOffset + at) % sectorSizeBytes));
    if (bytes.subarray(at, end).every((byte) => byte === 0)) return true;
    at = end;
  }
  return false;
}

function checksumText(storedCrc: number, computed: number): string {
  return `the record's checksum is ${hex8(storedCrc)}, its bytes and those before it give ${hex8(computed)}`;
}

function hex8(value: number): string {
  return value.toString(16).padStart(8, "0");
}
