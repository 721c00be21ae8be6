// A watch whose large responses stay encoded, and come to the reader in parts. The first response of a watch from an old revision
// may have a hundred thousand events: as objects, all at once, they take several times its memory, and most of the time goes into
// keeping that garbage-collected.
import { WatchResponse, WatchService, type WatchRequest } from "../proto/gen/etcdserverpb";
import { Event } from "../proto/gen/mvccpb";
import type { MessageType, Method } from "../proto/message";
import { Reader } from "../proto/wire";
import type { Transport } from "../transport/transport";
import { unmarshal } from "../transport/unmarshal";
import type { EtcdClient } from "./client";

const partEvents = 1000;
/** Of a response with more events than a part has. Live events come in smaller ones, which must cost no more than without parts. */
const minPackedBytes = 8 * 1024;
const emptyBytes = Buffer.alloc(0);

interface PackedResponse {
  /** Without the events that `offsets` has. */
  readonly response: WatchResponse;
  readonly message: Buffer;
  /** Of the events that are still encoded. */
  readonly offsets: readonly number[];
}

/** Field number << 3 | wire type. */
const eventsTag = 0x5a;

/** The client only reads this type. */
const PackedResponse: MessageType<PackedResponse> = {
  ...(WatchResponse as unknown as MessageType<PackedResponse>),
  read(reader, end) {
    if (end - reader.pos < minPackedBytes)
      return { response: WatchResponse.read(reader, end), message: emptyBytes, offsets: [] };
    const message = reader.buf;
    const start = reader.pos;
    let headEnd = end;
    const offsets: number[] = [];
    while (reader.pos < end) {
      const at = reader.pos;
      const tag = reader.tag();
      if (tag === eventsTag) {
        if (offsets.length === 0) headEnd = at;
        offsets.push(reader.pos);
      } else if (offsets.length > 0) headEnd = end; // Fields follow the events: not as etcd writes it.
      reader.skip(tag);
    }
    reader.pos = start;
    if (offsets.length <= partEvents || headEnd === end)
      return { response: WatchResponse.read(reader, end), message, offsets: [] };
    const response = WatchResponse.read(reader, headEnd);
    reader.pos = end;
    return { response, message, offsets };
  },
};

const packedWatch: Method<WatchRequest, PackedResponse, "duplex"> = {
  ...WatchService.watch,
  response: PackedResponse,
};

/** The watch service for a Watch with `inParts`: all parts of a response but the last are fragments. */
export function watchInParts(transport: Transport): EtcdClient["watch"] {
  return {
    async *watch(requests, options = {}) {
      for await (const packed of transport.duplex(packedWatch, requests, options)) {
        if (packed.offsets.length === 0) yield packed.response;
        else yield* partsOf(packed);
      }
    },
  };
}

function* partsOf({ response, message, offsets }: PackedResponse): Generator<WatchResponse> {
  const reader = new Reader(message);
  for (let at = 0; at < offsets.length; at += partEvents) {
    const part = offsets.slice(at, at + partEvents);
    const events = unmarshal(() => part.map((offset) => eventAt(reader, offset)));
    const isLast = at + partEvents >= offsets.length;
    yield { ...response, events, fragment: !isLast || response.fragment };
  }
}

function eventAt(reader: Reader, offset: number): Event {
  reader.pos = offset;
  return reader.message(Event);
}
