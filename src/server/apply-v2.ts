// Requests of version 2, and what members publish. Before etcd 3.5, members publish their attributes and the cluster version
// as requests of version 2; later there are requests of their own. Both end up in the same places.
// Go (etcd 3.4): applierV2store in etcdserver/apply_v2.go
import type { Request } from "../proto/gen/etcdserverpb";
import { withAttributes, type MemberAttributes } from "./cluster/membership";
import type { ServerState } from "./server-state";
import { applyV2Request } from "./v2store/apply";
import type { StoreEvent } from "./v2store/event";
import { hasVersion, isVersionNewest, recordAttributes, recordVersion } from "./v2store/membership";

/** Undefined for a request without a response. Throws V2Error. */
export function applyV2(state: ServerState, request: Request): StoreEvent | undefined {
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

export function setAttributes(state: ServerState, memberId: bigint, attributes: MemberAttributes): void {
  state.membership = withAttributes(state.membership, memberId, attributes);
  const member = state.membership.members.find(({ id }) => id === memberId);
  if (member !== undefined) recordAttributes(state.v2, member);
  // etcd's leader proposes the cluster version when the first member has published. This server has no such proposal.
  if (!hasVersion(state.v2)) recordVersion(state.v2);
}

export function setClusterVersion(state: ServerState, version: string): void {
  state.versions.setCluster(version);
  if (!isVersionNewest(state.v2)) recordVersion(state.v2);
}
