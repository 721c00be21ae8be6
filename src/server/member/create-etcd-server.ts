// Makes an EtcdServer from the contents of a db file or from nothing, and the contents that the next file receives.
// Must stay true: buckets that the engine does not interpret are in the next file unchanged.
import type { Clock } from "../../clock";
import type { Metadata } from "../../proto/gen/etcdserverpb";
import type { DatabaseContents, RawBucket } from "../../storage/contents";
import { bucketName, metaKey } from "../../storage/schema";
import { hashSteps, snapshotSteps } from "../../storage/write-database";
import { createEngine } from "../apply/engine";
import { AuthStore } from "../auth/auth-store";
import { authBuckets } from "../auth/buckets";
import { createTokens } from "../auth/tokens";
import { newMembership, restoredMembership, type Membership, type NewCluster } from "../cluster/membership";
import { ClusterVersions } from "../cluster/versions";
import { EtcdServer } from "./etcd-server";
import { limitsOf, type AuthOptions, type LimitOptions } from "./limits";
import { featuresOf } from "./feature-gates";
import { leaseIds } from "../lease/lessor";
import { ServerMetrics } from "../metrics/server-metrics";
import { createAlarms } from "./alarms";
import type { ServerState } from "./server-state";
import type { SlowLimits } from "./slow-requests";
import { recordMembers } from "../v2store/membership";
import { recoverStore } from "../v2store/save";
import { V2Store } from "../v2store/store";

export interface EtcdServerOptions extends NewCluster {
  readonly clock: Clock;
  /** Contents of a db file. Absent: an empty store. */
  readonly contents?: DatabaseContents | undefined;
  /** Keys to put before the first request, all in one revision. */
  readonly keys?: readonly (readonly [key: Uint8Array, value: Uint8Array])[] | undefined;
  readonly limits?: LimitOptions | undefined;
  readonly auth?: AuthOptions | undefined;
  readonly minLeaseTtlSeconds?: number | undefined;
  readonly leaseGraceMs?: number | undefined;
  readonly electionTimeoutMs?: number | undefined;
  readonly watchProgressIntervalMs?: number | undefined;
  /**
   * The store of version 2 as a .snap file has it; without `json` it is empty, and the log has everything. Default: the one
   * in `contents`, else the members alone.
   */
  readonly v2Store?: { readonly json: string | undefined } | undefined;
  /** The ids of cluster and member in a log. Absent: there is no log. */
  readonly metadata?: Metadata | undefined;
  /** The member gets a new log, in which it publishes its name and the version of the cluster. Default: false. */
  readonly beginsLog?: boolean | undefined;
  /** The entries of a log follow: leases do not expire before promote(). Default: false. */
  readonly isReplaying?: boolean | undefined;
  /** The members of a pretended cluster. Default: one member, or those of `contents`. */
  readonly membership?: Membership | undefined;
  /** False while a pretended cluster has no leader: leases do not expire then. Default: always true. */
  readonly hasLeader?: (() => boolean) | undefined;
  readonly onError?: EtcdServer["onError"];
  readonly assertWritable?: EtcdServer["assertWritable"];
  /** Receives what the server counts. Default: a new one. */
  readonly serverMetrics?: ServerMetrics | undefined;
  readonly stopGrpcServiceOnDefrag?: boolean | undefined;
  readonly featureGates?: Readonly<Record<string, boolean>> | undefined;
  readonly onLog?: EtcdServer["onLog"];
  readonly slow?: SlowLimits | undefined;
}

// A new cluster of one member has four entries in its log when it is ready: the member, the leader's empty entry, the
// member's attributes and the cluster version. Its leader is elected in term 2.
const firstIndex = 4n;
/** Of a new log: the last two of these entries follow when the server starts. */
const firstIndexOfLog = 2n;
const firstTerm = 2n;

export function createEtcdServer(options: EtcdServerOptions): EtcdServer {
  const { clock, contents, metadata, serverMetrics: metrics = new ServerMetrics() } = options;
  const buckets = contents?.otherBuckets ?? [];
  const membership = options.membership ?? membershipOf(options);
  const { store, lessor } = createEngine({
    clock,
    contents,
    metrics,
    nextLeaseId: leaseIds(membership.memberId, clock.now()),
    minLeaseTtlSeconds: options.minLeaseTtlSeconds,
    leaseGraceMs: options.leaseGraceMs ?? options.electionTimeoutMs,
    watchProgressIntervalMs: options.watchProgressIntervalMs,
    isReplaying: options.isReplaying,
    isPrimary: () => state.membership.hasQuorum && options.hasLeader?.() !== false,
    onLeaseExpired(id) {
      metrics.leasesExpired++;
      server.proposeAlone("leaseRevoke", { ID: id });
    },
  });
  const newIndex = options.beginsLog === true ? firstIndexOfLog : firstIndex;
  const state: ServerState = {
    store,
    lessor,
    membership,
    versions: new ClusterVersions(buckets, contents?.clusterVersion),
    auth: new AuthStore({
      buckets,
      tokens: createTokens({ clock, type: options.auth?.token, ttlSeconds: options.auth?.tokenTtlSeconds }),
    }),
    v2: newV2Store(options, membership),
    alarms: createAlarms(buckets.find(({ name }) => name === bucketName.alarm)),
    raft: {
      term: larger(contents?.term, metadata === undefined ? firstTerm : 0n),
      index: larger(contents?.consistentIndex, metadata === undefined ? newIndex : 0n),
    },
  };
  putKeys(state, options.keys ?? []);
  const server = new EtcdServer(
    state,
    {
      clock,
      limits: limitsOf(options.limits),
      authOptions: options.auth ?? {},
      onError: options.onError,
      assertWritable: options.assertWritable,
      metrics,
      features: featuresOf(featureGates(options)),
      onLog: options.onLog,
      electionTimeoutMs: options.electionTimeoutMs,
      slow: options.slow,
    },
    {
      snapshot: (from) => snapshotSteps(contentsOf(from, contents)),
      hash: (from) => hashSteps(contentsOf(from, contents)),
    },
  );
  if (options.isReplaying !== true) server.settleVersion();
  return server;
}

function featureGates({ featureGates: gates = {}, stopGrpcServiceOnDefrag: stops }: EtcdServerOptions) {
  const given = new Map(Object.entries(gates));
  return stops === undefined ? given : given.set("StopGRPCServiceOnDefrag", stops);
}

function membershipOf({ contents, metadata, ...options }: EtcdServerOptions): Membership {
  if (metadata === undefined && contents === undefined) return newMembership(options);
  const { NodeID: memberId = 0n, ClusterID: clusterId = 0n } = metadata ?? {};
  const ids = metadata === undefined ? undefined : { memberId, clusterId };
  return restoredMembership(contents?.members ?? [], options, ids);
}

function newV2Store({ clock, contents, v2Store }: EtcdServerOptions, { members }: Membership): V2Store {
  const nowNs = () => BigInt(clock.now()) * 1_000_000n;
  const json = v2Store?.json ?? contents?.v2Store;
  if (json !== undefined) return recoverStore(json, nowNs);
  const store = new V2Store(nowNs);
  if (v2Store === undefined) recordMembers(store, [], members);
  return store;
}

function putKeys({ store }: ServerState, keys: NonNullable<EtcdServerOptions["keys"]>): void {
  if (keys.length === 0) return;
  const write = store.write();
  for (const [key, value] of keys) write.put(key, value, 0n);
  write.end();
}

/**
 * The contents of a db file with the server's present state. `openedFrom` is the file that the server was made from.
 * It stays valid while the server changes.
 */
export function contentsOf(server: EtcdServer, openedFrom?: DatabaseContents): DatabaseContents {
  const { store, lessor, membership, raft, versions, alarms, auth } = server;
  const uninterpreted = (openedFrom?.otherBuckets ?? []).filter(
    ({ name }) => name !== bucketName.alarm && !authBuckets.has(name),
  );
  return {
    records: store.records(),
    byKey: store.byKey(),
    leases: lessor.dump(),
    finishedCompactRevision: store.finishedCompactRevision,
    scheduledCompactRevision: Math.max(store.compactRevision, 0),
    consistentIndex: raft.index,
    term: raft.term,
    members: membership.members,
    clusterVersion: versions.cluster,
    storageVersion: versions.storage,
    otherBuckets: [
      ...uninterpreted,
      ...auth.dump(),
      ...versions.dump(),
      alarms.dump(),
      confState(membership),
      removedMembers(membership),
    ],
  };
}

/** The voters and learners, as raft stores them beside the log position. A real etcd started on the file reads it. */
function confState({ members }: Membership): RawBucket {
  const ids = (learner: boolean) => members.filter((each) => each.isLearner === learner).map(({ id }) => id);
  const learners = ids(true).length > 0 ? `"learners":[${ids(true).join(",")}],` : "";
  const json = `{"voters":[${ids(false).join(",")}],${learners}"auto_leave":false}`;
  return { name: bucketName.meta, entries: [[Buffer.from(metaKey.confState), Buffer.from(json)]] };
}

/** The ids of removed members, which are never used again. Ids that the file already lists stay in it. */
function removedMembers({ removed }: Membership): RawBucket {
  const entries = removed.map((id) => [Buffer.from(id.toString(16)), Buffer.from("removed")] as const);
  return { name: bucketName.membersRemoved, entries };
}

function larger(a: bigint | undefined, b: bigint): bigint {
  return a !== undefined && a > b ? a : b;
}
