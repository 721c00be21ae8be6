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
import type { Event, KeyValue } from "../proto/gen/mvccpb";
import type { CallOptions } from "../transport/transport";
import type { EtcdClient } from "./client";
import { neededToRead } from "./denied";
import { isTransient } from "./retry";

export interface WatchOptions {
  readonly streamOptions: CallOptions;
  readonly clock: Clock;
  /** The reader gets the parts of a split response one by one, not joined. For `watchInParts`. */
  readonly inParts?: boolean;
  /** Called when the server has created the watch, for the first time or again. */
  readonly onCreated?: () => void;
  /** Called when the stream broke. The watch resumes at `revision`; 0 means that no stream has begun yet. */
  readonly onStreamBroken?: (error: EtcdError, revision: bigint) => void;
  /**
   * After so long without a connection `onStreamBroken` is called with what is wrong with the endpoints, and again each time.
   * Default: the watch waits in silence.
   */
  readonly reportAfterMs?: number;
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
    const { hints, endpoints } = error;
    super(error.code, error.known ? error.desc : error.message, true, { cause: error, hints, endpoints });
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
  /** Chosen by the server when it creates the watch. Responses with another id are ignored. */
  private watchId: bigint | undefined;
  private fragments: Event[] = [];
  private fragmentBytes = 0;
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
    const { clock, onStreamBroken, reportAfterMs: connectTimeoutMs } = this.options;
    const streamOptions = { ...this.options.streamOptions, ...(connectTimeoutMs && { connectTimeoutMs }) };
    for (;;) {
      const streamEnd = new AbortController();
      const beganAt = clock.now();
      this.watchId = undefined;
      this.dropFragments();
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
    if (!this.isAddressed(response)) return undefined;
    if (response.canceled) throw canceled(response, this.request);
    if (this.options.inParts !== true && (response.fragment || this.fragments.length > 0)) {
      this.addFragment(response.events);
      if (response.fragment) return undefined;
      response = { ...response, events: this.fragments };
      this.dropFragments();
    }
    return response.events.length > 0 ? this.takeEvents(response) : this.takeProgress(response);
  }

  private isAddressed({ watchId }: WatchResponse): boolean {
    return this.watchId === undefined || watchId === this.watchId || watchId === allWatches;
  }

  /** The watch does not ask for fragments. A server that sends them all the same must not fill the memory. */
  private addFragment(events: readonly Event[]): void {
    for (const event of events) {
      this.fragments.push(event);
      this.fragmentBytes += sizeOf(event.kv) + sizeOf(event.prevKv);
    }
    if (this.fragmentBytes > maxFragmentBytes) throw new WatchCanceled(endlessFragments, canceledResponse());
  }

  private dropFragments(): void {
    this.fragments = [];
    this.fragmentBytes = 0;
  }

  private begin({ header, watchId }: WatchResponse): undefined {
    if (this.watchId !== undefined) return;
    this.watchId = watchId;
    // The watch starts at the revision after the one in the header.
    if (this.nextRevision === 0n) this.nextRevision = (header?.revision ?? 0n) + 1n;
    this.leaderlessSince = undefined;
    this.options.onCreated?.();
  }

  private takeEvents(response: WatchResponse): WatchResponse | undefined {
    // Servers before 3.5.8 may repeat events.
    const events = inOrder(response.events, this.nextRevision);
    if (events.length === 0) return undefined;
    // The next part may begin with events of the same revision.
    this.nextRevision = revisionOf(events.at(-1)) + (response.fragment ? 0n : 1n);
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
    if (this.options.reportAfterMs !== undefined && error.endpoints.length > 0) return true;
    if (!isServerError(error, "noLeader")) return isTransient(error);
    this.leaderlessSince ??= this.options.clock.now();
    return this.options.clock.now() - this.leaderlessSince < leaderlessMs;
  }
}

const endedByServer = new EtcdError(StatusCode.Unavailable, "the server ended the stream", true);

function revisionOf(event: Event | undefined): bigint {
  return event?.kv?.modRevision ?? 0n;
}

/** The events without those from before `next`, and without those that an event of a later revision precedes. */
function inOrder(events: Event[], next: bigint): Event[] {
  let last = next;
  const isNew = (event: Event): boolean => {
    const revision = revisionOf(event);
    if (revision < last) return false;
    last = revision;
    return true;
  };
  if (events.every(isNew)) return events;
  last = next;
  return events.filter(isNew);
}

/** Many times what a revision has: its request has at most 1.5 MiB by default. */
const maxFragmentBytes = 64 * 1024 * 1024;
const endlessFragments = new EtcdError(
  StatusCode.Internal,
  "the server splits a watch response into fragments without end",
  true,
);

/** In memory, roughly. */
function sizeOf(kv: KeyValue | undefined): number {
  return kv === undefined ? 100 : 200 + kv.key.length + kv.value.length;
}

/** The pause before the state is read again after a compaction: a server that always reports one costs little. */
const compactedDelayMs = 100;

/** Waits and returns if the watch ended because its history is compacted: then the present state is to be read. Else throws. */
export async function afterCompaction(error: unknown, clock: Clock, signal?: AbortSignal): Promise<void> {
  if (!(error instanceof WatchCanceled && error.compactRevision !== 0n)) throw error;
  await sleep(clock, compactedDelayMs, signal);
}

/** The response that Go's client makes when a stream failed for good. */
function canceledResponse(): WatchResponse {
  return WatchResponse.create({ header: ResponseHeader.create(), canceled: true });
}

function canceled(response: WatchResponse, request: WatchCreateRequest): WatchCanceled {
  if (response.compactRevision !== 0n) return new WatchCanceled(serverError("compacted"), response);
  const { code = "", desc = response.cancelReason } =
    /^rpc error: code = (?<code>\w+) desc = (?<desc>.*)/s.exec(response.cancelReason)?.groups ?? {};
  const status = StatusCode[code as keyof typeof StatusCode] ?? StatusCode.Unknown;
  const hints = status === StatusCode.PermissionDenied ? [neededToRead(request)] : [];
  const error = new EtcdError(status, desc, code === "", { hints });
  return new WatchCanceled(error, response.created ? canceledResponse() : undefined);
}
