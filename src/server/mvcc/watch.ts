// The watch interface of the store: one WatchStream for each client stream, which sends messages to one sink.
// Must stay true: a watcher receives every event of its range once, in order, and the events of a revision in one message.
// Go: server/storage/mvcc/watcher.go, and the part of server/etcdserver/api/v3rpc/watch.go that is not gRPC
import type { Event } from "../../proto/gen/mvccpb";
import type { PartList } from "./part-list";

export interface WatchRequest {
  /** Id of the watcher. 0n lets the stream choose one. */
  readonly id: bigint;
  /** Key and end as in kv.ts. */
  readonly key: Uint8Array;
  readonly end: Uint8Array | undefined;
  /** 0 means the next revision. May be in the future. A negative one is refused. */
  readonly startRevision: number;
  readonly noPut?: boolean;
  readonly noDelete?: boolean;
  readonly prevKv?: boolean;
  /** Sends a message without events in intervals while there are no events. */
  readonly progressNotify?: boolean;
  /** Copied to every message with events: the RPC layer may split them. */
  readonly fragment?: boolean;
}

/** Many events are a list that is read in parts. */
export type Events = readonly Event[] | PartList<Event>;

/** The fields of a WatchResponse, without the ids in its header. */
export interface WatchMessage {
  /** -1n in the refusal of a watch, and in progress for all watchers of the stream. */
  readonly watchId: bigint;
  /** Revision for the header. 0 in a cancel by compaction, as in etcd. */
  readonly revision: number;
  readonly created: boolean;
  readonly canceled: boolean;
  /** Not 0 in a cancel by compaction: the watcher needs events before this revision. */
  readonly compactRevision: number;
  readonly cancelReason: string;
  readonly fragment: boolean;
  /** Shared between watchers, so do not change them. A message without events, created or canceled is progress. */
  readonly events: Events;
}

export interface WatchSink {
  /**
   * Accepts every message. False means that the next one must wait for resume(). A sink that never returns false receives
   * all history at once. Called at the end of a write: it must neither throw nor write to the store.
   */
  send(message: WatchMessage): boolean;
}

/** All messages go through the sink, `created` and `canceled` too, so they are in order. */
export interface WatchStream {
  /** Sends `created`, then history if startRevision is not in the future. */
  watch(request: WatchRequest): void;
  /** Sends `created` and `canceled` for a request that the caller refuses. */
  refuse(cancelReason: string): void;
  /** Sends `canceled`. Sends nothing for an unknown id, as in etcd. */
  cancel(id: bigint): void;
  /** Sends progress for all watchers (watchId -1n) if every watcher is synced. Else sends nothing. */
  requestProgress(): void;
  /** Called when the reader has taken a message out of the sink. */
  taken(message: WatchMessage): void;
  /** Called when the sink has room again. */
  resume(): void;
  /** Ends all watchers without messages, and stops the timer. */
  close(): void;
}

export interface Watchable {
  newWatchStream(sink: WatchSink): WatchStream;
}

export const noWatchId = -1n;
