// Members and cluster version in the store of version 2, where etcd 3.4 and 3.5 read them at their start.
// Go (etcd 3.4): etcdserver/api/membership/store.go
//
//   /0/members/ID/raftAttributes   {"peerURLs":[…]}, with "isLearner":true for a learner
//   /0/members/ID/attributes       {"name":…,"clientURLs":[…]}, once the member has published them
//   /0/removed_members/ID          empty
//   /0/version                     3.4.0
import { jsonString } from "../../go/quote";
import type { StoredMember } from "../../storage/contents";
import type { V2Store } from "./store";

/** Writes the difference between two member lists, as the requests between them would have. */
export function recordMembers(
  store: V2Store,
  before: readonly StoredMember[],
  after: readonly StoredMember[],
): void {
  for (const member of after) {
    const known = before.find(({ id }) => id === member.id);
    const path = `/0/members/${member.id.toString(16)}`;
    const raftAttributes = raftAttributesJson(member);
    if (known === undefined) store.create(`${path}/raftAttributes`, false, raftAttributes, false, {});
    else if (raftAttributesJson(known) !== raftAttributes) {
      store.update(`${path}/raftAttributes`, raftAttributes, {});
    }
  }
  for (const { id } of before) {
    if (after.some((member) => member.id === id)) continue;
    store.delete(`/0/members/${id.toString(16)}`, true, true);
    store.create(`/0/removed_members/${id.toString(16)}`, false, "", false, {});
  }
}

/** The members that are in the store. */
export function recordedMembers(store: V2Store): StoredMember[] {
  const members = store.root.children?.get("0")?.children?.get("members")?.children ?? new Map();
  return [...members].map(([hex, { children }]) => {
    const json = (name: string) => JSON.parse(children?.get(name)?.value || "{}") as Partial<StoredMember>;
    const { peerURLs = [], isLearner = false } = json("raftAttributes");
    const { name = "", clientURLs = [] } = json("attributes");
    return { id: BigInt(`0x${hex}`), name, peerURLs, clientURLs, isLearner };
  });
}

export function recordAttributes(store: V2Store, { id, name, clientURLs }: StoredMember): void {
  const named = name === "" ? [] : [`"name":${jsonString(name)}`];
  const urls = clientURLs.length === 0 ? [] : [`"clientURLs":[${clientURLs.map(jsonString).join(",")}]`];
  store.set(`/0/members/${id.toString(16)}/attributes`, false, `{${[...named, ...urls].join(",")}}`, {});
}

export function hasVersion(store: V2Store): boolean {
  return versionIndex(store) !== undefined;
}

/** Whether the version is the last thing that was written. */
export function isVersionNewest(store: V2Store): boolean {
  return versionIndex(store) === store.currentIndex;
}

function versionIndex(store: V2Store): number | undefined {
  return store.root.children?.get("0")?.children?.get("version")?.modifiedIndex;
}

/** Only etcd 3.4 reads the version here, and refuses one above 3.4. Later versions read it from the db file. */
export function recordVersion(store: V2Store): void {
  store.set("/0/version", false, "3.4.0", {});
}

function raftAttributesJson({ peerURLs, isLearner }: StoredMember): string {
  const learner = isLearner ? `,"isLearner":true` : "";
  return `{"peerURLs":[${peerURLs.map(jsonString).join(",")}]${learner}}`;
}
