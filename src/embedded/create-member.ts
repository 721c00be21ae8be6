// A member made of a db file's contents or of nothing, and the contents it leaves behind. Must stay true: what a file
// holds and the engine does not interpret (users, roles, …) is in the next file again.
import type { Clock } from "../io";
import { etcdVersion } from "../etcd-version";
import { createEngine } from "./apply";
import { leaseIds } from "./lease/lease-ids";
import type { DatabaseContents, RawBucket } from "./backend/contents";
import { hashDatabase } from "./backend/hash-database";
import { snapshotStream } from "./backend/write-database";
import { newMembership, restoredMembership, type Membership, type NewCluster } from "./cluster/membership";
import { alarmBucket, createAlarms } from "./rpc/alarms";
import { defaultLimits } from "./rpc/limits";
import { propose, type Limits, type Member } from "./rpc/member";

export interface MemberOptions extends NewCluster {
  readonly clock: Clock;
  /** Absent: an empty store. */
  readonly contents?: DatabaseContents | undefined;
  readonly limits?: Partial<Limits> | undefined;
  readonly minLeaseTtlSeconds?: number | undefined;
  readonly leaseGraceMs?: number | undefined;
  readonly watchProgressIntervalMs?: number | undefined;
  readonly durable?: Member["durable"];
  readonly assertWritable?: Member["assertWritable"];
}

// A new cluster of one has four entries in its log when it is ready: the member, the leader's empty entry, the
// member's attributes, the cluster's version. It came to lead in term 2.
const firstIndex = 4n;
const firstTerm = 2n;
const minorVersion = etcdVersion.replace(/\.\d+$/, ".0");

export function createMember(options: MemberOptions): Member {
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
  const member: Member = {
    engine,
    membership,
    versions: { server: etcdVersion, cluster: minorVersion, storage: minorVersion },
    limits: { ...defaultLimits, ...options.limits },
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
export function contentsOf(member: Member, openedFrom?: DatabaseContents): DatabaseContents {
  const { engine, membership, raft, versions, alarms } = member;
  const kept = (openedFrom?.otherBuckets ?? []).filter(({ name }) => name !== alarmBucket);
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
    otherBuckets: [...kept, alarms.dump(), confState(membership)],
  };
}

/** Who votes, as raft keeps it beside the log position; a real etcd started on the file reads it. */
function confState({ members }: Membership): RawBucket {
  const ids = (learner: boolean) => members.filter((each) => each.isLearner === learner).map(({ id }) => id);
  const learners = ids(true).length > 0 ? `"learners":[${ids(true).join(",")}],` : "";
  const json = `{"voters":[${ids(false).join(",")}],${learners}"auto_leave":false}`;
  return { name: "meta", entries: [[Buffer.from("confState"), Buffer.from(json)]] };
}

/** A snapshot is read while the store goes on: it keeps the records of its moment, not their bytes. */
function frozen(contents: DatabaseContents): DatabaseContents {
  return { ...contents, records: [...contents.records] };
}

function larger(a: bigint | undefined, b: bigint): bigint {
  return a !== undefined && a > b ? a : b;
}
