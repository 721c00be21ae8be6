// A watch that survives broken streams: it resumes at the next revision, on any member, so its reader gets every event
// once and in order. Each watch has one stream, so a slow reader delays only itself, and only a few messages wait for it.
// The watch never asks for fragments, which make the server's work quadratic.
// Go: client/v3/watch.go. There, one response "no leader" ends the watch; here only five seconds without a leader do.
import { sleep, type Clock } from "../clock";
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
  /** Called when the server has created the watch, for the first time or again. */
  readonly onCreated?: () => void;
  /** Called when the stream broke. The watch resumes at `revision`; 0 means that no stream has begun yet. */
  readonly onStreamBroken?: (error: EtcdError, revision: bigint) => void;
}

/**
 * The watch has ended for good. `response` is the last response that Go's client gives to its reader; undefined when Go's
 * client gives none.
 */
export class WatchCanceled extends EtcdError {
  override name = "WatchCanceled";
  constructor(
    error: EtcdError,
    readonly response?: WatchResponse,
  ) {
    super(error.code, error.known ? error.desc : error.message, true, { cause: error });
  }

  /** The first revision that is still stored, when the requested one is compacted. Otherwise 0. */
  get compactRevision(): bigint {
    return this.response?.compactRevision ?? 0n;
  }
}

/** An election takes about a second. A cluster that has no leader for this long has lost its quorum. */
const leaderlessMs = 5000;
const resumeDelayMs = { first: 25, longest: 1000 };
/** A stream that gave no events and ended earlier than this did not work: the pause before the next one grows. */
const workingStreamMs = 5000;
/** The watch id in the response to a progress request, which is about all watches of the stream. */
const allWatches = -1n;

export class Watch implements AsyncIterable<WatchResponse> {
  private readonly request: WatchCreateRequest;
  /** The revision after the last one that the reader has received. 0 until a watch without start revision has begun. */
  private nextRevision: bigint;
  private fragments: Event[] = [];
  private delayMs = resumeDelayMs.first;
  private leaderlessSince: number | undefined;
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

  /** Asks the server for its current revision. The answer is one of the responses, without events. */
  requestProgress(): void {
    this.progressRequests++;
    this.wakeSender();
  }

  /** Yields responses with events, and progress notifications. Throws WatchCanceled when the server ends the watch. */
  async *[Symbol.asyncIterator](): AsyncGenerator<WatchResponse, void, undefined> {
    const { streamOptions, clock, onStreamBroken } = this.options;
    for (;;) {
      const streamEnd = new AbortController();
      const beganAt = clock.now();
      this.fragments = [];
      try {
        const requests = this.requests(streamEnd.signal);
        for await (const response of this.service.watch(requests, {
          ...streamOptions,
          requireLeader: true,
        })) {
          const taken = this.take(response);
          if (taken) yield taken;
        }
        onStreamBroken?.(endedByServer, this.nextRevision);
      } catch (error) {
        if (!(error instanceof EtcdError) || streamOptions.signal?.aborted) throw error;
        if (error instanceof WatchCanceled) throw error;
        if (!this.mayResume(error)) throw new WatchCanceled(error, canceledResponse());
        onStreamBroken?.(error, this.nextRevision);
      } finally {
        streamEnd.abort();
        this.wakeSender();
      }
      if (clock.now() - beganAt >= workingStreamMs) this.delayMs = resumeDelayMs.first;
      await sleep(clock, this.delayMs, streamOptions.signal);
      this.delayMs = Math.min(this.delayMs * 2, resumeDelayMs.longest);
    }
  }

  private async *requests(signal: AbortSignal): AsyncGenerator<WatchRequest> {
    const value = { ...this.request, startRevision: this.nextRevision };
    yield { requestUnion: { case: "createRequest", value } };
    while (!signal.aborted) {
      if (this.progressRequests > 0) {
        this.progressRequests--;
        yield { requestUnion: { case: "progressRequest", value: {} } };
      } else {
        await new Promise<void>((resolve) => (this.wakeSender = resolve));
      }
    }
  }

  /** The part of a response that is new to the reader; undefined when there is none. */
  private take(response: WatchResponse): WatchResponse | undefined {
    if (response.created && !response.canceled) return this.begin(response);
    if (response.canceled) throw canceled(response);
    if (response.fragment || this.fragments.length > 0) {
      for (const event of response.events) this.fragments.push(event);
      if (response.fragment) return undefined;
      response = { ...response, events: this.fragments };
      this.fragments = [];
    }
    return response.events.length > 0 ? this.takeEvents(response) : this.takeProgress(response);
  }

  private begin({ header }: WatchResponse): undefined {
    // The watch starts at the revision after the one in the header.
    if (this.nextRevision === 0n) this.nextRevision = (header?.revision ?? 0n) + 1n;
    this.leaderlessSince = undefined;
    this.options.onCreated?.();
  }

  private takeEvents(response: WatchResponse): WatchResponse | undefined {
    const next = this.nextRevision;
    let { events } = response;
    // Servers before 3.5.8 may repeat events.
    if (revisionOf(events[0]) < next) events = events.filter((event) => revisionOf(event) >= next);
    if (events.length === 0) return undefined;
    this.nextRevision = revisionOf(events.at(-1)) + 1n;
    this.delayMs = resumeDelayMs.first;
    return events === response.events ? response : { ...response, events };
  }

  private takeProgress(response: WatchResponse): WatchResponse {
    const revision = response.header?.revision ?? 0n;
    // Servers before 3.5.8 may answer a progress request before events of that revision, so the answer does not count.
    if (response.watchId !== allWatches && revision >= this.nextRevision) this.nextRevision = revision + 1n;
    return response;
  }

  private mayResume(error: EtcdError): boolean {
    if (!isServerError(error, "noLeader")) return isTransient(error);
    this.leaderlessSince ??= this.options.clock.now();
    return this.options.clock.now() - this.leaderlessSince < leaderlessMs;
  }
}

const endedByServer = new EtcdError(StatusCode.Unavailable, "the server ended the stream", true);

function revisionOf(event: Event | undefined): bigint {
  return event?.kv?.modRevision ?? 0n;
}

/** The response that Go's client makes when a stream failed for good. */
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
