// One watcher: what it watches and how far it has come. Its stream moves it, watcher-group.ts finds it.
// Answers to the `watcher` of etcd's mvcc/watchable_store.go.
import type { Event } from "../../proto/gen/mvccpb";
import { keyString } from "./key-bytes";
import type { WatchRequest } from "./watch";

/** The stream that a watcher belongs to. */
export interface WatcherOwner {
  /** The write of `revision` has ended: tell the watcher, or remember that it fell behind. */
  notify(watcher: Watcher, events: readonly Event[], revision: number): void;
}

export class Watcher {
  readonly key: string;
  /** Undefined: the one key; empty: no end. */
  readonly end: string | undefined;
  readonly startRevision: number;
  /** The next revision that it has not seen. */
  nextRevision: number;
  /** Whether the next tick owes it a progress message: not if it got events since the last one. */
  progressDue: boolean;

  constructor(
    readonly owner: WatcherOwner,
    readonly id: bigint,
    readonly request: WatchRequest,
    currentRevision: number,
  ) {
    this.key = keyString(request.key);
    this.end = request.end === undefined ? undefined : keyString(request.end);
    this.startRevision = request.startRevision;
    this.nextRevision = request.startRevision > 0 ? request.startRevision : currentRevision + 1;
    this.progressDue = request.progressNotify === true;
  }

  wants(tombstone: boolean): boolean {
    return (tombstone ? this.request.noDelete : this.request.noPut) !== true;
  }
}
