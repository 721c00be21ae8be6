// --initial-cluster and --initial-advertise-peer-urls, which name the one member. Only the first start looks at them.
// Go: StartEtcd in server/embed/etcd.go, VerifyBootstrap in server/config/config.go
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { CliError, ExitCode } from "../../errors";
import { advertisedMismatch, type Resolver } from "../../server/cluster/advertised";
import { parseInitialCluster } from "../../server/cluster/membership";
import { parseUrls } from "../../server/cluster/urls";
import { flagUrls } from "./flag-values";
import type { ServeFlags } from "./flags";

/** As NAME=URL. Without the flag it follows from --initial-advertise-peer-urls; etcd demands both, except for the default. */
export function initialCluster(flags: ServeFlags): string | undefined {
  const advertised = flagUrls(flags, "initial-advertise-peer-urls");
  const ofAdvertised = advertised.map(({ text }) => `${flags.name}=${text}`).join(",");
  return flags["initial-cluster"] || ofAdvertised || undefined;
}

/** Throws CliError if the two flags do not fit together, as etcd does if the data dir is new. */
export async function checkInitialCluster(flags: ServeFlags, resolver: Resolver): Promise<void> {
  if (flags["max-learners"] < 0n) fail("membership: too many learner members in cluster");
  const given = flags["initial-cluster"];
  if (given === "" || isInitialized(flags)) return;
  const cluster = parsedCluster(given);
  const own = cluster.get(flags.name);
  const advertised = flagUrls(flags, "initial-advertise-peer-urls");
  if (own !== undefined && advertised.length > 0 && flags["initial-cluster-state"] === "new") {
    const mismatch = await advertisedMismatch(flags.name, advertised, parseUrls(own), resolver);
    if (mismatch !== undefined) fail(mismatch);
  }
  const all = [...cluster].flatMap(([name, urls]) => urls.map((url) => ({ url, pair: `${name}=${url}` })));
  if (new Set(all.map(({ url }) => url)).size < all.length) {
    const pairs = all.map(({ pair }) => pair).sort();
    fail(`initial cluster ${pairs.join(",")} has duplicate url`);
  }
}

/** Go: wal.Exist */
export function isInitialized(flags: ServeFlags): boolean {
  const dataDir = flags["data-dir"];
  const walDir = flags["wal-dir"] || (dataDir === "" ? "" : join(dataDir, "member", "wal"));
  if (walDir === "") return false;
  try {
    return readdirSync(walDir).some((name) => name.endsWith(".wal"));
  } catch {
    return false;
  }
}

function parsedCluster(text: string): ReturnType<typeof parseInitialCluster> {
  try {
    return parseInitialCluster(text);
  } catch (cause) {
    return fail(`error setting up initial cluster: ${(cause as Error).message}`);
  }
}

function fail(message: string): never {
  throw new CliError(ExitCode.error, message);
}
