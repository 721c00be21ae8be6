// The events of records: what watchers receive for a write. Go: kvsToEvents in server/storage/mvcc/watchable_store.go
import type { Event } from "../../proto/gen/mvccpb";
import { Event_EventType } from "../../proto/gen/mvccpb";
import { Writer } from "../../proto/wire";
import { stepUnits, type Steps } from "../../storage/steps";
import { PartList } from "./part-list";
import { fieldBytes, keyOf } from "./record-head";
import { none, type Records } from "./records";
import type { Watcher, WatcherGroup } from "./watcher-group";

/** The records of more events than this are read in steps, and their events are encoded in parts. */
export const manyEvents = 2048;

/** The records, and how far they are compacted now. */
export interface EventSource {
  readonly storedRecords: Records;
  readonly compactRevision: number;
}

/** The events of the records [from, to) for each watcher of the group that has not received them. Go: newWatcherBatch in watcher_group.go */
export function eventsFor(
  source: EventSource,
  group: WatcherGroup,
  from: number,
  to: number,
): Map<Watcher, Event[]> {
  const { storedRecords: records } = source;
  const found = new Map<Watcher, Event[]>();
  for (let id = from; id < to; id++) {
    const revision = records.main(id);
    let plain: Event | undefined;
    let withPrevious: Event | undefined;
    const visit = (watcher: Watcher) => {
      if (revision < watcher.nextRevision || !watcher.accepts(records.isTombstone(id))) return;
      let event = (plain ??= eventOf(records, id));
      if (watcher.request.prevKv === true) event = withPrevious ??= withPreviousOf(source, id, event);
      const events = found.get(watcher);
      if (events === undefined) found.set(watcher, [event]);
      else events.push(event);
    };
    group.match(keyOf(records.bytes(id)), (watchers) => watchers.forEach(visit));
  }
  return found;
}

/**
 * Same as eventsFor, for many records. `source` must not change: see Records.copy(). The lists are read from it later, when
 * they are encoded.
 */
export function* manyEventsFor(
  source: EventSource,
  group: WatcherGroup,
  from: number,
  to: number,
): Steps<(watcher: Watcher) => EventList | undefined> {
  const { storedRecords: records } = source;
  // Watchers of the same range share a list.
  const found = new Map<ReadonlySet<Watcher>, number[]>();
  for (let id = from; id < to; id++) {
    if ((id - from) % stepUnits === stepUnits - 1) yield stepUnits / 2;
    group.match(keyOf(records.bytes(id)), (watchers) => {
      const ids = found.get(watchers);
      if (ids === undefined) found.set(watchers, [id]);
      else ids.push(id);
    });
  }
  const idsOf = new Map<Watcher, readonly number[]>();
  for (const [watchers, ids] of found) for (const watcher of watchers) idsOf.set(watcher, ids);
  return (watcher) => {
    let ids = idsOf.get(watcher) ?? [];
    const isWanted = (id: number) =>
      records.main(id) >= watcher.nextRevision && watcher.accepts(records.isTombstone(id));
    if (!watcher.acceptsAll || !ids.slice(0, 1).every(isWanted)) ids = ids.filter(isWanted);
    return ids.length === 0 ? undefined : new EventList(source, ids, watcher.request.prevKv === true);
  };
}

function eventOf(records: Records, id: number): Event {
  const kv = records.decode(id);
  if (!records.isTombstone(id)) return { type: Event_EventType.PUT, kv };
  return { type: Event_EventType.DELETE, kv: { ...kv, modRevision: BigInt(records.main(id)) } };
}

function withPreviousOf(source: EventSource, id: number, event: Event): Event {
  const previous = previousOf(source, id);
  return previous === none ? event : { ...event, prevKv: source.storedRecords.decode(previous) };
}

/**
 * The record with the value of the key before the event; `none` if there was none, or if it is compacted. A key that is
 * deleted and put in one revision counts as created: its event has no previous value.
 */
function previousOf({ storedRecords: records, compactRevision }: EventSource, id: number): number {
  const main = records.main(id);
  const isCreation = !records.isTombstone(id) && records.createRevision(id) === main;
  if (isCreation || main - 1 < compactRevision) return none;
  return records.liveAt(records.previous(id), main - 1);
}

/** Field number << 3 | wire type, in an Event and in its KeyValue. */
const Tag = { type: 8, kv: 18, prevKv: 26, modRevision: 24 } as const;

/** The events of one message, as the ids of their records. */
export class EventList extends PartList<Event> {
  constructor(
    private readonly source: EventSource,
    private readonly ids: readonly number[],
    private readonly hasPrevious: boolean,
  ) {
    super();
  }

  get length(): number {
    return this.ids.length;
  }

  /** The part [from, to) as another list. */
  part(from: number, to: number): EventList {
    return new EventList(this.source, this.ids.slice(from, to), this.hasPrevious);
  }

  slice(from: number, to: number): Event[] {
    const { source } = this;
    return this.ids.slice(from, to).map((id) => {
      const event = eventOf(source.storedRecords, id);
      return this.hasPrevious ? withPreviousOf(source, id, event) : event;
    });
  }

  partEnd(from: number, maxItems: number, maxBytes: number): number {
    const end = Math.min(this.length, from + maxItems);
    let to = from;
    for (let sizeBytes = 0; to < end && sizeBytes < maxBytes; to++) sizeBytes += this.sizeBytes(to);
    return to;
  }

  /** Size of an encoded event. */
  sizeBytes(at: number): number {
    const id = this.ids[at] as number;
    const previous = this.previous(id);
    const previousBytes = previous === none ? 0 : fieldBytes(this.source.storedRecords.sizeBytes(previous));
    const typeBytes = this.source.storedRecords.isTombstone(id) ? 2 : 0;
    return typeBytes + fieldBytes(this.kvBytes(id)) + previousBytes;
  }

  private previous(id: number): number {
    return this.hasPrevious ? previousOf(this.source, id) : none;
  }

  /** A tombstone has only the key. In an event, it has its revision too. */
  private kvBytes(id: number): number {
    const { storedRecords: records } = this.source;
    const sizeBytes = records.sizeBytes(id);
    return records.isTombstone(id) ? sizeBytes + 1 + varintBytes(records.main(id)) : sizeBytes;
  }

  /** A record is an encoded KeyValue. */
  encode(tag: number, from: number, to: number): Buffer {
    const { storedRecords: records } = this.source;
    const writer = new Writer();
    for (let at = from; at < to; at++) {
      const id = this.ids[at] as number;
      const previous = this.previous(id);
      const isTombstone = records.isTombstone(id);
      writer.varint(tag);
      writer.varint(this.sizeBytes(at));
      if (isTombstone) writer.int32(Tag.type, Event_EventType.DELETE);
      writer.varint(Tag.kv);
      writer.varint(this.kvBytes(id));
      writer.raw(records.bytes(id));
      if (isTombstone) writer.int64(Tag.modRevision, BigInt(records.main(id)));
      if (previous !== none) writer.bytes(Tag.prevKv, records.bytes(previous));
    }
    return writer.finish();
  }
}

function varintBytes(value: number): number {
  return value < 128 ? 1 : 1 + varintBytes(Math.floor(value / 128));
}
