// The member list and the ids of cluster and members. Ids are derived from peer URLs and token as in etcd, so they equal
// those of a real etcd with the same flags. No other member ever starts: an added learner never catches up, and an added
// voter takes the quorum away, as in an etcd of one member.
// Go: server/etcdserver/api/membership/member.go and cluster.go
import { createHash } from "node:crypto";
import type { StoredMember } from "../../storage/contents";
import { parseUrls } from "./urls";

export interface Membership {
  readonly clusterId: bigint;
  readonly memberId: bigint;
  /** Sorted by id. */
  readonly members: readonly StoredMember[];
  /** Ids of the members removed since the start. */
  readonly removed: readonly bigint[];
  /** How many voters have started. One, except in a pretended cluster. */
  readonly started: number;
  /** False after voters were added, which never start, when those that have started are no majority. */
  readonly hasQuorum: boolean;
}

export interface NewCluster {
  readonly name?: string | undefined;
  /** `NAME=http://HOST:PORT`. Default: `NAME=http://localhost:2380`. */
  readonly initialCluster?: string | undefined;
  readonly initialClusterToken?: string | undefined;
}

export const defaultName = "default";

/** The membership of a new cluster. The client URLs are added later, see withAttributes. Throws with etcd's texts. */
export function newMembership(options: NewCluster): Membership {
  const { name = defaultName, initialClusterToken: token = "etcd-cluster" } = options;
  const cluster = parseInitialCluster(options.initialCluster ?? `${name}=http://localhost:2380`);
  const peerURLs = cluster.get(name);
  if (peerURLs === undefined) {
    throw new Error(`couldn't find local name "${name}" in the initial cluster configuration`);
  }
  if (cluster.size > 1) {
    throw new Error(
      `the embedded server is a cluster of one member, --initial-cluster names ${cluster.size}: ${[...cluster.keys()].join(", ")}`,
    );
  }
  const id = memberIdOf(peerURLs, token);
  const member = { id, name, peerURLs, clientURLs: [], isLearner: false };
  return { clusterId: clusterIdOf([id]), memberId: id, members: [member], ...alone };
}

/** The ids in the log of a member. */
export interface MemberIds {
  readonly memberId: bigint;
  readonly clusterId: bigint;
}

/** The membership in a db file. The file has no cluster id: without a log it follows from the members. */
export function restoredMembership(
  stored: readonly StoredMember[],
  options: NewCluster,
  ids?: MemberIds,
): Membership {
  const members = stored.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  if (ids !== undefined) return { ...ids, members, ...alone };
  const self = members.find((member) => member.name === (options.name ?? defaultName)) ?? members[0];
  if (self === undefined) return newMembership(options);
  return { clusterId: clusterIdOf(members.map((member) => member.id)), memberId: self.id, members, ...alone };
}

const alone = { removed: [], started: 1, hasQuorum: true };

/** The members of a pretended cluster, which have all started (embedded-cluster.ts). The first one is this member. */
export function pretendedMembership(names: ReadonlyMap<string, string>, token = "etcd-cluster"): Membership {
  const members = Array.from(names, ([name, peerURL]) => {
    return { id: memberIdOf([peerURL], token), name, peerURLs: [peerURL], clientURLs: [], isLearner: false };
  });
  const [first] = members;
  if (first === undefined) throw new RangeError("a cluster has at least one member");
  const sorted = members.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const clusterId = clusterIdOf(members.map(({ id }) => id));
  return { clusterId, memberId: first.id, members: sorted, ...alone, started: members.length };
}

export function withoutOthers(before: Membership): Membership {
  const { memberId, members } = before;
  const self = members.filter(({ id }) => id === memberId).map((each) => ({ ...each, isLearner: false }));
  const others = members.filter(({ id }) => id !== memberId).map(({ id }) => id);
  return { ...before, members: self, removed: [...before.removed, ...others], started: 1, hasQuorum: true };
}

/** What a member publishes about itself at each start. Go: Attributes in membership/member.go */
export type MemberAttributes = Pick<StoredMember, "name" | "clientURLs">;

export function withAttributes(membership: Membership, id: bigint, attributes: MemberAttributes): Membership {
  const members = membership.members.map((each) => (each.id === id ? { ...each, ...attributes } : each));
  return { ...membership, members };
}

export function memberIdOf(peerURLs: readonly string[], token: string): bigint {
  return firstEightBytes(createHash("sha1").update(peerURLs.toSorted().join("") + token));
}

export function clusterIdOf(memberIds: readonly bigint[]): bigint {
  const hash = createHash("sha1");
  const bytes = Buffer.alloc(8);
  for (const id of [...memberIds].sort((a, b) => (a < b ? -1 : 1))) {
    bytes.writeBigUInt64BE(id);
    hash.update(bytes);
  }
  return firstEightBytes(hash);
}

function firstEightBytes(hash: ReturnType<typeof createHash>): bigint {
  return hash.digest().readBigUInt64BE(0);
}

/** The value of `--initial-cluster` as peer URLs by name. A name occurs once for each of its URLs. */
export function parseInitialCluster(text: string): Map<string, string[]> {
  const urls = new Map<string, string[]>();
  for (const pair of text.split(",").filter((part) => part !== "")) {
    const [name = "", ...url] = pair.split("=");
    urls.set(name, [...(urls.get(name) ?? []), url.join("=")]);
  }
  return new Map([...urls].map(([name, each]) => [name, parseUrls(each).map((url) => url.text)]));
}

/** Names in the table of server errors (src/etcd/error-table.ts). */
export type MembershipErrorName =
  | "memberExist"
  | "peerURLExist"
  | "memberNotEnoughStarted"
  | "memberBadURLs"
  | "memberNotFound"
  | "memberNotLearner"
  | "learnerNotReady"
  | "tooManyLearners"
  | "unhealthy";

export class MembershipError extends Error {
  override name = "MembershipError";
  constructor(readonly reason: MembershipErrorName) {
    super(`membership: ${reason}`);
  }
}

/** The id is made of the URLs and the time, so a member that is added again gets a new id. */
export function newMember(peerURLs: readonly string[], isLearner: boolean, nowMs: number): StoredMember {
  const urls = parsePeerUrls(peerURLs);
  const id = memberIdOf(urls, String(Math.floor(nowMs / 1000)));
  return { id, name: "", peerURLs: urls, clientURLs: [], isLearner };
}

function parsePeerUrls(urls: readonly string[]): string[] {
  try {
    return parseUrls(urls).map(({ text }) => text);
  } catch {
    throw new MembershipError("memberBadURLs");
  }
}

/** What a member of a pretended cluster sees of the others. */
export interface Peers {
  /** This member. */
  readonly memberId: bigint;
  isConnectedTo(id: bigint): boolean;
  /** Throws if this member has no leader. `need` says what for, which decides about etcd's wait and error. */
  assertLeader(need: LeaderNeed): void;
}

export type LeaderNeed = "read" | "proposal" | "membership" | "forwarding";

/** What etcd checks before it proposes the new member. Go: mayAddMember in server/etcdserver/server.go */
export function checkAddition(before: Membership, added: StoredMember, peers?: Peers): void {
  const voters = votersOf(before);
  const after = voters.length + 1;
  const isReady = before.started >= majority(after) || (before.started === 1 && after === 2);
  if (!added.isLearner && !isReady) throw new MembershipError("memberNotEnoughStarted");
  if (voters.length > 1 && connected(voters, before, peers) < majority(after))
    throw new MembershipError("unhealthy");
}

function votersOf({ members }: Membership): StoredMember[] {
  return members.filter(({ isLearner }) => !isLearner);
}

function majority(count: number): number {
  return Math.floor(count / 2) + 1;
}

function connected(voters: readonly StoredMember[], { memberId }: Membership, peers?: Peers): number {
  const self = peers?.memberId ?? memberId;
  return voters.filter(({ id }) => id === self || peers?.isConnectedTo(id) === true).length;
}

/** Members that were added have no name, as they never start. */
function hasStarted({ memberId }: Membership, { id, name }: StoredMember): boolean {
  return id === memberId || name !== "";
}

export function withMember(before: Membership, added: StoredMember, maxLearners: number): Membership {
  if (before.members.some(({ id }) => id === added.id)) throw new MembershipError("memberExist");
  checkUrls(before.members, added.peerURLs);
  const learners = before.members.filter(({ isLearner }) => isLearner).length;
  if (added.isLearner && learners >= maxLearners) throw new MembershipError("tooManyLearners");
  const members = [...before.members, added].sort((a, b) => (a.id < b.id ? -1 : 1));
  return withQuorum({ ...before, members });
}

function withQuorum(membership: Membership): Membership {
  return { ...membership, hasQuorum: 2 * membership.started > votersOf(membership).length };
}

/** What etcd checks before it proposes a removal. Go: mayRemoveMember in server/etcdserver/server.go */
export function checkRemoval(before: Membership, id: bigint, peers?: Peers): void {
  const removed = before.members.find((each) => each.id === id);
  if (removed?.isLearner === true) return;
  const voters = votersOf(before);
  const after = withoutVoter(before, removed);
  if (after.started < majority(after.voters)) throw new MembershipError("memberNotEnoughStarted");
  // A member that is down is no part of the active quorum.
  if (id !== (peers?.memberId ?? before.memberId) && peers?.isConnectedTo(id) !== true) return;
  if (connected(voters, before, peers) - 1 < majority(voters.length - 1))
    throw new MembershipError("unhealthy");
}

function withoutVoter(before: Membership, removed: StoredMember | undefined) {
  const { started } = before;
  const voters = votersOf(before).length;
  if (removed === undefined || removed.isLearner) return { started, voters };
  return { started: started - (hasStarted(before, removed) ? 1 : 0), voters: voters - 1 };
}

export function withoutMember(before: Membership, id: bigint): Membership {
  const { started } = withoutVoter(before, find(before, id));
  const members = before.members.filter((each) => each.id !== id);
  return withQuorum({ ...before, members, removed: [...before.removed, id], started });
}

export function withPeerUrls(before: Membership, id: bigint, peerURLs: readonly string[]): Membership {
  find(before, id);
  checkUrls(
    before.members.filter((each) => each.id !== id),
    peerURLs,
  );
  const members = before.members.map((each) => (each.id === id ? { ...each, peerURLs } : each));
  return { ...before, members };
}

export function withPromoted(before: Membership, id: bigint): Membership {
  if (!find(before, id).isLearner) throw new MembershipError("memberNotLearner");
  const members = before.members.map((each) => (each.id === id ? { ...each, isLearner: false } : each));
  return { ...before, members };
}

/** What etcd checks before it proposes a promotion. Learners never catch up here. That voters are no learners, etcd finds out later. */
export function checkPromotion(membership: Membership, id: bigint): void {
  if (find(membership, id).isLearner) throw new MembershipError("learnerNotReady");
}

function find({ members }: Membership, id: bigint): StoredMember {
  const member = members.find((each) => each.id === id);
  if (member === undefined) throw new MembershipError("memberNotFound");
  return member;
}

function checkUrls(members: readonly StoredMember[], peerURLs: readonly string[]): void {
  const taken = new Set(members.flatMap((each) => each.peerURLs));
  if (peerURLs.some((url) => taken.has(url))) throw new MembershipError("peerURLExist");
}
