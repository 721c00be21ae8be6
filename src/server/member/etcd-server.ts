// The server object that all handlers share: read access to the state, and `propose`, the only way to change it.
// Go: server/etcdserver/server.go and v3_server.go, for a cluster of one member that always leads.
import { performance } from "node:perf_hooks";
import type { Clock } from "../../clock";
import { serverError } from "../../etcd/error-table";
import { InternalRaftRequest, type ResponseHeader } from "../../proto/gen/etcdserverpb";
import { ConfChange, EntryType, type Entry } from "../../proto/gen/raftpb";
import type { Steps } from "../../storage/steps";
import { NewEntry, type EntryLog } from "../../storage/wal/entry-log";
import type { ByteStream } from "../../storage/write-database";
import { isRead, type RequestKind, type RequestOf, type ResponseOf } from "./appliers";
import { Applying } from "./applying";
import { replayV2, setAttributes } from "./apply-v2";
import { root } from "../auth/auth-store";
import type { Access } from "../auth/checks";
import { Passwords } from "../auth/passwords";
import { withoutOthers, type MemberAttributes, type Membership, type Peers } from "../cluster/membership";
import { uniqueIds } from "../lease/lessor";
import type { ServerMetrics } from "../metrics/server-metrics";
import { entryBytes } from "./costs";
import { toServerError } from "./errors";
import type { ReadableState, ServerState } from "./server-state";
import type { Feature } from "./feature-gates";
import { defaultElectionTimeoutMs, type AuthOptions, type Limits } from "./limits";
import { LeaderStreams } from "./leader-streams";
import { ProposalTimes } from "./proposal-times";
import { Serving } from "./serving";
import { SlowRequests, type LogSink, type SlowLimits } from "./slow-requests";
import { V2Expiry } from "../v2store/expiry";
import { VersionMonitor } from "./version-monitor";
import { recordedMembers, recordMembers } from "../v2store/membership";
import { saveStore } from "../v2store/save";

interface ServerConfig {
  readonly clock: Clock;
  readonly limits: Limits;
  readonly authOptions: AuthOptions;
  /** Receives an error in work that no call waits for. */
  readonly onError?: ((error: unknown) => void) | undefined;
  /** Throws if the store is read-only. */
  readonly assertWritable?: (() => void) | undefined;
  readonly metrics: ServerMetrics;
  /** etcd's features. With StopGRPCServiceOnDefrag the health service says NOT_SERVING during a defragmentation. */
  readonly features: readonly Feature[];
  /** Receives the lines of the log. */
  readonly onLog?: LogSink | undefined;
  /** Default: 1000. */
  readonly electionTimeoutMs?: number | undefined;
  /** From when on a request is slow. */
  readonly slow?: SlowLimits | undefined;
}

/** Who proposes. */
export interface ProposedBy {
  /** Default: the server itself, which may do everything. */
  readonly access?: Access | undefined;
  /** Size of the encoded request, for the limit. */
  readonly requestSizeBytes?: number;
  /** The other members, as the member sees them that received the request. */
  readonly peers?: Peers | undefined;
}

function asItIs<T, O>(value: T): O {
  return value as unknown as O;
}

export class EtcdServer implements ReadableState, ServerConfig {
  readonly store: ReadableState["store"];
  readonly lessor: ReadableState["lessor"];
  readonly auth: ReadableState["auth"];
  readonly alarms: ReadableState["alarms"];
  readonly versions: ReadableState["versions"];
  readonly v2: ReadableState["v2"];
  readonly raft: ReadableState["raft"];
  readonly clock: Clock;
  readonly limits: Limits;
  readonly authOptions: AuthOptions;
  assertWritable: ServerConfig["assertWritable"];
  readonly onError: ServerConfig["onError"];
  readonly metrics: ServerMetrics;
  readonly features: readonly Feature[];
  readonly serving = new Serving();
  readonly onLog: ServerConfig["onLog"];
  readonly slowRequests: SlowRequests;
  readonly leaderStreams: LeaderStreams;
  readonly passwords = new Passwords();
  readonly #state: ServerState;
  /** Writes the db file after a defragmentation. Undefined: there is none. */
  saveDefragmented: (() => Promise<void>) | undefined;
  /** Makes each change durable before it is applied. Undefined: all changes are only in memory. */
  #log: EntryLog | undefined;
  readonly #v2Expiry: V2Expiry;
  readonly #times: ProposalTimes;
  readonly #versionMonitor: VersionMonitor;
  readonly #applying: Applying;

  constructor(
    state: ServerState,
    config: ServerConfig,
    private readonly images: {
      snapshot(server: EtcdServer): Steps<ByteStream>;
      hash(server: EtcdServer): Steps<number>;
    },
  ) {
    this.#state = state;
    this.#nextRequestId = uniqueIds(state.membership.memberId, config.clock.now());
    this.store = state.store;
    this.lessor = state.lessor;
    this.auth = state.auth;
    this.alarms = state.alarms;
    this.versions = state.versions;
    this.v2 = state.v2;
    this.raft = state.raft;
    this.clock = config.clock;
    this.limits = config.limits;
    this.authOptions = config.authOptions;
    this.onError = config.onError;
    this.assertWritable = config.assertWritable;
    this.metrics = config.metrics;
    this.features = config.features;
    this.onLog = config.onLog;
    this.slowRequests = new SlowRequests(
      config.slow ?? {},
      config.metrics,
      () => config.clock.now(),
      config.onLog,
    );
    this.#times = new ProposalTimes(config.metrics, this.slowRequests);
    this.leaderStreams = new LeaderStreams(
      config.clock,
      config.electionTimeoutMs ?? defaultElectionTimeoutMs,
    );
    this.#applying = new Applying(state, this, this.#times);
    this.#versionMonitor = new VersionMonitor(this);
    this.#v2Expiry = new V2Expiry(state.v2, config.clock, (cutoffNs) => this.#expireV2(cutoffNs));
  }

  get membership(): Membership {
    return this.#state.membership;
  }

  /**
   * Proposes a request: the only way to change keys, leases, users, alarms and versions. It becomes one entry of the raft
   * log, whether its applier succeeds or throws. `respond` makes the response in the turn in which the request is applied.
   */
  proposeRequest<K extends RequestKind, O = ResponseOf<K>>(
    kind: K,
    request: RequestOf<K>,
    { access = this.rootAccess(), requestSizeBytes = 0, peers }: ProposedBy = {},
    respond: (result: ResponseOf<K>) => O = asItIs,
  ): O | Promise<O> {
    const startedAt = performance.now();
    const apply = (index: bigint) => this.#applying.request(index, kind, request, access, startedAt);
    // Nothing to make durable. A read-only store has no log that could get the entry.
    if (isRead(kind, request) && this.#log === undefined) {
      assertLeader(this);
      peers?.assertLeader("proposal");
      return this.#applying.entry(this.assertWritable && this.raft.index, apply, respond);
    }
    const applied = (result: ResponseOf<K>) => {
      if (kind === "downgradeInfoSet") this.#versionMonitor.checkLater();
      return respond(result);
    };
    const entry = () =>
      new NewEntry(EntryType.EntryNormal, InternalRaftRequest, {
        ID: 0n,
        header: this.#requestHeader(access),
        [kind]: request,
      });
    const sizeBytes = entryBytes(this.membership.memberId, access, requestSizeBytes);
    const refused = () => this.#times.refused(kind, startedAt);
    return this.#propose(sizeBytes, apply, applied, entry, refused, peers);
  }

  /** Proposes a change of the member list. It has no limit, as in etcd. */
  proposeConfChange<O>(change: ConfChange, respond: (result: Membership) => O): O | Promise<O> {
    const apply = () => this.#applying.members(change);
    const entry = () =>
      new NewEntry(EntryType.EntryConfChange, ConfChange, { id: this.#nextRequestId(), ...change });
    return this.#propose(0, apply, respond, entry);
  }

  #propose<T, O>(
    sizeBytes: number,
    apply: (index: bigint) => T | Steps<T>,
    respond: (result: T) => O,
    entry: () => NewEntry,
    refused?: () => void,
    peers?: Peers,
  ): O | Promise<O> {
    try {
      this.#admit(sizeBytes, peers);
    } catch (error) {
      refused?.();
      throw error;
    }
    const log = this.#log;
    if (log === undefined) return this.#applying.entry(undefined, apply, respond);
    return new Promise<O>((resolve, reject) => {
      const onDurable = (index: bigint) => {
        try {
          resolve(this.#applying.entry(index, apply, respond));
        } catch (error) {
          reject(toServerError(error) as Error);
        }
      };
      log.append(entry(), onDurable, (error) => {
        refused?.();
        reject(error);
      });
    });
  }

  #admit(sizeBytes: number, peers: Peers | undefined): void {
    this.assertWritable?.();
    if (sizeBytes > this.limits.maxRequestBytes) throw serverError("requestTooLarge");
    if (!this.membership.hasQuorum) this.metrics.proposalsFailed++;
    assertLeader(this);
    peers?.assertLeader("proposal");
  }

  /** Runs steps between which nothing is applied. */
  runAlone<T>(start: () => T | Steps<T>): T | Promise<T> {
    return this.#applying.alone(start);
  }

  /** Proposes work that no call waits for. */
  proposeAlone<K extends RequestKind>(kind: K, request: RequestOf<K>): void {
    const result = this.proposeRequest(kind, request);
    if (result instanceof Promise) result.catch((error: unknown) => this.onError?.(error));
  }

  /** Applies an entry that was in the log before this start. */
  replay(entry: Entry): void {
    this.#applying.again(entry);
  }

  /** Repeats an entry that only the store of version 2 does not have. */
  replayV2(entry: Entry): void {
    replayV2(this.#state.v2, entry);
  }

  /** Removes what has expired: for a server without timers. */
  async expireV2(): Promise<void> {
    const nowNs = BigInt(this.clock.now()) * 1_000_000n;
    const { v2 } = this.#state;
    if (this.#log === undefined) return v2.deleteExpired(nowNs);
    if ((v2.nextExpiryNs ?? nowNs + 1n) <= nowNs) await this.#expireV2(nowNs);
  }

  /** Undefined: done, or not possible now. */
  #expireV2(cutoffNs: bigint): Promise<void> | undefined {
    if (!this.membership.hasQuorum || this.assertWritable !== undefined) return undefined;
    const result = this.proposeRequest("v2", { Method: "SYNC", Time: cutoffNs });
    if (!(result instanceof Promise)) return undefined;
    return result.then(() => undefined).catch((error: unknown) => this.onError?.(error));
  }

  /** Writes the members into the store of version 2, where they can be missing after the loss of a .snap file. */
  recordMembers(): void {
    const { v2, membership } = this.#state;
    recordMembers(v2, recordedMembers(v2), membership.members);
  }

  /** The store of version 2 as a .snap file has it. */
  saveV2(): string {
    return saveStore(this.#state.v2);
  }

  /** For the server's own proposals, and for callers that are trusted. Go: WithRoot in server/auth/store.go */
  rootAccess(): Access {
    const { auth, lessor } = this;
    return { auth, lessor, caller: auth.enabled ? root : undefined, revision: auth.revision };
  }

  #requestHeader({ caller, revision }: Access) {
    const authRevision = caller === undefined ? 0n : revision;
    return { ID: this.#nextRequestId(), username: caller ?? "", authRevision };
  }

  /** Unique over restarts and members, as the ids that etcd gives to its requests. Go: pkg/idutil/id.go */
  readonly #nextRequestId: () => bigint;

  /** From now on, changes are written to the log, whose entries get this term. */
  useLog(log: EntryLog, term = this.raft.term): void {
    this.#log = log;
    this.#state.raft.term = term;
  }

  /** From now on, leases expire. */
  promote(): void {
    this.#state.lessor.promote();
  }

  /** Appends the entry with which a leader begins its term. */
  async lead(): Promise<void> {
    await this.#propose(
      0,
      () => undefined,
      () => undefined,
      () => new NewEntry(EntryType.EntryNormal),
    );
  }

  /** The other members in a file have no vote: a server started on a copy is a cluster of one, as after a restore. */
  standAlone(): void {
    this.#state.membership = withoutOthers(this.membership);
  }

  /** The files of one member of several are only read, for which no leader is needed. */
  readAlone(refuseWrites: () => never): void {
    this.assertWritable = refuseWrites;
    this.#state.membership = { ...this.membership, hasQuorum: true };
  }

  /**
   * Sets the name and client URLs of this member, once its listeners are open, and the version of the cluster. Resolves to
   * whether the log has an entry for it, which it has not if they are the same as before. Go: publishV3 in server.go
   */
  async publish(attributes: MemberAttributes, memberID = this.membership.memberId): Promise<boolean> {
    if (this.#log === undefined) {
      setAttributes(this.#state, memberID, attributes);
      return false;
    }
    const { versions, membership } = this;
    const self = membership.members.find(({ id }) => id === memberID);
    const isNew = self?.name !== attributes.name || self.clientURLs.join() !== attributes.clientURLs.join();
    const isDue = versions.isDue && membership.hasQuorum;
    const memberAttributes = { name: attributes.name, clientUrls: [...attributes.clientURLs] };
    if (isNew) await this.proposeRequest("clusterMemberAttrSet", { memberID, memberAttributes });
    if (isDue) await this.proposeRequest("clusterVersionSet", { ver: versions.next });
    return isNew || isDue;
  }

  /** Gives the cluster its version without an entry of the log. */
  settleVersion(): void {
    this.#state.versions.setCluster(this.versions.next);
  }

  /**
   * Rewrites the records in memory without holes, and the db file, if there is one. Local to this member and not an entry in
   * the log, as in etcd.
   */
  defragment(): void | Promise<void> {
    this.assertWritable?.();
    const { metrics } = this;
    const ended = () => {
      metrics.defragsRunning--;
      this.serving.set(true);
    };
    metrics.defragsRunning++;
    const stopsServing = this.features.some(({ name, isOn }) => name === "StopGRPCServiceOnDefrag" && isOn);
    if (stopsServing) this.serving.set(false);
    let result: void | Promise<void>;
    try {
      result = metrics.defragSeconds.time(() => this.#rewriteStore());
    } catch (error) {
      ended();
      throw error;
    }
    return result instanceof Promise ? result.finally(ended) : ended();
  }

  #rewriteStore(): void | Promise<void> {
    const { saveDefragmented } = this;
    const done = this.#state.store.defragment();
    return saveDefragmented === undefined ? done : Promise.resolve(done).then(saveDefragmented);
  }

  /** The present state as the file that `snapshot save` writes. */
  snapshot(): ByteStream | Promise<ByteStream> {
    return this.store.turn.runInBackground(this.images.snapshot(this));
  }

  /** Hash over everything that a db file of the present state would contain. */
  hashAll(): number | Promise<number> {
    return this.metrics.hashSeconds.time(() => this.store.turn.runInBackground(this.images.hash(this)));
  }

  /** Applies everything that waits, before the state is saved. */
  finishApplying(): void {
    this.#applying.finish();
  }

  /** Stops the lease timer and the thread for passwords, and finishes compactions. The state can still be read. */
  close(): void {
    this.passwords.close();
    this.leaderStreams.close();
    this.#state.lessor.close();
    this.#v2Expiry.close();
    this.#versionMonitor.close();
    this.v2.close();
    this.finishApplying();
    this.#state.store.finish();
  }
}

/** Required before every change and every linearizable read. */
export function assertLeader({ membership }: EtcdServer): void {
  if (!membership.hasQuorum) throw serverError("noLeader");
}

/** A response header. `revision` 0n or absent means the current revision of the store. */
export function header(server: EtcdServer, revision = 0n): ResponseHeader {
  return { ...identity(server), revision: revision === 0n ? BigInt(server.store.revision) : revision };
}

/** The header of the responses that carry no revision in etcd. */
export function identity(server: EtcdServer): ResponseHeader {
  const { clusterId, memberId } = server.membership;
  return { clusterId, memberId, revision: 0n, raftTerm: server.raft.term };
}
