// A watch that stays open while operations run. After a crash it resumes where it was. Its events must be those of the
// model: all of them, once, in order, those of a revision in one response.
import type { WatchCreateRequest } from "../../src/proto/gen/etcdserverpb";
import {
  WatchCreateRequest_FilterType as FilterType,
  type WatchRequest,
  type WatchResponse,
} from "../../src/proto/gen/etcdserverpb";
import { Event_EventType as EventType, type Event } from "../../src/proto/gen/mvccpb";
import type { EtcdClient } from "../../src/client/client";
import { PushQueue } from "../support/push-queue";
import { shownKeyValue, shownVersion, textOf, type Change, type NaiveStore } from "./naive-store";

export class Watched {
  /** Events that were received and not compared yet. */
  private received: Event[] = [];
  /** Index of the model's next change. */
  private at = 0;
  private readonly startRevision: number;
  /** The first revision that the watch has not seen. */
  private nextRevision: number;
  private requests = new PushQueue<WatchRequest>();
  private isCreated = false;
  /** What it asks for is compacted already: it gets no event. */
  private mustCancel = false;
  private canceledAt: number | undefined;
  private failure: unknown;
  private isOver = false;

  constructor(
    private readonly store: NaiveStore,
    readonly request: WatchCreateRequest,
  ) {
    const start = Number(request.startRevision);
    this.startRevision = this.nextRevision = start > 0 ? start : store.revision + 1;
  }

  /** Also after a crash: the watch resumes at the first revision that it has not seen. */
  open(client: EtcdClient): void {
    this.isCreated = false;
    this.isOver = false;
    this.mustCancel = this.nextRevision < this.store.compactRevision;
    this.requests = new PushQueue();
    const value = { ...this.request, startRevision: BigInt(this.nextRevision) };
    this.requests.push({ requestUnion: { case: "createRequest", value } });
    const { requests } = this;
    this.read(client, requests).catch((error: unknown) => {
      if (requests === this.requests && !this.isOver) this.failure = error;
    });
  }

  private async read(client: EtcdClient, requests: PushQueue<WatchRequest>): Promise<void> {
    let last = 0n;
    let isWhole = true;
    for await (const response of client.watch.watch(requests)) {
      if (requests !== this.requests || this.isOver) return;
      this.take(response);
      const first = response.events[0]?.kv?.modRevision;
      if (first !== undefined && isWhole && first <= last)
        throw new Error(`revision ${first} after ${last}, or in two responses`);
      isWhole = !response.fragment;
      last = response.events.at(-1)?.kv?.modRevision ?? last;
    }
  }

  private take(response: WatchResponse): void {
    if (response.created) this.isCreated = true;
    if (response.canceled) this.canceledAt = Number(response.compactRevision);
    this.received.push(...response.events);
  }

  /** The process has ended: nothing more arrives. */
  lose(): void {
    this.isOver = true;
  }

  end(): void {
    this.isOver = true;
    this.requests.end();
  }

  /** Throws if what has arrived is not what the model has. Returns whether everything has arrived. */
  isComplete(): boolean {
    if (this.failure !== undefined) throw this.failure;
    for (const event of this.received.splice(0)) this.compare(event);
    const { canceledAt, nextRevision } = this;
    if (canceledAt === undefined) return this.isCreated && !this.mustCancel && this.isAtEnd();
    if (canceledAt > this.store.compactRevision || nextRevision >= canceledAt)
      throw new Error(`canceled at ${canceledAt}, next ${nextRevision}`);
    return true;
  }

  /** A compaction has ended the watch before it had read everything, as it may. */
  get isCanceled(): boolean {
    return this.canceledAt !== undefined;
  }

  private compare(event: Event): void {
    const shown = shownEvent(event);
    if (this.mustCancel) throw new Error(`an event of a watch before the compaction: ${shown}`);
    for (;;) {
      const change = this.following();
      if (change === undefined) throw new Error(`an event of nothing: ${shown}`);
      this.at++;
      const { main } = change;
      const isCompacted = main <= this.store.compactRevision;
      const [wanted, withoutBefore] = this.shownChange(change);
      // Compaction takes the value before.
      if (shown === wanted || (isCompacted && shown === withoutBefore)) {
        this.nextRevision = main + 1;
        return;
      }
      if (!this.mayBeGone(change)) throw new Error(`expected ${wanted}, received ${shown}`);
    }
  }

  /** The event of a change, with the value before if the watch asks for it, and without. */
  private shownChange(change: Change): [string, string] {
    const { key, main, isDelete } = change;
    const kv = isDelete ? `DELETE ${key} m${main}` : `PUT ${shownVersion(key, change)}`;
    const before = this.request.prevKv ? this.store.at(key, main - 1) : undefined;
    const isCreation = !isDelete && change.create === main;
    return [before === undefined || isCreation ? kv : `${kv} was ${shownVersion(key, before)}`, kv];
  }

  /** The model's next change that concerns the watch. */
  private following(): Change | undefined {
    const { changes } = this.store;
    for (; this.at < changes.length; this.at++) {
      const change = changes[this.at] as Change;
      if (this.concerns(change)) return change;
    }
    return undefined;
  }

  /** Whether nothing is left that must arrive. */
  private isAtEnd(): boolean {
    for (let change = this.following(); change !== undefined; change = this.following()) {
      if (!this.mayBeGone(change)) return false;
      this.at++;
    }
    return true;
  }

  /** Of several changes of a key in one revision, compaction leaves the last. */
  private mayBeGone(change: Change): boolean {
    return change.main <= this.store.compactRevision && this.isOverwritten(change);
  }

  private isOverwritten({ key, main, sub }: Change): boolean {
    const chain = this.store.chains.get(key) ?? [];
    return chain.some((each) => each.main === main && each.sub > sub);
  }

  private concerns({ key, main, isDelete }: Change): boolean {
    const { request } = this;
    const [from, end] = [textOf(request.key), textOf(request.rangeEnd)];
    const isIn = end === "" ? key === from : key >= from && (end === "\0" || key < end);
    return (
      main >= this.startRevision &&
      isIn &&
      !request.filters.includes(isDelete ? FilterType.NODELETE : FilterType.NOPUT)
    );
  }
}

function shownEvent({ type, kv, prevKv }: Event): string {
  if (kv === undefined) return "an event without a key";
  const text =
    type === EventType.DELETE ? `DELETE ${textOf(kv.key)} m${kv.modRevision}` : `PUT ${shownKeyValue(kv)}`;
  return prevKv === undefined ? text : `${text} was ${shownKeyValue(prevKv)}`;
}
