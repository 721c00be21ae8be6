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
import { identity, type EtcdServer } from "../member/etcd-server";
import { grpcOverheadBytes } from "../member/limits";
import { endOf } from "../mvcc/keys";
import { EventList } from "../mvcc/events";
import type { WatchMessage, WatchStream } from "../mvcc/watch";
import { authorize } from "./authorize";
import { BoundedQueue } from "../streams/bounded-queue";
import { toServerError } from "../member/errors";
import { forEachReady, type ReadyIterator } from "../streams/ready";
import type { ServerCall, ServiceHandlers } from "./routes";
import { TimedWatch } from "./timed-watch";

/** Messages that may wait for a slow client before its watchers become unsynced. etcd's number. */
const queueCapacity = 128;

export function watchHandlers(server: EtcdServer): ServiceHandlers<typeof WatchService> {
  return {
    watch: (requests, call) => new TimedWatch(new WatchCall(server, requests, call), server.metrics),
  };
}

/** The responses of one call. */
class WatchCall implements AsyncIterable<WatchResponse>, ReadyIterator<WatchResponse> {
  private readonly queue: BoundedQueue<WatchMessage>;
  private readonly stream: WatchStream;
  /** The rest of a message that has several responses. */
  private parts: Iterator<WatchResponse, undefined> | undefined;

  constructor(
    private readonly server: EtcdServer,
    requests: AsyncIterable<WatchRequest>,
    private readonly call: ServerCall,
  ) {
    const queue = new BoundedQueue<WatchMessage>(queueCapacity, () => stream.resume());
    const stream = server.store.newWatchStream({ send: (message) => queue.put(message) });
    this.queue = queue;
    this.stream = stream;
    call.signal.addEventListener("abort", () => queue.end());
    // As in etcd, events continue after the client has sent its last request.
    receive(server, stream, requests, call, queue).catch((error: unknown) => queue.fail(error));
  }

  takeNow(): WatchResponse | undefined {
    const part = this.parts?.next().value;
    if (part !== undefined) return part;
    this.parts = undefined;
    const message = this.queue.takeNow();
    return message === undefined ? undefined : this.responseTo(message);
  }

  async next(): Promise<IteratorResult<WatchResponse, undefined>> {
    if (this.call.signal.aborted) return this.return();
    const ready = this.takeNow();
    if (ready !== undefined) return { done: false, value: ready };
    try {
      const next = await this.queue.next();
      if (next.done === true || this.call.signal.aborted) return await this.return();
      return { done: false, value: this.responseTo(next.value) };
    } catch (error) {
      await this.return();
      throw error;
    }
  }

  return(): Promise<IteratorResult<WatchResponse, undefined>> {
    this.stream.close();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private responseTo(message: WatchMessage): WatchResponse {
    this.stream.taken(message);
    const response = responseOf(this.server, message);
    if (!message.fragment) return response;
    this.parts = fragmentsOf(response, this.server.limits.maxRequestBytes + grpcOverheadBytes);
    return this.takeNow() ?? response;
  }
}

async function receive(
  server: EtcdServer,
  stream: WatchStream,
  requests: AsyncIterable<WatchRequest>,
  call: ServerCall,
  queue: BoundedQueue<WatchMessage>,
): Promise<void> {
  await forEachReady(requests, ({ requestUnion }) => {
    if (requestUnion?.case === "createRequest") create(server, stream, requestUnion.value, call);
    else if (requestUnion?.case === "cancelRequest") stream.cancel(requestUnion.value.watchId);
    else if (requestUnion?.case === "progressRequest") stream.requestProgress();
    // Every request has a response. A client that reads none sends no more requests: its window closes.
    return queue.room();
  });
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

function responseOf(server: EtcdServer, message: WatchMessage): WatchResponse {
  return {
    header: { ...identity(server), revision: BigInt(message.revision) },
    watchId: message.watchId,
    created: message.created,
    canceled: message.canceled,
    compactRevision: BigInt(message.compactRevision),
    cancelReason: message.cancelReason,
    fragment: false,
    events: message.events as Event[],
  };
}

/** Splits the events so that each response stays below the limit. A larger event is sent alone. */
function* fragmentsOf(response: WatchResponse, limitBytes: number): Generator<WatchResponse, undefined> {
  const events: readonly Event[] | EventList = response.events;
  for (let from = 0; ;) {
    const to = fragmentEnd(events, from, limitBytes);
    const part = events instanceof EventList ? events.part(from, to) : events.slice(from, to);
    const fragment = to < events.length;
    yield { ...response, events: part as Iterable<Event> as Event[], fragment };
    if (!fragment) return undefined;
    from = to;
  }
}

function fragmentEnd(events: readonly Event[] | EventList, from: number, limitBytes: number): number {
  let sizeBytes = responseBytes;
  let to = from;
  for (; to < events.length; to++) {
    const eventBytes =
      events instanceof EventList ? events.sizeBytes(to) : encode(Event, events[to] as Event).length;
    sizeBytes += eventBytes + eventHeaderBytes;
    if (to > from && sizeBytes >= limitBytes) break;
  }
  return to;
}

// The most bytes that a response and each of its events need besides the events themselves.
const responseBytes = 100;
const eventHeaderBytes = 6;
