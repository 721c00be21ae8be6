// A member made of a db file's contents or of nothing, and the contents it leaves behind. Must stay true: what a file
// holds and the engine does not interpret is in the next file again.
import type { Clock } from "../clock";
import type { DatabaseContents, RawBucket } from "../storage/contents";
import { hashDatabase, snapshotStream } from "../storage/write-database";
import { createEngine } from "./apply/engine";
import { AuthStore } from "./auth/auth-store";
import { authBuckets } from "./auth/buckets";
import { newMembership, restoredMembership, type Membership, type NewCluster } from "./cluster/membership";
import { ClusterVersions } from "./cluster/versions";
import { defaultLimits, propose, type AuthOptions, type EtcdServer, type Limits } from "./etcd-server";
import { leaseIds } from "./lease/lessor";
import { alarmBucket, createAlarms } from "./rpc/alarms";

export interface EtcdServerOptions extends NewCluster {
  readonly clock: Clock;
  /** Absent: an empty store. */
  readonly contents?: DatabaseContents | undefined;
  readonly limits?: Partial<Limits> | undefined;
  readonly auth?: AuthOptions | undefined;
  readonly minLeaseTtlSeconds?: number | undefined;
  readonly leaseGraceMs?: number | undefined;
  readonly watchProgressIntervalMs?: number | undefined;
  readonly durable?: EtcdServer["durable"];
  readonly assertWritable?: EtcdServer["assertWritable"];
}

// A new cluster of one has four entries in its log when it is ready: the member, the leader's empty entry, the
// member's attributes, the cluster's version. It came to lead in term 2.
const firstIndex = 4n;
const firstTerm = 2n;

export function createEtcdServer(options: EtcdServerOptions): EtcdServer {
  const { clock, contents } = options;
  const membership =
    contents === undefined ? newMembership(options) : restoredMembership(contents.members, options);
  const engine = createEngine({
    clock,
    contents,
    nextLeaseId: leaseIds(membership.memberId, clock.now()),
    minLeaseTtlSeconds: options.minLeaseTtlSeconds,
    leaseGraceMs: options.leaseGraceMs,
    watchProgressIntervalMs: options.watchProgressIntervalMs,
    onLeaseExpired: (id) => void propose(member, 0, () => engine.lessor.revoke(id)),
  });
  const member: EtcdServer = {
    clock,
    engine,
    membership,
    versions: new ClusterVersions(clock, contents?.otherBuckets ?? []),
    limits: { ...defaultLimits, ...options.limits },
    auth: new AuthStore({
      clock,
      buckets: contents?.otherBuckets ?? [],
      tokenTtlSeconds: options.auth?.tokenTtlSeconds,
    }),
    authOptions: options.auth ?? {},
    alarms: createAlarms(contents?.otherBuckets.find(({ name }) => name === alarmBucket)),
    raft: {
      term: larger(contents?.term, firstTerm),
      index: larger(contents?.consistentIndex, firstIndex),
    },
    snapshot: () => snapshotStream(frozen(dump())),
    hashAll: () => hashDatabase(dump()),
    durable: options.durable,
    assertWritable: options.assertWritable,
  };
  const dump = () => contentsOf(member, contents);
  return member;
}

/** What the member's db file would hold now. Its records are those of the store: not to be used across a write. */
export function contentsOf(member: EtcdServer, openedFrom?: DatabaseContents): DatabaseContents {
  const { engine, membership, raft, versions, alarms, auth } = member;
  const kept = (openedFrom?.otherBuckets ?? []).filter(
    ({ name }) => name !== alarmBucket && !authBuckets.has(name),
  );
  return {
    records: engine.store.records(),
    leases: engine.lessor.dump(),
    finishedCompactRevision: engine.store.finishedCompactRevision,
    scheduledCompactRevision: engine.store.finishedCompactRevision,
    consistentIndex: raft.index,
    term: raft.term,
    members: membership.members,
    clusterVersion: versions.cluster,
    storageVersion: versions.storage,
    otherBuckets: [
      ...kept,
      ...auth.dump(),
      ...versions.dump(),
      alarms.dump(),
      confState(membership),
      removedMembers(membership),
    ],
  };
}

/** Who votes, as raft keeps it beside the log position; a real etcd started on the file reads it. */
function confState({ members }: Membership): RawBucket {
  const ids = (learner: boolean) => members.filter((each) => each.isLearner === learner).map(({ id }) => id);
  const learners = ids(true).length > 0 ? `"learners":[${ids(true).join(",")}],` : "";
  const json = `{"voters":[${ids(false).join(",")}],${learners}"auto_leave":false}`;
  return { name: "meta", entries: [[Buffer.from("confState"), Buffer.from(json)]] };
}

/** Ids are never used again. What the file said of this before is kept. */
function removedMembers({ removed }: Membership): RawBucket {
  const entries = removed.map((id) => [Buffer.from(id.toString(16)), Buffer.from("removed")] as const);
  return { name: "members_removed", entries };
}

/** A snapshot is read while the store goes on: it keeps the records of its moment, not their bytes. */
function frozen(contents: DatabaseContents): DatabaseContents {
  return { ...contents, records: [...contents.records] };
}

function larger(a: bigint | undefined, b: bigint): bigint {
  return a !== undefined && a > b ? a : b;
}
