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
  for (let isFirst = true; ; isFirst = false) {
    if (!isFirst) yield { notice: "changes were compacted before they could be shown" };
    try {
      return yield* watchOnce(prefix, { source, signal });
    } catch (error) {
      if (error instanceof CliError) throw error;
      await afterCompaction(error, source.clock, signal);
    }
  }
}

async function* watchOnce(prefix: Uint8Array, { source, signal }: Caller): AsyncGenerator<LiveLine, void> {
  const absence = new Absence();
  const watch = new Watch(source.client.watch, rangeBelow(prefix), {
    streamOptions: { signal },
    clock: source.clock,
    reportAfterMs,
    onCreated() {
      absence.end();
      watch.requestProgress();
    },
    onStreamBroken: (error) => absence.begin(error),
  });
  const responses = watch[Symbol.asyncIterator]();
  try {
    for (let next = responses.next(); ;) {
      await absence.newsOr(next);
      const away = absence.takeNews();
      if (away !== undefined) {
        yield { away };
        continue;
      }
      const { done, value } = await next;
      if (done === true) return;
      if (value.events.length > 0) yield { events: value.events.map(liveEvent) };
      else yield { since: String(value.header?.revision ?? 0n) };
      next = responses.next();
    }
  } finally {
    // The signal ends a read that is under way.
    void responses.return().catch(() => undefined);
  }
}

const reportAfterMs = 3000;

/** Whether a member responds. Each absence is reported once, however often the watch tries to end it. */
class Absence {
  private isAway = false;
  private news: string | undefined;
  private wake: () => void = () => undefined;

  begin({ endpoints, hints, message }: EtcdError): void {
    if (this.isAway) return;
    const isUnreached = endpoints.length > 0;
    this.report(
      true,
      isUnreached ? `no member responds: ${hints.join("; ")}` : `the connection broke: ${message}`,
    );
  }

  end(): void {
    if (this.isAway) this.report(false, "");
  }

  private report(isAway: boolean, news: string): void {
    this.isAway = isAway;
    this.news = news;
    this.wake();
  }

  /** Why no member responds, or "" if one does again; undefined if that is reported already. */
  takeNews(): string | undefined {
    const { news } = this;
    this.news = undefined;
    return news;
  }

  /** Resolves when there is news, or when `other` is settled. */
  async newsOr(other: Promise<unknown>): Promise<void> {
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      other.then(
        () => resolve(),
        () => resolve(),
      );
      if (this.news !== undefined) resolve();
    });
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
