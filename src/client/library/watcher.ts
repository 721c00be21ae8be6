// A watch for the library's users: an async iterable of events that survives lost connections. It begins at once, so that
// events between its creation and the first look at it are not missed.
import { firstAborted, type Clock } from "../../clock";
import { WatchCreateRequest, WatchCreateRequest_FilterType as Filter } from "../../proto/gen/etcdserverpb";
import { Event_EventType, type Event } from "../../proto/gen/mvccpb";
import { emptyBytes } from "../../proto/wire";
import type { CallOptions } from "../../transport/transport";
import type { EtcdClient } from "../client";
import { Watch } from "../watch";
import { withDiagnosis } from "./errors";
import { integer } from "./input";
import { checkOptions, type OptionTable } from "./options";
import { keyOf, rangeOf, rangeTable, type Bytes, type RangeTarget } from "./targets";
import { Value } from "./values";

/** Options of `watch`. `key` and a range exclude each other; without both, every key is watched. */
export interface WatchOptions extends RangeTarget {
  readonly key?: Bytes | undefined;
  /** The first revision whose events are wanted. Default: the events after the creation of the watch. */
  readonly fromRevision?: bigint | number | undefined;
  /** Whether events have the value before. Default: false. */
  readonly previous?: boolean | undefined;
  /** `put` or `delete` leaves out the other events. Default: both. */
  readonly only?: "put" | "delete" | undefined;
  /** Ends the watch when it is aborted; its loop then throws Canceled. */
  readonly signal?: AbortSignal | undefined;
  /** The longest wait for the first connection in milliseconds. Default: that of the client. */
  readonly timeoutMs?: number | undefined;
  /** Called when the watch has lost its connection; it resumes at `revision`. */
  readonly onReconnect?: ((error: Error, revision: bigint) => void) | undefined;
}

const watchTable = {
  ...rangeTable,
  key: "any",
  fromRevision: "any",
  previous: "boolean",
  only: ["put", "delete"],
  signal: "signal",
  timeoutMs: "limit",
  onReconnect: "function",
} as const satisfies OptionTable<WatchOptions>;

interface Change {
  /** The key as text. */
  readonly key: string;
  readonly keyBytes: Buffer;
  /** The value before, if `previous` asks for it and the server still has it. */
  readonly previous: Value | undefined;
  /** The revision of the change. */
  readonly revision: bigint;
}

/** One change of a key, with the new value unless the key was deleted. */
export type WatchEvent =
  | (Change & { readonly type: "put"; readonly value: Value })
  | (Change & { readonly type: "delete"; readonly value: undefined });

export interface WatcherContext {
  readonly service: EtcdClient["watch"];
  readonly clock: Clock;
  readonly timeoutMs: number;
}

/**
 * A running watch. Its loop yields every event once and in order, also after lost connections. Leaving the loop ends it.
 *
 * The loop throws a WatchCanceled when the server ends the watch. If the wanted revision is compacted, its
 * `compactRevision` is not 0n: read the present state, then watch from the revision after it.
 *
 * @example
 * for await (const { type, key, value } of client.watch({ prefix: "/app/" })) console.log(type, key, value?.string());
 */
export class Watcher implements AsyncIterable<WatchEvent> {
  /** Resolves when the server has the watch: changes from now on are events. Rejects if that fails. */
  readonly ready: Promise<void>;
  private readonly closing = new AbortController();
  private readonly events: AsyncGenerator<WatchEvent>;
  private first: Promise<IteratorResult<WatchEvent>> | undefined;

  /** @internal */
  constructor(context: WatcherContext, options: WatchOptions) {
    checkOptions("watch", options, watchTable);
    const { promise, resolve, reject } = withResolvers();
    this.ready = promise;
    promise.catch(() => undefined);
    this.events = this.read(context, requestOf(options), options, resolve);
    this.first = this.events.next();
    this.first.then(
      () => undefined,
      (error: unknown) => reject(error),
    );
  }

  /** Ends the watch. A loop over it ends without an error. */
  close(): void {
    this.closing.abort();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** The events. There is one reader: a second loop gets the events after those of the first. */
  [Symbol.asyncIterator](): AsyncIterator<WatchEvent> {
    return {
      next: () => {
        const { first } = this;
        this.first = undefined;
        return first ?? this.events.next();
      },
      return: async () => {
        this.close();
        await this.events.return(undefined);
        return { done: true, value: undefined };
      },
    };
  }

  private async *read(
    { service, clock, timeoutMs: defaultMs }: WatcherContext,
    request: WatchCreateRequest,
    options: WatchOptions,
    isReady: () => void,
  ): AsyncGenerator<WatchEvent> {
    let isCreated = false;
    const { signal, release } = firstAborted(this.closing.signal, options.signal);
    const streamOptions: CallOptions = {
      signal,
      // Only the first connection has a limit: a watch that has begun waits for its servers.
      get connectTimeoutMs() {
        return isCreated ? undefined : (options.timeoutMs ?? defaultMs);
      },
    };
    const watch = new Watch(service, request, {
      streamOptions,
      clock,
      onCreated() {
        isCreated = true;
        isReady();
      },
      onStreamBroken: (error, revision) => options.onReconnect?.(error, revision),
    });
    try {
      for await (const { events } of watch) for (const event of events) yield eventOf(event);
    } catch (error) {
      if (!this.closing.signal.aborted) throw withDiagnosis(error);
    } finally {
      release();
    }
  }
}

function requestOf(options: WatchOptions): WatchCreateRequest {
  const { key, prefix, from, to, fromRevision, previous, only } = options;
  const hasRange = [prefix, from, to].some((each) => each !== undefined);
  if (key !== undefined && hasRange) throw new TypeError("option key of watch excludes prefix, from and to");
  const range =
    key === undefined ? rangeOf("watch", options) : { key: keyOf("watch", key), rangeEnd: emptyBytes };
  return WatchCreateRequest.create({
    ...range,
    startRevision: fromRevision === undefined ? 0n : integer(fromRevision, "option fromRevision of watch"),
    prevKv: previous === true,
    filters: only === undefined ? [] : [only === "put" ? Filter.NODELETE : Filter.NOPUT],
  });
}

function eventOf({ type, kv, prevKv }: Event): WatchEvent {
  const changed = new Value(
    kv ?? { key: emptyBytes, value: emptyBytes, createRevision: 0n, modRevision: 0n, version: 0n, lease: 0n },
  );
  const { key, keyBytes, revision } = changed;
  const change = { key, keyBytes, previous: prevKv && new Value(prevKv), revision };
  return type === Event_EventType.PUT
    ? { ...change, type: "put", value: changed }
    : { ...change, type: "delete", value: undefined };
}

function withResolvers(): { promise: Promise<void>; resolve: () => void; reject: (error: unknown) => void } {
  let resolve!: () => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
