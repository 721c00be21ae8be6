// A real etcd with data of every kind, a snapshot that Go's etcdctl saves, and the responses of the etcd.
import { Child } from "../support/child";
import { etcdPrograms, startEtcd, type EtcdVersion } from "../support/real-etcd";
import type { Member, ServerGroup } from "../support/server-group";

export interface EtcdContents {
  readonly revision: number;
  readonly kvs: unknown;
  readonly leases: string;
  readonly users: string;
  readonly roles: string;
}

export interface Get {
  readonly count: number;
  readonly header: { readonly revision: number };
}

/** Starts an etcd, fills it, saves a snapshot and returns its data. */
export async function saved(
  version: EtcdVersion,
  fillIt: (member: Member) => Promise<void>,
  snapshot: string,
): Promise<EtcdContents> {
  const group: ServerGroup = await startEtcd(version);
  try {
    const member = group.members[0] as Member;
    await fillIt(member);
    const contents = await contentsOf(version, member);
    await ctl(version, member, "snapshot", "save", snapshot);
    return contents;
  } finally {
    await group.stop();
  }
}

/** 300 keys, one of them deleted, some overwritten, one with a lease; users and roles; a compaction. */
export async function fill(member: Member): Promise<void> {
  const version = await versionOf(member);
  for (let from = 0; from < 300; from += 100) {
    const puts = Array.from({ length: 100 }, (_, at) => `put /app/${from + at} "${"value ".repeat(at)}"`);
    for (let at = 0; at < 100; at += 50) await txn(version, member, puts.slice(at, at + 50));
  }
  for (let at = 0; at < 310; at++)
    if (at % 20 === 0) await ctl(version, member, "put", `/app/${at % 300}`, "again");
  await ctl(version, member, "del", "/app/7");
  const [, lease = ""] = /lease (\w+)/.exec(await ctl(version, member, "lease", "grant", "5000")) ?? [];
  await ctl(version, member, "put", "leased", "1", "--lease", lease);
  await ctl(version, member, "compaction", "10");
  await ctl(version, member, "role", "add", "reader");
  await ctl(version, member, "role", "grant-permission", "reader", "read", "/app/", "/app0");
  await ctl(version, member, "user", "add", "alice:secret");
  await ctl(version, member, "user", "grant-role", "alice", "reader");
}

async function versionOf(member: Member): Promise<EtcdVersion> {
  const answer = await fetch(`http://${member.endpoint}/version`);
  const { etcdserver } = (await answer.json()) as { etcdserver: string };
  return etcdserver.startsWith("3.4") ? "3.4" : "3.5";
}

async function txn(version: EtcdVersion, member: Member, puts: readonly string[]): Promise<void> {
  await ctl(version, member, { input: `\n${puts.join("\n")}\n\n\n` }, "txn");
}

/** All data without the values that depend on the cluster or the time. */
export async function contentsOf(version: EtcdVersion, member: Member): Promise<EtcdContents> {
  const get = JSON.parse(await ctl(version, member, "get", "", "--prefix", "-w", "json")) as Get & {
    kvs: unknown;
  };
  return {
    revision: get.header.revision,
    kvs: get.kvs,
    leases: await ctl(version, member, "lease", "list"),
    users: await ctl(version, member, "user", "list"),
    roles: await ctl(version, member, "role", "list"),
  };
}

export async function ctl(
  version: EtcdVersion,
  member: Member,
  ...words: (string | { input: string })[]
): Promise<string> {
  const input = words.find((word) => typeof word !== "string")?.input;
  const args = words.filter((word) => typeof word === "string");
  const env = { PATH: process.env["PATH"], ETCDCTL_API: "3", ETCDCTL_ENDPOINTS: member.endpoint };
  const child = new Child([etcdPrograms(version).etcdctl, ...args], { env, input });
  const { exit, stdout, stderr } = await child.finish();
  if (exit !== 0) throw new Error(`etcdctl ${args.join(" ")}: ${stderr.toString()}`);
  return stdout.toString();
}
