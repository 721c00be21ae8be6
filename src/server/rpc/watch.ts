// The Watch service: passes requests to a WatchStream of the engine, and its messages to the client. The engine keeps the
// messages of a stream in order. Go: server/etcdserver/api/v3rpc/watch.go
import { EtcdError } from "../../errors";
import { firstKey } from "../../etcd/keys";
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
import { endOf } from "../mvcc/keys";
import type { WatchMessage, WatchStream } from "../mvcc/watch";
import { authorize } from "./authorize";
import { BoundedQueue } from "./bounded-queue";
import { toServerError } from "./errors";
import type { ServerCall, ServiceHandlers } from "./routes";

/** Messages that may wait for a slow client before its watchers become unsynced. etcd's number. */
const queueCapacity = 128;

export function watchHandlers(server: EtcdServer): ServiceHandlers<typeof WatchService> {
  return { watch: (requests, call) => watch(server, requests, call) };
}

async function* watch(
  server: EtcdServer,
  requests: AsyncIterable<WatchRequest>,
  call: ServerCall,
): AsyncGenerator<WatchResponse> {
  const queue = new BoundedQueue<WatchMessage>(queueCapacity, () => stream.resume());
  const stream = server.store.newWatchStream({ send: (message) => queue.put(message) });
  call.signal.addEventListener("abort", () => queue.end());
  // As in etcd, events continue after the client has sent its last request.
  receive(server, stream, requests, call, queue).catch((error: unknown) => queue.fail(error));
  try {
    for await (const message of queue) {
      if (call.signal.aborted) return;
      stream.taken(message);
      yield* responsesOf(server, message);
    }
  } finally {
    stream.close();
  }
}

async function receive(
  server: EtcdServer,
  stream: WatchStream,
  requests: AsyncIterable<WatchRequest>,
  call: ServerCall,
  queue: BoundedQueue<WatchMessage>,
): Promise<void> {
  for await (const { requestUnion } of requests) {
    // Every request has a response. A client that reads none sends no more requests: its window closes.
    await queue.room();
    if (requestUnion?.case === "createRequest") create(server, stream, requestUnion.value, call);
    else if (requestUnion?.case === "cancelRequest") stream.cancel(requestUnion.value.watchId);
    else if (requestUnion?.case === "progressRequest") stream.requestProgress();
  }
}

function create(
  server: EtcdServer,
  stream: WatchStream,
  request: WatchCreateRequest,
  call: ServerCall,
): void {
  const { rangeEnd, filters } = request;
  const key = request.key.length === 0 ? firstKey : request.key;
  // The stream refuses a negative start revision, before any check of permissions.
  const forbidden = request.startRevision < 0n ? undefined : permissionError(server, call, { key, rangeEnd });
  if (forbidden !== undefined) return stream.refuse(forbidden);
  stream.watch({
    id: request.watchId,
    key,
    end: endOf(rangeEnd),
    startRevision: Number(request.startRevision),
    noPut: filters.includes(FilterType.NOPUT),
    noDelete: filters.includes(FilterType.NODELETE),
    prevKv: request.prevKv,
    progressNotify: request.progressNotify,
    fragment: request.fragment,
  });
}

/** The reason why the caller may not watch these keys: the text of the status that another call would receive. */
function permissionError(
  server: EtcdServer,
  call: ServerCall,
  keys: { readonly key: Uint8Array; readonly rangeEnd: Uint8Array },
): string | undefined {
  try {
    authorize(server, call, mayRead, keys);
    return undefined;
  } catch (cause) {
    const error = toServerError(cause);
    if (!(error instanceof EtcdError)) throw error;
    return new EtcdError(error.code, error.desc, false).message;
  }
}

function* responsesOf(server: EtcdServer, message: WatchMessage): Generator<WatchResponse> {
  const response: WatchResponse = {
    header: { ...identity(server), revision: BigInt(message.revision) },
    watchId: message.watchId,
    created: message.created,
    canceled: message.canceled,
    compactRevision: BigInt(message.compactRevision),
    cancelReason: message.cancelReason,
    fragment: false,
    events: message.events as Event[],
  };
  if (!message.fragment) return yield response;
  const parts = fragmentsOf(message.events, server.limits.maxRequestBytes + grpcOverheadBytes);
  for (const [index, events] of parts.entries()) {
    yield { ...response, events, fragment: index < parts.length - 1 };
  }
}

/** Splits the events so that each response stays below the limit. A larger event is sent alone. */
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

// The most bytes that a response and each of its events need besides the events themselves.
const responseBytes = 100;
const eventHeaderBytes = 6;
