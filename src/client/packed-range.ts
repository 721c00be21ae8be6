// A range response that stays encoded. It decodes its keys in batches, so that one batch is garbage before the next one is
// made. A whole page of small keys as objects takes more memory than the rest of the program.
//
//   RangeResponse on the wire: header, then one field 2 per key, then more and count
//   a PackedRange keeps:       the bytes of the message, and the offset of each key's field
//
// The methods below are KV.Range and KV.RangeStream with these response types.
import {
  KVService,
  RangeResponse,
  RangeStreamResponse,
  ResponseHeader,
  type RangeRequest,
} from "../proto/gen/etcdserverpb";
import { KeyValue } from "../proto/gen/mvccpb";
import type { MessageType, Method } from "../proto/message";
import { Reader } from "../proto/wire";
import { unmarshal } from "../transport/unmarshal";

export interface PackedRange extends Omit<RangeResponse, "kvs"> {
  readonly kvs: PackedKeyValues;
}

/** With more, their objects outlive a collection of the young generation, which then grows. With fewer, the writes take longer. */
const batchKeys = 250;

export class PackedKeyValues {
  /** `sizeBytes`: size of all keys on the wire. */
  constructor(
    private readonly message: Buffer,
    private readonly offsets: readonly number[],
    readonly sizeBytes: number,
  ) {}

  get length(): number {
    return this.offsets.length;
  }

  get last(): KeyValue | undefined {
    return this.slice(this.length - 1, this.length)[0];
  }

  /** Yields at least one batch, which may be empty. */
  *batches(): Generator<KeyValue[]> {
    let at = 0;
    do {
      yield this.slice(at, at + batchKeys);
      at += batchKeys;
    } while (at < this.length);
  }

  private slice(from: number, to: number): KeyValue[] {
    const reader = new Reader(this.message);
    const part = this.offsets.slice(Math.max(0, from), to);
    return unmarshal(() =>
      part.map((offset) => {
        reader.pos = offset;
        return reader.message(KeyValue);
      }),
    );
  }
}

/** The client only reads this type. A server writes the unpacked RangeResponse. */
const PackedRange: MessageType<PackedRange> = {
  ...(RangeResponse as unknown as MessageType<PackedRange>),
  read(reader, end) {
    let header: ResponseHeader | undefined;
    let more = false;
    let count = 0n;
    let sizeBytes = 0;
    const offsets: number[] = [];
    while (reader.pos < end) {
      const tag = reader.tag();
      const start = reader.pos;
      if (tag === tags.kvs) offsets.push(start);
      if (tag === tags.header) header = reader.message(ResponseHeader);
      else if (tag === tags.more) more = reader.bool();
      else if (tag === tags.count) count = reader.int64();
      else reader.skip(tag);
      if (tag === tags.kvs) sizeBytes += reader.pos - start;
    }
    return { header, more, count, kvs: new PackedKeyValues(reader.buf, offsets, sizeBytes) };
  },
};

/** Field number << 3 | wire type. */
const tags = { header: 0x0a, kvs: 0x12, more: 0x18, count: 0x20 };

interface PackedChunk {
  readonly rangeResponse: PackedRange | undefined;
}

/** Field 1 of RangeStreamResponse, length-delimited. */
const rangeResponseTag = 0x0a;

const PackedChunk: MessageType<PackedChunk> = {
  ...(RangeStreamResponse as unknown as MessageType<PackedChunk>),
  read(reader, end) {
    let rangeResponse: PackedRange | undefined;
    while (reader.pos < end) {
      const tag = reader.tag();
      if (tag === rangeResponseTag) rangeResponse = reader.message(PackedRange);
      else reader.skip(tag);
    }
    return { rangeResponse };
  },
};

export const packedRange: Method<RangeRequest, PackedRange, "unary"> = {
  ...KVService.range,
  response: PackedRange,
};

export const packedRangeStream: Method<RangeRequest, PackedChunk, "serverStream"> = {
  ...KVService.rangeStream,
  response: PackedChunk,
};
