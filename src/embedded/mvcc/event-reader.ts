// Turns records into events and sorts them to the watchers of a group: the same for a write that has just ended and for
// history. Answers to kvsToEvents and newWatcherBatch in etcd's mvcc.
import type { Event } from "../../proto/gen/mvccpb";
import { Event_EventType } from "../../proto/gen/mvccpb";
import { keyOf } from "./record-head";
import type { VersionedStore } from "./versioned-store";
import type { Watcher } from "./watcher";
import type { WatcherGroup } from "./watcher-group";

/** The events of records [from, to) for each watcher of the group that has not seen them. */
export function eventsFor(
  store: VersionedStore,
  group: WatcherGroup,
  from: number,
  to: number,
): Map<Watcher, Event[]> {
  const found = new Map<Watcher, Event[]>();
  for (let id = from; id < to; id++) {
    const revision = store.storedRecords.main(id);
    let plain: Event | undefined;
    let withPrevious: Event | undefined;
    group.match(keyOf(store.storedRecords.bytes(id)), (watcher) => {
      if (revision < watcher.nextRevision || !watcher.wants(store.storedRecords.isTombstone(id))) return;
      let event = (plain ??= eventOf(store, id, revision));
      if (watcher.request.prevKv === true && !isCreation(event)) {
        event = withPrevious ??= { ...event, prevKv: store.before(id) };
      }
      const events = found.get(watcher);
      if (events === undefined) found.set(watcher, [event]);
      else events.push(event);
    });
  }
  return found;
}

function eventOf(store: VersionedStore, id: number, revision: number): Event {
  const kv = store.decode(id);
  if (!store.storedRecords.isTombstone(id)) return { type: Event_EventType.PUT, kv };
  return { type: Event_EventType.DELETE, kv: { ...kv, modRevision: BigInt(revision) } };
}

/** A key that was deleted and put in one revision counts as new: such an event has no previous value. */
function isCreation({ type, kv }: Event): boolean {
  return type === Event_EventType.PUT && kv?.createRevision === kv?.modRevision;
}
