// The cluster of a restored member: members and IDs from etcd's own flags, refused with etcd's texts in etcd's order.
// Go: server/config/config.go (VerifyBootstrap), server/etcdserver/api/membership/cluster.go
import { CliError, ExitCode } from "../errors";
import { quote } from "../go/quote";
import { advertisedMismatch } from "../server/cluster/advertised";
import { clusterIdOf, memberIdOf, parseInitialCluster } from "../server/cluster/membership";
import { parseUrls } from "../server/cluster/urls";
import type { StoredMember } from "../storage/contents";
import type { Io } from "../io";
import { log } from "./database-file";

type LogIo = Pick<Io, "stderr" | "clock">;

export interface NewClusterFlags {
  readonly name: string;
  readonly initialCluster: string;
  readonly token: string;
  /** Comma-separated. */
  readonly peerURLs: string;
}

export interface Cluster {
  readonly id: bigint;
  /** The restored member. */
  readonly localMember: StoredMember;
  /** In rising order of IDs, the restored member included. */
  readonly members: readonly StoredMember[];
}

/** Logs the URLs that it resolves, as etcd does. */
export async function newCluster(flags: NewClusterFlags, io: LogIo): Promise<Cluster> {
  const { name, token } = flags;
  const advertised = asCliError(() => parseUrls(flags.peerURLs.split(",")));
  const byName = asCliError(() => parseInitialCluster(flags.initialCluster));
  const localURLs = byName.get(name);
  if (localURLs === undefined) {
    throw refusal(`couldn't find local name ${quote(name)} in the initial cluster configuration`);
  }
  const mismatch = await advertisedMismatch(name, advertised, parseUrls(localURLs), {
    clock: io.clock,
    log: (level, message, fields) => log(io, message, fields, level),
  });
  if (mismatch !== undefined) throw refusal(mismatch);
  const pairs = [...byName].flatMap(([each, urls]) => urls.map((url) => `${each}=${url}`)).sort();
  const all = [...byName.values()].flat();
  if (new Set(all).size < all.length) throw refusal(`initial cluster ${pairs.join(",")} has duplicate url`);
  const members = [...byName]
    .map(([each, peerURLs]): StoredMember => {
      const id = memberIdOf(peerURLs, token);
      return { id, name: each, peerURLs, clientURLs: [], isLearner: false };
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const localMember = members.find((member) => member.name === name) as StoredMember;
  return { id: clusterIdOf(members.map(({ id }) => id)), localMember, members };
}

function asCliError<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw refusal((error as Error).message);
  }
}

function refusal(message: string): CliError {
  return new CliError(ExitCode.error, message);
}
