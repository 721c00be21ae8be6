// Who this member is: its id and the cluster's, derived from peer URLs and token exactly as etcd derives them, so that
// the ids equal those of a real etcd with the same flags. Answers to etcd's api/membership (member.go, cluster.go).
import { createHash } from "node:crypto";
import { parseUrls } from "./urls";
import type { StoredMember } from "../backend/contents";

export interface Membership {
  readonly clusterId: bigint;
  readonly memberId: bigint;
  readonly members: readonly StoredMember[];
}

export interface NewCluster {
  readonly name: string;
  /** `m0=http://10.0.0.1:2380,…` */
  readonly initialCluster: string;
  readonly token: string;
  readonly clientURLs: readonly string[];
}

/** The membership of a cluster that starts now. Throws with etcd's text when the name is not in it. */
export function newMembership(options: NewCluster): Membership {
  const cluster = parseInitialCluster(options.initialCluster);
  const peerURLs = cluster.get(options.name);
  if (peerURLs === undefined) {
    throw new Error(`couldn't find local name "${options.name}" in the initial cluster configuration`);
  }
  if (cluster.size > 1) {
    throw new Error(
      `the embedded server is a cluster of one member, --initial-cluster names ${cluster.size}: ${[...cluster.keys()].join(", ")}`,
    );
  }
  const id = memberIdOf(peerURLs, options.token);
  const member = { id, name: options.name, peerURLs, clientURLs: options.clientURLs, isLearner: false };
  return { clusterId: clusterIdOf([id]), memberId: id, members: [member] };
}

/**
 * The membership a db file brings along. The member's own name and addresses are those of this start, as in etcd,
 * which publishes them anew; the file does not hold the cluster's id, which follows from its members.
 */
export function restoredMembership(stored: readonly StoredMember[], options: NewCluster): Membership {
  const sorted = stored.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const own = sorted.find((member) => member.name === options.name) ?? sorted[0];
  if (own === undefined) return newMembership(options);
  return {
    clusterId: clusterIdOf(sorted.map((member) => member.id)),
    memberId: own.id,
    members: sorted.map((member) =>
      member === own ? { ...own, name: options.name, clientURLs: options.clientURLs } : member,
    ),
  };
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

/** A name may come several times, once for each of its URLs. */
function parseInitialCluster(text: string): Map<string, string[]> {
  const urls = new Map<string, string[]>();
  for (const pair of text.split(",").filter((part) => part !== "")) {
    const [name = "", ...url] = pair.split("=");
    urls.set(name, [...(urls.get(name) ?? []), url.join("=")]);
  }
  return new Map([...urls].map(([name, each]) => [name, parseUrls(each).map((url) => url.text)]));
}
