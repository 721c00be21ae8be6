// Encodes records of the write-ahead log, each with the checksum over all records up to it. segment-reader.ts decodes them.
// Go: server/storage/wal (encoder.go, wal.go Create)
import { Metadata } from "../../proto/gen/etcdserverpb";
import { Entry, HardState } from "../../proto/gen/raftpb";
import { Record, Snapshot } from "../../proto/gen/walpb";
import { encode } from "../../proto/message";
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
    return frame({ type: BigInt(RecordType.crc), crc: this.crc });
  }

  record(type: number, data: Uint8Array): Buffer {
    this.crc = crc32c(this.crc, data);
    return frame({ type: BigInt(type), crc: this.crc, data });
  }
}

function frame(record: Record): Buffer {
  const bytes = encode(Record, record);
  const padding = paddingOf(bytes.length);
  const framed = Buffer.alloc(frameHeaderSize + bytes.length + padding);
  framed.writeUIntLE(bytes.length, 0, 6);
  if (padding > 0) framed[7] = 0x80 | padding;
  framed.set(bytes, frameHeaderSize);
  return framed;
}
