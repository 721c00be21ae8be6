// Every version of keys that the store still has, oldest first: the state at the last compaction, then all changes since,
// from a watch that starts there. It ends at the revision at which it began to read. Memory stays constant.
import type { Clock } from "../clock";
import { EndOfHistory, EtcdError } from "../errors";
import { isOlder, parseVersion } from "../etcd/versions";
import { RangeRequest, RangeRequest_SortOrder, RangeRequest_SortTarget } from "../proto/gen/etcdserverpb";
import type { Event, KeyValue } from "../proto/gen/mvccpb";
import type { CallOptions } from "../transport/transport";
import type { EtcdClient } from "./client";
import { readRange } from "./range";
import { Watch, WatchCanceled } from "./watch";

export interface HistoryOptions {
  readonly client: EtcdClient;
  readonly key: Uint8Array;
  /** Empty for one key. */
  readonly rangeEnd: Uint8Array;
  /** The first revision to show; all without it. */
  readonly since?: bigint | undefined;
  readonly callOptions: () => CallOptions;
  readonly streamOptions: () => CallOptions;
  readonly clock: Clock;
}

export type HistoryPart =
  /** First, when the history is compacted: no change before this revision is known. */
  | { readonly kind: "compacted"; readonly revision: bigint }
  /** Keys as they were at the compaction. */
  | { readonly kind: "base"; readonly kvs: readonly KeyValue[] }
  /** Changes in their order, puts and deletions. */
  | { readonly kind: "events"; readonly events: readonly Event[] };

export async function* readHistory(options: HistoryOptions): AsyncGenerator<HistoryPart> {
  const { client, key, callOptions } = options;
  const { header } = await client.kv.range(RangeRequest.create({ key, countOnly: true }), callOptions());
  const until = header?.revision ?? 0n;
  for (let start = options.since ?? 1n; ;) {
    try {
      return yield* changes(options, start, until);
    } catch (error) {
      if (!(error instanceof WatchCanceled) || error.compactRevision < start) throw error;
      // Thrown before the first event. A compaction in the middle starts again from the new limit.
      const { compactRevision } = error;
      yield { kind: "compacted", revision: compactRevision };
      yield* base(options, compactRevision);
      start = compactRevision + 1n;
    }
  }
}

async function* base(options: HistoryOptions, revision: bigint): AsyncGenerator<HistoryPart> {
  const { client, key, rangeEnd, since, callOptions, streamOptions, clock } = options;
  const request = RangeRequest.create({ key, rangeEnd, revision, minModRevision: since ?? 0n });
  const { transport } = client;
  const parts = readRange(request, { transport, callOptions, streamOptions, clock, requireStream: false });
  for await (const { kvs } of parts) if (kvs.length > 0) yield { kind: "base", kvs };
}

/** An etcd looks after watches that begin in the past this often, and until then it ignores the question how far they have come. */
const askEveryMs = 100;
/** An etcd before this version answers at once, also when events of the past are still to come. */
const answersTruly = { major: 3n, minor: 5n, patch: 8n };
/** This number of answers without an event between them counts on such an etcd: it looks after the watch between them. */
const quietAnswers = 10;

/** The changes from `start` to `until`. A watch has no end, so the server is asked how far it has come, until it answers. */
async function* changes(options: HistoryOptions, start: bigint, until: bigint): AsyncGenerator<HistoryPart> {
  const { client, key, rangeEnd, streamOptions, clock } = options;
  if (start > until) return;
  const isHasty = await answersTooEarly(options);
  const last = isHasty ? await lastStored(options, until) : 0n;
  const watch = new Watch(
    client.watch,
    { key, rangeEnd, startRevision: start, prevKv: true },
    { streamOptions: streamOptions(), clock, onCreated: ask },
  );
  let next: ReturnType<Clock["setTimeout"]> | undefined;
  function ask() {
    watch.requestProgress();
    askLater();
  }
  function askLater() {
    next?.cancel();
    next = clock.setTimeout(ask, askEveryMs);
  }
  let seen = start - 1n;
  let answers = 0;
  try {
    for await (const { header, events } of watch) {
      const known = events.filter(({ kv }) => (kv?.modRevision ?? 0n) <= until);
      if (known.length > 0) yield { kind: "events", events: known };
      if (known.length < events.length) return;
      if (events.length > 0) {
        seen = events.at(-1)?.kv?.modRevision ?? seen;
        answers = 0;
      } else if ((header?.revision ?? 0n) >= until) {
        answers++;
        if (!isHasty || (answers >= quietAnswers && seen >= last)) return;
      }
      if (isHasty) askLater();
      else ask();
    }
  } catch (error) {
    // A watch with --offline ends in this way.
    if (!(error instanceof EndOfHistory)) throw error;
  } finally {
    next?.cancel();
  }
}

async function answersTooEarly({ client, callOptions }: HistoryOptions): Promise<boolean> {
  try {
    const version = parseVersion((await client.maintenance.status({}, callOptions())).version);
    return typeof version !== "string" && isOlder(version, answersTruly);
  } catch (error) {
    // A server that is no etcd may not say it; one that cannot be reached fails at the watch.
    if (error instanceof EtcdError) return false;
    throw error;
  }
}

/** The revision of the last change that a key of the range still shows at `until`. 0 without a key. */
async function lastStored(
  { client, key, rangeEnd, callOptions }: HistoryOptions,
  revision: bigint,
): Promise<bigint> {
  const newest = { sortTarget: RangeRequest_SortTarget.MOD, sortOrder: RangeRequest_SortOrder.DESCEND };
  const request = RangeRequest.create({ key, rangeEnd, revision, ...newest, limit: 1n, keysOnly: true });
  return (await client.kv.range(request, callOptions())).kvs[0]?.modRevision ?? 0n;
}
