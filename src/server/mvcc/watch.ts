// Watching as the RPC layer sees it: one WatchStream per client stream, which speaks to one sink. Knows no gRPC.
// Must stay true: a watcher sees every event of its range once, in order, and events of one revision in one message.
// Answers to etcd's mvcc/watcher.go and to the part of v3rpc/watch.go that is not gRPC (created, prev_kv, progress).
import type { Event } from "../../proto/gen/mvccpb";

export interface WatchRequest {
  /** 0n: the stream chooses one. */
  readonly id: bigint;
  /** Key and end as in kv.ts; an empty key on the wire is the key "\0". */
  readonly key: Uint8Array;
  readonly end: Uint8Array | undefined;
  /** 0: from now on. May lie in the future; below 0 is refused. */
  readonly startRevision: number;
  readonly noPut?: boolean;
  readonly noDelete?: boolean;
  readonly prevKv?: boolean;
  /** Wants a message without events from time to time while nothing happens. */
  readonly progressNotify?: boolean;
  /** Handed back in every message with events: the RPC layer may split them. */
  readonly fragment?: boolean;
}

/** All that a WatchResponse holds, but for the ids in its header. */
export interface WatchMessage {
  /** -1n: none (a refused watch), or all watchers of the stream (progress). */
  readonly watchId: bigint;
  /** For the header; 0 when canceled by compaction, as in etcd. */
  readonly revision: number;
  readonly created: boolean;
  readonly canceled: boolean;
  /** 0, or why it was canceled: the start lies before this revision. */
  readonly compactRevision: number;
  readonly cancelReason: string;
  readonly fragment: boolean;
  /** Shared between watchers: not to be changed. Without events, created and canceled: progress. */
  readonly events: readonly Event[];
}

export interface WatchSink {
  /**
   * Always takes the message; false says that the next one shall wait for resume(). A sink that never says false gets
   * all history at once. Called while a write ends: must neither throw nor call the store's writers.
   */
  send(message: WatchMessage): boolean;
}

/** Every answer, also `created` and `canceled`, goes through the sink, so their order is right by itself. */
export interface WatchStream {
  /** Answers with `created`, then with history if startRevision is not in the future. */
  watch(request: WatchRequest): void;
  /** Answers a request that is not to be carried out with `created` and `canceled`. */
  refuse(cancelReason: string): void;
  /** Answers with `canceled`; silent when the id is not known, as etcd is. */
  cancel(id: bigint): void;
  /** Answers with progress for all (watchId -1n) if every watcher has seen all there is; else silent. */
  requestProgress(): void;
  /** The sink has room again. */
  resume(): void;
  /** Ends all watchers in silence and frees the timer. */
  close(): void;
}

export interface Watchable {
  newWatchStream(sink: WatchSink): WatchStream;
}

export const noWatchId = -1n;
