// Applies the entries of the raft log to the state: what clients propose now, and at a start what the log has.
// Go: server/etcdserver/apply/uber_applier.go, apply in server/etcdserver/server.go
import { performance } from "node:perf_hooks";
import { decodeRaftRequest } from "../../etcd/raft-request";
import type { InternalRaftRequest } from "../../proto/gen/etcdserverpb";
import { ConfChange, EntryType, type Entry } from "../../proto/gen/raftpb";
import { decode } from "../../proto/message";
import { afterwards, isSteps, toEnd, type Steps } from "../../storage/steps";
import { ApplyQueue } from "./apply-queue";
import { applyRequest, requestIn, type RequestKind, type RequestOf, type ResponseOf } from "./appliers";
import { changeRecordedMembers } from "./apply-v2";
import type { Access } from "../auth/checks";
import { applyConfChange } from "../cluster/conf-change";
import type { Membership } from "../cluster/membership";
import { compactionLog } from "./compaction-log";
import type { LeaderStreams } from "./leader-streams";
import type { Limits } from "./limits";
import type { ServerMetrics } from "../metrics/server-metrics";
import { CompactedError } from "../mvcc/kv";
import { isRefusal, toServerError } from "./errors";
import type { ProposalTimes } from "./proposal-times";
import type { ServerState } from "./server-state";
import type { LogSink } from "./slow-requests";

const noData = new Uint8Array();

/** What learns of the changes. */
interface Observers {
  readonly limits: Limits;
  readonly metrics: ServerMetrics;
  readonly leaderStreams: LeaderStreams;
  readonly onLog?: LogSink | undefined;
}

export class Applying {
  private readonly queue: ApplyQueue;

  constructor(
    private readonly state: ServerState,
    private readonly observers: Observers,
    private readonly times: ProposalTimes,
  ) {
    this.queue = new ApplyQueue(state.store.turn);
  }

  /**
   * Applies an entry after those that are being applied. Without an index it is the next one. The index counts as applied at
   * the end: a db file that is written before does not claim the entry.
   */
  entry<T, O>(
    known: bigint | undefined,
    apply: (index: bigint) => T | Steps<T>,
    respond: (result: T) => O,
  ): O | Promise<O> {
    const { raft } = this.state;
    const result = this.queue.run(() => {
      const index = known ?? raft.index + 1n;
      const applied = () => {
        raft.index = index;
      };
      return afterwards(
        () => apply(index),
        (value) => {
          applied();
          return respond(value);
        },
        applied,
      );
    });
    return result instanceof Promise ? result.catch(rethrow) : result;
  }

  /** Runs steps between which nothing is applied. */
  alone<T>(start: () => T | Steps<T>): T | Promise<T> {
    return this.queue.run(start);
  }

  /** Applies everything that waits. */
  finish(): void {
    this.queue.finish();
  }

  /** Applies a request, and measures how long that takes. */
  request<K extends RequestKind>(
    index: bigint,
    kind: K,
    request: RequestOf<K>,
    access: Access,
    proposedAt: number,
  ): ResponseOf<K> | Steps<ResponseOf<K>> {
    const { state, times } = this;
    const { metrics, onLog } = this.observers;
    const startedAt = performance.now();
    const compacted =
      kind === "compaction" ? compactionLog({ store: state.store, metrics, onLog }) : undefined;
    return afterwards(
      () => applyRequest({ state, index }, kind, request, access),
      (response) => {
        times.applied(kind, request, { proposedAt, startedAt, isApplied: true, response });
        compacted?.();
        return response;
      },
      (error) => {
        const isApplied = error instanceof CompactedError;
        times.applied(kind, request, { proposedAt, startedAt, isApplied, error });
      },
    );
  }

  /** Changes the member list. */
  members(change: ConfChange): Membership {
    const { state, observers } = this;
    const { maxLearners } = observers.limits;
    changeRecordedMembers(state.v2, change, maxLearners);
    state.membership = applyConfChange(state.membership, change, maxLearners);
    observers.leaderStreams.changed(state.membership.hasQuorum);
    return state.membership;
  }

  /**
   * Applies an entry that was in the log before this start, in the same way as at its first time. A request that was refused
   * then is refused again.
   */
  again({ Type, Index = 0n, Term = 0n, Data = noData }: Entry): void {
    const { raft } = this.state;
    if (Index <= raft.index) return;
    raft.index = Index;
    raft.term = Term;
    if (Data.length === 0) return;
    try {
      if (Type === EntryType.EntryConfChange) this.members(decode(ConfChange, Data));
      else this.requestAgain(Index, decodeRaftRequest(Data));
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
  }

  private requestAgain(index: bigint, request: InternalRaftRequest): void {
    const { state } = this;
    const found = requestIn(request);
    if (found === undefined) throw new Error("a request that this version does not know");
    const { username = "", authRevision: revision = 0n } = request.header ?? {};
    const { auth, lessor } = state;
    const access = { auth, lessor, caller: username === "" ? undefined : username, revision };
    const result = applyRequest({ state, index }, found.kind, found.value as never, access);
    if (isSteps(result)) toEnd(result as Steps<unknown>);
  }
}

function rethrow(error: unknown): never {
  throw toServerError(error);
}
