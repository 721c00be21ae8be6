// Requests of version 2, and what members publish. Before etcd 3.5, members publish their attributes and the cluster version
// as requests of version 2; later there are requests of their own. Both end up in the same places.
// Go (etcd 3.4): applierV2store in etcdserver/apply_v2.go
import { decodeRaftRequest } from "../../etcd/raft-request";
import { isOlder, parseVersion } from "../../etcd/versions";
import type { Request } from "../../proto/gen/etcdserverpb";
import { ConfChange, EntryType, type Entry } from "../../proto/gen/raftpb";
import { decode } from "../../proto/message";
import { applyConfChange } from "../cluster/conf-change";
import {
  MembershipError,
  withAttributes,
  type MemberAttributes,
  type Membership,
} from "../cluster/membership";
import type { ClusterVersions } from "../cluster/versions";
import { applyV2Request } from "../v2store/apply";
import type { StoreEvent } from "../v2store/event";
import {
  hasVersion,
  isVersionNewest,
  recordAttributes,
  recordedMembers,
  recordMembers,
  recordVersion,
} from "../v2store/membership";
import type { V2Store } from "../v2store/store";
import { V2Error } from "../v2store/v2-error";

/** What requests of version 2 change. */
interface V2State {
  readonly v2: V2Store;
  membership: Membership;
  readonly versions: Pick<ClusterVersions, "setCluster">;
}

/** Undefined for a request without a response. Throws V2Error. */
export function applyV2(state: V2State, request: Request): StoreEvent | undefined {
  const { Method, Path = "", Val = "" } = request;
  if (Method !== "PUT" || !Path.startsWith("/0/")) return applyV2Request(state.v2, request);
  const [, id] = /^\/0\/members\/([0-9a-f]{1,16})\/attributes$/.exec(Path) ?? [];
  if (id !== undefined) {
    const { name = "", clientURLs = [] } = JSON.parse(Val) as Partial<MemberAttributes>;
    setAttributes(state, BigInt(`0x${id}`), { name, clientURLs });
  } else if (Path === "/0/version") {
    setClusterVersion(state, Val);
  }
  return undefined;
}

/**
 * Repeats in the store of version 2 what an entry of the log has done there: the db file has the entry already, the .snap
 * file has not. A request that was refused then is refused again.
 */
export function replayV2(v2: V2Store, entry: Entry): void {
  try {
    applyAgain(v2, entry);
  } catch (error) {
    if (!(error instanceof V2Error)) throw error;
  }
}

function applyAgain(v2: V2Store, { Type, Data }: Entry): void {
  if (Data === undefined || Data.length === 0) return;
  if (Type === EntryType.EntryConfChange)
    return changeRecordedMembers(v2, decode(ConfChange, Data), Infinity);
  const {
    v2: request,
    clusterMemberAttrSet: attributes,
    clusterVersionSet: version,
  } = decodeRaftRequest(Data);
  if (request !== undefined) applyV2(scratchState(v2), request);
  if (version !== undefined) setClusterVersion(scratchState(v2), version.ver);
  if (attributes !== undefined) {
    const { name = "", clientUrls: clientURLs = [] } = attributes.memberAttributes ?? {};
    setAttributes(scratchState(v2), attributes.memberID, { name, clientURLs });
  }
}

/** A change that the recorded members do not allow does nothing: when a log is repeated, they may have it already. */
export function changeRecordedMembers(v2: V2Store, change: ConfChange, maxLearners: number): void {
  const { membership } = scratchState(v2);
  try {
    const after = applyConfChange(membership, change, maxLearners);
    recordMembers(v2, membership.members, after.members);
  } catch (error) {
    if (!(error instanceof MembershipError)) throw error;
  }
}

function scratchState(v2: V2Store): V2State {
  const members = recordedMembers(v2);
  const membership = {
    clusterId: 0n,
    memberId: 0n,
    members,
    removed: [],
    started: Infinity,
    hasQuorum: true,
  };
  return { v2, membership, versions: { setCluster: () => undefined } };
}

export function setAttributes(state: V2State, memberId: bigint, attributes: MemberAttributes): void {
  state.membership = withAttributes(state.membership, memberId, attributes);
  const member = state.membership.members.find(({ id }) => id === memberId);
  if (member !== undefined) recordAttributes(state.v2, member);
  // The cluster version follows as a proposal, but not in a store that is only in memory.
  if (!hasVersion(state.v2)) recordVersion(state.v2);
}

export function setClusterVersion(state: V2State, version: string): void {
  state.versions.setCluster(version);
  if (!hasVersion(state.v2) || (isWrittenByOld(version) && !isVersionNewest(state.v2)))
    recordVersion(state.v2);
}

/** Up to 3.5, etcd writes the cluster version into the store of version 2 too. */
function isWrittenByOld(text: string): boolean {
  const version = parseVersion(text);
  return typeof version !== "string" && isOlder(version, { major: 3n, minor: 6n, patch: 0n });
}
