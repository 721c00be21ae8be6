// The Watch service: requests to a WatchStream of the engine, its messages to responses. The engine keeps the order of
// all messages of a stream. Answers to etcd's v3rpc/watch.go.
import { firstKey, isOpenRangeEnd } from "../../etcd/keys";
import { EtcdError } from "../../errors";
import {
  WatchCreateRequest_FilterType as FilterType,
  type WatchCreateRequest,
  type WatchRequest,
  type WatchResponse,
  type WatchService,
} from "../../proto/gen/etcdserverpb";
import { Event } from "../../proto/gen/mvccpb";
import { encode } from "../../proto/message";
import { mayRead } from "../auth/checks";
import { grpcOverheadBytes, identity, type EtcdServer } from "../etcd-server";
import type { WatchMessage, WatchStream } from "../mvcc/watch";
import { authorize } from "./authorize";
import { BoundedQueue } from "./bounded-queue";
import type { ServerCall, ServiceHandlers } from "./routes";

/** Messages that may wait for a slow client before its watchers fall behind into history; etcd's number. */
const outboxMessages = 128;

export function watchHandlers(member: EtcdServer): ServiceHandlers<typeof WatchService> {
  return { watch: (requests, call) => watch(member, requests, call) };
}

async function* watch(
  member: EtcdServer,
  requests: AsyncIterable<WatchRequest>,
  call: ServerCall,
): AsyncGenerator<WatchResponse> {
  const outbox = new BoundedQueue<WatchMessage>(outboxMessages, () => stream.resume());
  const stream = member.engine.store.newWatchStream({ send: (message) => outbox.put(message) });
  call.signal.addEventListener("abort", () => outbox.end());
  // A client that has asked all it wants still gets its events, as with etcd.
  receive(member, stream, requests, call).catch((error: unknown) => outbox.fail(error));
  try {
    for await (const message of outbox) {
      if (call.signal.aborted) return;
      yield* responsesOf(member, message);
    }
  } finally {
    stream.close();
  }
}

async function receive(
  member: EtcdServer,
  stream: WatchStream,
  requests: AsyncIterable<WatchRequest>,
  call: ServerCall,
): Promise<void> {
  for await (const { requestUnion } of requests) {
    if (requestUnion?.case === "createRequest") create(member, stream, requestUnion.value, call);
    else if (requestUnion?.case === "cancelRequest") stream.cancel(requestUnion.value.watchId);
    else if (requestUnion?.case === "progressRequest") stream.requestProgress();
  }
}

function create(
  member: EtcdServer,
  stream: WatchStream,
  request: WatchCreateRequest,
  call: ServerCall,
): void {
  const { rangeEnd, filters } = request;
  const key = request.key.length === 0 ? firstKey : request.key;
  // A start before all history is refused before anybody asks who wants it.
  const forbidden = request.startRevision < 0n ? undefined : refusal(member, call, { key, rangeEnd });
  if (forbidden !== undefined) return stream.refuse(forbidden);
  stream.watch({
    id: request.watchId,
    key,
    end: rangeEnd.length === 0 ? undefined : isOpenRangeEnd(rangeEnd) ? noEnd : rangeEnd,
    startRevision: Number(request.startRevision),
    noPut: filters.includes(FilterType.NOPUT),
    noDelete: filters.includes(FilterType.NODELETE),
    prevKv: request.prevKv,
    progressNotify: request.progressNotify,
    fragment: request.fragment,
  });
}

/** Why the caller may not watch these keys, as the status that any other call would get. */
function refusal(
  member: EtcdServer,
  call: ServerCall,
  keys: { readonly key: Uint8Array; readonly rangeEnd: Uint8Array },
): string | undefined {
  try {
    authorize(member, call, (access) => mayRead(access, keys));
    return undefined;
  } catch (error) {
    if (!(error instanceof EtcdError)) throw error;
    return new EtcdError(error.code, error.desc, false).message;
  }
}

const noEnd = Buffer.alloc(0);

function* responsesOf(member: EtcdServer, message: WatchMessage): Generator<WatchResponse> {
  const response: WatchResponse = {
    header: { ...identity(member), revision: BigInt(message.revision) },
    watchId: message.watchId,
    created: message.created,
    canceled: message.canceled,
    compactRevision: BigInt(message.compactRevision),
    cancelReason: message.cancelReason,
    fragment: false,
    events: message.events as Event[],
  };
  if (!message.fragment) return yield response;
  const parts = fragmentsOf(message.events, member.limits.maxRequestBytes + grpcOverheadBytes);
  for (const [index, events] of parts.entries()) {
    yield { ...response, events, fragment: index < parts.length - 1 };
  }
}

/** Cuts the events so that each response stays below the limit, if it can. */
function fragmentsOf(events: readonly Event[], limitBytes: number): Event[][] {
  const parts: Event[][] = [[]];
  let sizeBytes = responseBytes;
  for (const event of events) {
    const eventBytes = encode(Event, event).length + eventHeaderBytes;
    const part = parts.at(-1);
    if (part !== undefined && (part.length === 0 || sizeBytes + eventBytes < limitBytes)) {
      part.push(event);
      sizeBytes += eventBytes;
    } else {
      parts.push([event]);
      sizeBytes = responseBytes + eventBytes;
    }
  }
  return parts;
}

// What a response and each of its events take at most besides the events' own bytes.
const responseBytes = 100;
const eventHeaderBytes = 6;
