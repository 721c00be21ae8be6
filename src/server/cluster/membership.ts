// Who this member is: its id and the cluster's, derived from peer URLs and token exactly as etcd derives them, so that
// the ids equal those of a real etcd with the same flags. Answers to etcd's api/membership (member.go, cluster.go).
import { createHash } from "node:crypto";
import type { StoredMember } from "../../storage/contents";
import { parseUrls } from "./urls";

export interface Membership {
  readonly clusterId: bigint;
  readonly memberId: bigint;
  /** In order of their ids. */
  readonly members: readonly StoredMember[];
  /** Those who have left since the start. */
  readonly removed: readonly bigint[];
  /** False once a second voter was added: it never starts, and two of two are needed to go on. */
  readonly hasQuorum: boolean;
}

export interface NewCluster {
  readonly name?: string | undefined;
  /** `NAME=http://HOST:PORT`; absent: etcd's default for the name. */
  readonly initialCluster?: string | undefined;
  readonly initialClusterToken?: string | undefined;
}

export const defaultName = "default";

/** Of a cluster that starts now; where it listens it learns later (withOwn). Throws with etcd's texts. */
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

/** The membership a db file brings along; it does not hold the cluster's id, which follows from its members. */
export function restoredMembership(stored: readonly StoredMember[], options: NewCluster): Membership {
  const members = stored.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const own = members.find((member) => member.name === (options.name ?? defaultName)) ?? members[0];
  if (own === undefined) return newMembership(options);
  return { clusterId: clusterIdOf(members.map((member) => member.id)), memberId: own.id, members, ...alone };
}

/** Members that a file brings along do not vote here: who starts on a copy is a cluster of one, as after a restore. */
const alone = { removed: [], hasQuorum: true };

/** What a member says of itself anew at each start. */
export function withOwn(membership: Membership, own: Pick<StoredMember, "name" | "clientURLs">): Membership {
  const members = membership.members.map((each) =>
    each.id === membership.memberId ? { ...each, ...own } : each,
  );
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

/** `--initial-cluster`: peer URLs by name. A name may come several times, once for each of its URLs. */
export function parseInitialCluster(text: string): Map<string, string[]> {
  const urls = new Map<string, string[]>();
  for (const pair of text.split(",").filter((part) => part !== "")) {
    const [name = "", ...url] = pair.split("=");
    urls.set(name, [...(urls.get(name) ?? []), url.join("=")]);
  }
  return new Map([...urls].map(([name, each]) => [name, parseUrls(each).map((url) => url.text)]));
}

// Changes of the membership, with etcd's checks. Nobody else ever starts: a learner that was added stays behind, and a
// second voter takes the quorum away, as it would from an etcd of one member.
// Answers to etcd's membership/cluster.go (ValidateConfigurationChange, IsReadyTo…) and may…Member of server.go.

export type MembershipRefusal =
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
  constructor(readonly refusal: MembershipRefusal) {
    super(`membership: ${refusal}`);
  }
}

/** Its id is made of its URLs and the time, so that who comes back is somebody else. */
export function newMember(peerURLs: readonly string[], isLearner: boolean, nowMs: number): StoredMember {
  const urls = normalized(peerURLs);
  const id = memberIdOf(urls, String(Math.floor(nowMs / 1000)));
  return { id, name: "", peerURLs: urls, clientURLs: [], isLearner };
}

function normalized(urls: readonly string[]): string[] {
  try {
    return parseUrls(urls).map(({ text }) => text);
  } catch {
    throw new MembershipError("memberBadURLs");
  }
}

export function withMember(before: Membership, added: StoredMember, maxLearners: number): Membership {
  if (!before.hasQuorum) throw new MembershipError(added.isLearner ? "unhealthy" : "memberNotEnoughStarted");
  if (before.members.some(({ id }) => id === added.id)) throw new MembershipError("memberExist");
  checkUrls(before.members, added.peerURLs);
  const learners = before.members.filter(({ isLearner }) => isLearner).length;
  if (added.isLearner && learners >= maxLearners) throw new MembershipError("tooManyLearners");
  const members = [...before.members, added].sort((a, b) => (a.id < b.id ? -1 : 1));
  return { ...before, members, hasQuorum: added.isLearner };
}

export function withoutMember(before: Membership, id: bigint): Membership {
  if (id === before.memberId) throw new MembershipError("memberNotEnoughStarted");
  find(before, id);
  const members = before.members.filter((each) => each.id !== id);
  return { ...before, members, removed: [...before.removed, id] };
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

/** Always throws: the learner has nothing of the log yet, and who is no learner cannot be promoted. */
export function checkPromotion(membership: Membership, id: bigint): never {
  const { isLearner } = find(membership, id);
  throw new MembershipError(isLearner ? "learnerNotReady" : "memberNotLearner");
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
