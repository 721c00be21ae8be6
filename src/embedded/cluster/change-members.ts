// Changes of the membership, with etcd's checks. Nobody else ever starts: a learner that was added stays behind, and a
// second voter takes the quorum away, as it would from an etcd of one member.
// Answers to etcd's membership/cluster.go (ValidateConfigurationChange, IsReadyTo…) and may…Member of server.go.
import type { StoredMember } from "../backend/contents";
import { memberIdOf, type Membership } from "./membership";
import { parseUrls } from "./urls";

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
