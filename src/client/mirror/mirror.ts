// Copies the keys of one cluster to another, then copies their changes until the user stops it. It survives restarts of both
// clusters, and a compaction of changes that it has not copied yet. Memory stays flat: it holds one page of keys or one
// batch of events at a time.
// Go: client/v3/mirror/syncer.go
import { CliError, ExitCode } from "../../errors";
import { isServerError } from "../../etcd/error-table";
import { nextKey, startsWith } from "../../etcd/keys";
import { quote } from "../../go/quote";
import { RangeRequest } from "../../proto/gen/etcdserverpb";
import { Event_EventType, type Event, type KeyValue } from "../../proto/gen/mvccpb";
import type { EtcdClient } from "../client";
import { readRange } from "../range";
import { afterCompaction, Watch, WatchCanceled } from "../watch";
import type { Destination, Write, WriteGroup } from "./destination";
import type { KeySpaces } from "./key-spaces";
import { PeerHealth, type MirrorContext } from "./peer-health";

export interface MirrorOptions extends MirrorContext {
  readonly source: EtcdClient;
  readonly destination: Destination;
  readonly spaces: KeySpaces;
  /** The first revision to copy changes from. 0: copy all keys first. */
  readonly fromRevision: bigint;
}

export class Mirror {
  /** The destination has every change up to this revision. */
  private doneRevision: bigint;
  private readonly sourceHealth: PeerHealth;

  constructor(private readonly options: MirrorOptions) {
    this.doneRevision = options.fromRevision > 0n ? options.fromRevision - 1n : 0n;
    this.sourceHealth = new PeerHealth("the source", options);
  }

  /** Runs until it fails. */
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
        if (isGap && hasFollowed) {
          const { clock, streamOptions } = this.options;
          await afterCompaction(error, clock, streamOptions().signal);
          await this.resync(error.compactRevision);
        } else await this.sourceHealth.waitForRetry(error);
      }
    }
  }

  /** The source's cluster ID. Throws when the source is unreachable; after this first call the mirror waits instead. */
  private async readSourceClusterId(): Promise<bigint | undefined> {
    const { source, spaces, callOptions } = this.options;
    const { key, rangeEnd } = spaces.source;
    const request = RangeRequest.create({ key, rangeEnd, countOnly: true, limit: 1n });
    const { header } = await source.kv.range(request, callOptions());
    await this.sourceHealth.reportUp();
    return header?.clusterId;
  }

  /** Inside one cluster, writes to the range that the mirror reads would be mirrored again without end. */
  private async rejectSelfMirror(): Promise<void> {
    const { source, destination } = this.options.spaces;
    if (!startsWith(destination.prefix, source.prefix)) return;
    if (!(await this.options.destination.isSameCluster(this.options.source))) return;
    const [from, to] = [source, destination].map(({ prefix }) => quote(Buffer.from(prefix)));
    const problem = `the destination is the source's own cluster, and its prefix ${to} is inside ${from}: every write would be mirrored again`;
    const hints = ["name another cluster, or a --dest-prefix that does not begin with --prefix"];
    throw new CliError(ExitCode.badArgs, problem, { hints });
  }

  /** With progress notifications, the mirror of a quiet range stays up to date when the source compacts. */
  private changes(): Watch {
    const { source, spaces, streamOptions, clock } = this.options;
    const { key, rangeEnd } = spaces.source;
    return new Watch(
      source.watch,
      { key, rangeEnd, startRevision: this.doneRevision + 1n, progressNotify: true },
      {
        streamOptions: streamOptions(),
        clock,
        onCreated: () => void this.sourceHealth.reportUp(),
        onStreamBroken: (error) => void this.sourceHealth.reportDown(error),
      },
    );
  }

  private async resync(compactRevision: bigint): Promise<void> {
    const { report, fromRevision } = this.options;
    const gap = `the source has compacted its changes from ${this.doneRevision + 1n} to ${compactRevision - 1n}`;
    await report(`${gap}; comparing all keys instead`);
    if (fromRevision > 0n) {
      await report("keys that an earlier mirror copied, and that were deleted meanwhile, may remain");
    }
    await this.copy({ since: this.doneRevision, isResync: true });
  }

  /**
   * Writes every key that changed after revision `since`. A resync also deletes the keys that the source no longer has, but
   * only those written since this mirror started: the destination may have older keys of other programs.
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
          // The copy took longer than the source keeps its history. Start again at a newer revision.
          [revision, next, isResync] = [0n, key, true];
        } else await this.sourceHealth.waitForRetry(error);
      }
    }
    this.doneRevision = revision;
  }

  /** Deletes the destination's keys without a key in `kvs`. `from` is a source key, `end` a destination key. */
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
    let group: Write[] = [];
    let revision: bigint | undefined;
    for (const { type, kv } of events) {
      if (!kv) continue;
      if (revision !== undefined && kv.modRevision !== revision) {
        yield group;
        group = [];
      }
      revision = kv.modRevision;
      const write = this.toWrite(kv);
      group.push(type === Event_EventType.DELETE ? { key: write.key, value: undefined } : write);
    }
    if (group.length > 0) yield group;
  }

  private toWrite({ key, value }: KeyValue): Write {
    return { key: this.options.spaces.toDestination(key), value };
  }
}
