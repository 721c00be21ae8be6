// A watch that lasts: it goes on at the next revision after a broken stream, on whichever member is there, so that its
// reader gets every event once and in order. A stream of its own for each watch: a slow reader holds up only itself, and
// no more than a few messages wait for it. Never asks for fragments, which make a server's work quadratic.
// Answers to clientv3's watch.go, which is less patient: there, one answer "no leader" is the end.
import type { Clock } from "../clock";
import { sleep } from "../clock";
import { EtcdError, StatusCode } from "../errors";
import { isServerError, serverError } from "../etcd/error-table";
import {
  ResponseHeader,
  WatchCreateRequest,
  WatchResponse,
  type WatchRequest,
} from "../proto/gen/etcdserverpb";
import type { Event } from "../proto/gen/mvccpb";
import type { CallOptions } from "../transport/transport";
import type { EtcdClient } from "./client";
import { isTransient } from "./retry";

export interface WatchOptions {
  readonly streamOptions: CallOptions;
  readonly clock: Clock;
  /** The server has taken the watch, for the first time or again. */
  readonly onCreated?: () => void;
  /** The stream broke; the watch goes on from this revision (0: it has not begun). */
  readonly onStreamBroken?: (error: EtcdError, revision: bigint) => void;
}

/** The server will not go on. `response` is what Go's client tells its reader then: nothing, if the watch was only ended. */
export class WatchCanceled extends EtcdError {
  override name = "WatchCanceled";
  constructor(
    error: EtcdError,
    readonly response?: WatchResponse,
  ) {
    super(error.code, error.known ? error.desc : error.message, true, { cause: error });
  }

  /** The first revision still there, if the wanted one is not. */
  get compactRevision(): bigint {
    return this.response?.compactRevision ?? 0n;
  }
}

/** An election takes about a second; a cluster without a leader for so long has lost its quorum. */
const leaderlessMs = 5000;
const pausesMs = { first: 25, longest: 1000 };
/** The id in an answer to a progress request: it is for every watch of the stream. */
const everyWatch = -1n;

export class Watch implements AsyncIterable<WatchResponse> {
  private readonly request: WatchCreateRequest;
  /** Where to go on: behind all that the reader has got. 0 until a watch on the present has begun. */
  private nextRevision: bigint;
  private fragments: Event[] = [];
  private pauseMs = pausesMs.first;
  private leaderlessSinceMs: number | undefined;
  private progressRequests = 0;
  private wakeSender: () => void = () => undefined;

  constructor(
    private readonly service: EtcdClient["watch"],
    request: Partial<WatchCreateRequest>,
    private readonly options: WatchOptions,
  ) {
    this.request = WatchCreateRequest.create(request);
    this.nextRevision = this.request.startRevision;
  }

  /** Asks how far the server is; the answer comes among the responses, one without events. */
  requestProgress(): void {
    this.progressRequests++;
    this.wakeSender();
  }

  /** Responses with events, and progress notifications. Throws WatchCanceled when the server ends the watch. */
  async *[Symbol.asyncIterator](): AsyncGenerator<WatchResponse, void, undefined> {
    const { streamOptions: stream, clock, onStreamBroken: onBreak } = this.options;
    for (;;) {
      const broken = new AbortController();
      this.fragments = [];
      try {
        const requests = this.requests(broken.signal);
        for await (const response of this.service.watch(requests, { ...stream, requireLeader: true })) {
          const whole = this.take(response);
          if (whole) yield whole;
        }
        onBreak?.(endedByServer, this.nextRevision);
      } catch (error) {
        if (!(error instanceof EtcdError) || stream.signal?.aborted) throw error;
        if (error instanceof WatchCanceled) throw error;
        if (!this.mayResume(error)) throw new WatchCanceled(error, canceledResponse());
        onBreak?.(error, this.nextRevision);
      } finally {
        broken.abort();
        this.wakeSender();
      }
      await sleep(clock, this.pauseMs, stream.signal);
      this.pauseMs = Math.min(this.pauseMs * 2, pausesMs.longest);
    }
  }

  private async *requests(broken: AbortSignal): AsyncGenerator<WatchRequest> {
    const value = { ...this.request, startRevision: this.nextRevision };
    yield { requestUnion: { case: "createRequest", value } };
    while (!broken.aborted) {
      if (this.progressRequests > 0) {
        this.progressRequests--;
        yield { requestUnion: { case: "progressRequest", value: {} } };
      } else {
        await new Promise<void>((resolve) => (this.wakeSender = resolve));
      }
    }
  }

  /** What of a response is new to the reader. */
  private take(response: WatchResponse): WatchResponse | undefined {
    if (response.created && !response.canceled) return this.begin(response);
    if (response.canceled) throw canceled(response);
    if (response.fragment || this.fragments.length > 0) {
      this.fragments.push(...response.events);
      if (response.fragment) return undefined;
      response = { ...response, events: this.fragments };
      this.fragments = [];
    }
    return response.events.length > 0 ? this.takeEvents(response) : this.takeProgress(response);
  }

  private begin({ header }: WatchResponse): undefined {
    // The server begins behind the revision that it tells.
    if (this.nextRevision === 0n) this.nextRevision = (header?.revision ?? 0n) + 1n;
    this.pauseMs = pausesMs.first;
    this.leaderlessSinceMs = undefined;
    this.options.onCreated?.();
  }

  private takeEvents(response: WatchResponse): WatchResponse | undefined {
    const next = this.nextRevision;
    let { events } = response;
    // Servers before 3.5.8 were known to repeat events.
    if (revisionOf(events[0]) < next) events = events.filter((event) => revisionOf(event) >= next);
    if (events.length === 0) return undefined;
    this.nextRevision = revisionOf(events.at(-1)) + 1n;
    return events === response.events ? response : { ...response, events };
  }

  private takeProgress(response: WatchResponse): WatchResponse {
    const revision = response.header?.revision ?? 0n;
    // Servers before 3.5.8 could answer a request ahead of events on their way, so that answer moves nothing.
    if (response.watchId !== everyWatch && revision >= this.nextRevision) this.nextRevision = revision + 1n;
    return response;
  }

  private mayResume(error: EtcdError): boolean {
    if (!isServerError(error, "noLeader")) return isTransient(error);
    this.leaderlessSinceMs ??= this.options.clock.now();
    return this.options.clock.now() - this.leaderlessSinceMs < leaderlessMs;
  }
}

const endedByServer = new EtcdError(StatusCode.Unavailable, "the server ended the stream", true);

function revisionOf(event: Event | undefined): bigint {
  return event?.kv?.modRevision ?? 0n;
}

/** What Go's client makes of a stream that failed for good. */
function canceledResponse(): WatchResponse {
  return WatchResponse.create({ header: ResponseHeader.create(), canceled: true });
}

function canceled(response: WatchResponse): WatchCanceled {
  if (response.compactRevision !== 0n) return new WatchCanceled(serverError("compacted"), response);
  const { code = "", desc = response.cancelReason } =
    /^rpc error: code = (?<code>\w+) desc = (?<desc>.*)/s.exec(response.cancelReason)?.groups ?? {};
  const status = StatusCode[code as keyof typeof StatusCode] ?? StatusCode.Unknown;
  const error = new EtcdError(status, desc, code === "");
  return new WatchCanceled(error, response.created ? canceledResponse() : undefined);
}
