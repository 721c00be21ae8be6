// Copies the keys of one cluster to another, then follows their changes for as long as nobody stops it: through restarts
// on both sides, and through a compaction that takes away what it has not seen yet. Flat memory: a page of keys, or a
// batch of events, at a time. Answers to client/v3/mirror's syncer.
import { CliError, ExitCode } from "../../errors";
import { isServerError } from "../../etcd/error-table";
import { nextKey, startsWith } from "../../etcd/keys";
import { quote } from "../../go/quote";
import { RangeRequest } from "../../proto/gen/etcdserverpb";
import type { Event, KeyValue } from "../../proto/gen/mvccpb";
import { Event_EventType } from "../../proto/gen/mvccpb";
import type { EtcdClient } from "../client";
import { readRange } from "../range";
import { Watch, WatchCanceled } from "../watch";
import type { Destination, MirrorContext, WriteGroup, Write } from "./destination";
import { PeerHealth } from "./destination";
import type { KeySpaces } from "./key-spaces";

export interface MirrorOptions extends MirrorContext {
  readonly source: EtcdClient;
  readonly destination: Destination;
  readonly spaces: KeySpaces;
  /** Changes from this revision on; 0: first a copy of all keys. */
  readonly fromRevision: bigint;
}

export class Mirror {
  /** All up to it is in the destination. */
  private doneRevision: bigint;
  private readonly sourceHealth: PeerHealth;

  constructor(private readonly options: MirrorOptions) {
    this.doneRevision = options.fromRevision > 0n ? options.fromRevision - 1n : 0n;
    this.sourceHealth = new PeerHealth("the source", options);
  }

  /** Ends only by failing. */
  async run(): Promise<never> {
    const destinationCluster = await this.options.destination.open();
    if ((await this.readSourceClusterId()) === destinationCluster) await this.rejectSelfMirror();
    let hasFollowed = this.doneRevision === 0n;
    if (hasFollowed) await this.copy({ since: 0n, isResync: false });
    for (;;) {
      try {
        for await (const { events, header } of this.changes()) {
          hasFollowed = true;
          await this.options.destination.write(this.revisionsOf(events));
          this.doneRevision = events.at(-1)?.kv?.modRevision ?? header?.revision ?? this.doneRevision;
        }
      } catch (error) {
        const isGap = error instanceof WatchCanceled && error.compactRevision > 0n;
        if (isGap && hasFollowed) await this.resync(error.compactRevision);
        else await this.sourceHealth.waitForRetry(error);
      }
    }
  }

  /** The cluster's ID. A source that is not there is an error at the start; later it is waited for. */
  private async readSourceClusterId(): Promise<bigint | undefined> {
    const { source, spaces, callOptions: call } = this.options;
    const { key, rangeEnd } = spaces.source;
    const request = RangeRequest.create({ key, rangeEnd, countOnly: true, limit: 1n });
    const { header } = await source.kv.range(request, call());
    await this.sourceHealth.reportUp();
    return header?.clusterId;
  }

  /** Within one cluster, what is written where it is read from is mirrored again, for ever. */
  private async rejectSelfMirror(): Promise<void> {
    const { source, destination } = this.options.spaces;
    if (!startsWith(destination.prefix, source.prefix)) return;
    if (!(await this.options.destination.isSameCluster(this.options.source))) return;
    const [from, to] = [source, destination].map(({ prefix }) => quote(Buffer.from(prefix)));
    const problem = `the destination is the source's own cluster, and its prefix ${to} is inside of ${from}: every write would be mirrored again`;
    const hints = ["name another cluster, or a --dest-prefix that does not begin with --prefix"];
    throw new CliError(ExitCode.badArgs, problem, { hints });
  }

  /** Progress is asked for, so that a quiet range is not behind when the source compacts. */
  private changes(): Watch {
    const { source, spaces, streamOptions: stream, clock } = this.options;
    const { key, rangeEnd } = spaces.source;
    return new Watch(
      source.watch,
      { key, rangeEnd, startRevision: this.doneRevision + 1n, progressNotify: true },
      {
        ...{ streamOptions: stream(), clock },
        onCreated: () => void this.sourceHealth.reportUp(),
        onStreamBroken: (error) => void this.sourceHealth.reportDown(error),
      },
    );
  }

  private async resync(compactRevision: bigint): Promise<void> {
    const { report: tell, fromRevision } = this.options;
    const gap = `the source has compacted its changes from ${this.doneRevision + 1n} to ${compactRevision - 1n}`;
    await tell(`${gap}; comparing all keys instead`);
    if (fromRevision > 0n) {
      await tell("of the keys deleted meanwhile, those that an earlier mirror has copied may be left behind");
    }
    await this.copy({ since: this.doneRevision, isResync: true });
  }

  /**
   * Writes every key that changed after revision `since`. A resync also deletes what the source has no more; but only keys
   * written since this mirror began, since the others need not be its own.
   */
  private async copy({ since, isResync }: { since: bigint; isResync: boolean }): Promise<void> {
    const { source, spaces, destination, streamOptions, callOptions, clock } = this.options;
    const reading = { transport: source.transport, callOptions, streamOptions, clock, requireStream: false };
    const { key, rangeEnd } = spaces.source;
    let revision = 0n;
    let next = key;
    for (let isComplete = false; !isComplete;) {
      try {
        for await (const part of readRange(RangeRequest.create({ key: next, rangeEnd, revision }), reading)) {
          await this.sourceHealth.reportUp();
          revision ||= part.header?.revision ?? 0n;
          const last = part.kvs.at(-1);
          if (!last) continue;
          const end = nextKey(last.key);
          if (isResync) await this.deleteAllBut(part.kvs, next, spaces.toDestination(end));
          const changed = part.kvs.filter(({ modRevision }) => modRevision > since);
          await destination.write(changed.map((kv) => [this.toWrite(kv)]));
          next = end;
        }
        if (isResync) await this.deleteAllBut([], next, spaces.destination.rangeEnd);
        isComplete = true;
      } catch (error) {
        if (isServerError(error, "compacted")) {
          // The copy took longer than the source keeps its history: once more, at a newer revision.
          [revision, next, isResync] = [0n, key, true];
        } else await this.sourceHealth.waitForRetry(error);
      }
    }
    this.doneRevision = revision;
  }

  /** Of the destination's keys from that for `from` on to before `end`. */
  private async deleteAllBut(kvs: readonly KeyValue[], from: Uint8Array, end: Uint8Array): Promise<void> {
    const { spaces, destination } = this.options;
    const kept = new Set(kvs.map((kv) => spaces.nameAtSource(kv.key)));
    const start = from === spaces.source.key ? spaces.destination.key : spaces.toDestination(from);
    let surplus: WriteGroup[] = [];
    for await (const key of destination.keysWrittenSinceStart(start, end)) {
      if (!kept.has(spaces.nameAtDestination(key))) surplus.push([{ key, value: undefined }]);
      if (surplus.length < 1000) continue;
      await destination.write(surplus);
      surplus = [];
    }
    await destination.write(surplus);
  }

  private *revisionsOf(events: readonly Event[]): Generator<WriteGroup> {
    let unit: Write[] = [];
    let revision: bigint | undefined;
    for (const { type, kv } of events) {
      if (!kv) continue;
      if (revision !== undefined && kv.modRevision !== revision) {
        yield unit;
        unit = [];
      }
      revision = kv.modRevision;
      const write = this.toWrite(kv);
      unit.push(type === Event_EventType.DELETE ? { key: write.key, value: undefined } : write);
    }
    if (unit.length > 0) yield unit;
  }

  private toWrite({ key, value }: KeyValue): Write {
    return { key: this.options.spaces.toDestination(key), value };
  }
}
