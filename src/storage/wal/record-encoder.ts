// Encodes records of the write-ahead log, each with the checksum over all records up to it. segment-reader.ts decodes them.
// Go: server/storage/wal (encoder.go, wal.go Create)
import { Metadata } from "../../proto/gen/etcdserverpb";
import { Entry, HardState } from "../../proto/gen/raftpb";
import { Record, Snapshot } from "../../proto/gen/walpb";
import { encode } from "../../proto/message";
import { Writer } from "../../proto/wire";
import { crc32c } from "../crc32c";
import { frameHeaderSize, RecordType, paddingOf } from "./layout";

export interface NewLog {
  readonly metadata: Metadata;
  readonly entries: readonly Entry[];
  readonly state: HardState;
  /** The snapshot that the member starts from. Its index equals the commit of `state`. */
  readonly snapshot: Snapshot;
}

/** The first segment of a log that starts at a snapshot, without the zeros up to the size of a segment. */
export function newLog({ metadata, entries, state, snapshot }: NewLog): Buffer {
  const encoder = new RecordEncoder();
  return Buffer.concat([
    encoder.crcRecord(),
    encoder.record(RecordType.metadata, encode(Metadata, metadata)),
    encoder.record(RecordType.snapshot, encode(Snapshot, { index: 0n, term: 0n })),
    ...entries.map((entry) => encoder.record(RecordType.entry, encode(Entry, entry))),
    encoder.record(RecordType.state, encode(HardState, state)),
    encoder.record(RecordType.snapshot, encode(Snapshot, snapshot)),
  ]);
}

export class RecordEncoder {
  /** `crc` is the checksum at the end of the segment before. */
  constructor(private crc = 0) {}

  /** The first record of each segment. */
  crcRecord(): Buffer {
    const out = new Writer();
    this.frame(out, RecordType.crc, []);
    return out.finish();
  }

  record(type: number, data: Uint8Array): Buffer {
    const out = new Writer(data.length + overheadBytes);
    this.write(out, type, [data]);
    return out.finish();
  }

  /** Writes the record of data that is in pieces. */
  write(out: Writer, type: number, data: readonly Uint8Array[]): void {
    for (const piece of data) this.crc = crc32c(this.crc, piece);
    this.frame(out, type, data);
  }

  private frame(out: Writer, type: number, data: readonly Uint8Array[]): void {
    const head = new Writer(overheadBytes);
    Record.write(head, { type: BigInt(type), crc: this.crc });
    const dataBytes = data.reduce((sum, piece) => sum + piece.length, 0);
    if (dataBytes > 0) {
      head.varint(dataTag);
      head.varint(dataBytes);
    }
    const sizeBytes = head.sizeBytes + dataBytes;
    const padding = paddingOf(sizeBytes);
    frameHeader.writeUIntLE(sizeBytes, 0, 6);
    frameHeader[7] = padding > 0 ? 0x80 | padding : 0;
    out.raw(frameHeader);
    out.raw(head.finish());
    for (const piece of data) out.piece(piece);
    out.raw(zeros.subarray(0, padding));
  }
}

/** The most bytes of a record besides its data. */
export const overheadBytes = 48;
/** Record.data */
const dataTag = (3 << 3) | 2;
const frameHeader = Buffer.alloc(frameHeaderSize);
const zeros = Buffer.alloc(8);
