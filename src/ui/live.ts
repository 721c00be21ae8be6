// Changes below a prefix, as they happen. A page that reads slowly holds the watch back; it gets the events later.
import { afterCompaction, Watch } from "../client/watch";
import { CliError, type EtcdError } from "../errors";
import { Event_EventType, type Event, type KeyValue } from "../proto/gen/mvccpb";
import type { LiveEvent, LiveLine } from "./api";
import { base64Of, labelOf, rangeBelow } from "./names";
import type { Caller } from "./source";

export async function* watchLive(prefix: Uint8Array, { source, signal }: Caller): AsyncGenerator<LiveLine> {
  if (source.kind === "offline") {
    yield { notice: "nothing changes in a file: the live view needs a server" };
    return;
  }
  const notices: string[] = [];
  for (let isFirst = true; ; isFirst = false) {
    if (!isFirst) yield { notice: "changes were compacted before they could be shown" };
    const watch = new Watch(source.client.watch, rangeBelow(prefix), {
      streamOptions: { signal },
      clock: source.clock,
      onCreated: () => watch.requestProgress(),
      onStreamBroken: (error: EtcdError) =>
        void notices.push(`the connection broke and is made again: ${error.message}`),
    });
    try {
      for await (const { events, header } of watch) {
        for (const notice of notices.splice(0)) yield { notice };
        if (events.length > 0) yield { events: events.map(liveEvent) };
        else yield { since: String(header?.revision ?? 0n) };
      }
      return;
    } catch (error) {
      if (error instanceof CliError) throw error;
      await afterCompaction(error, source.clock, signal);
    }
  }
}

function liveEvent({ type, kv }: Event): LiveEvent {
  const { key, modRevision, version, value, lease } = kv as KeyValue;
  return {
    change: type === Event_EventType.PUT ? "put" : "delete",
    key: base64Of(key),
    label: labelOf(key),
    revision: String(modRevision),
    version: String(version),
    sizeBytes: value.length,
    lease: lease === 0n ? "" : lease.toString(16),
  };
}
