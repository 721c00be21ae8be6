// The checks of the settings before the server starts, with etcd's texts.
// Go: Validate in server/embed/config.go, VerifyBootstrap in server/config/config.go
import { CliError, ExitCode } from "../../errors";
import { quote } from "../../go/quote";
import { formatDuration } from "../../go/units";
import { parseInitialCluster } from "../../server/cluster/membership";
import type { ServeFlags } from "./flags";

const maxElectionMs = 50_000;

/** Throws CliError for the first setting that etcd refuses. */
export function validate(flags: ServeFlags): void {
  const hashCheckMs = (flags as { "compact-hash-check-time"?: number })["compact-hash-check-time"] ?? 1;
  const heartbeatMs = flags["heartbeat-interval"];
  const electionMs = flags["election-timeout"];
  if (heartbeatMs === 0) fail(`--heartbeat-interval must be >0 (set to 0ms)`);
  if (electionMs === 0) fail(`--election-timeout must be >0 (set to 0ms)`);
  if (5 * heartbeatMs > electionMs) {
    fail(
      `--election-timeout[${electionMs}ms] should be at least as 5 times as --heartbeat-interval[${heartbeatMs}ms]`,
    );
  }
  if (electionMs > maxElectionMs) {
    fail(`--election-timeout[${electionMs}ms] is too long, and should be set less than ${maxElectionMs}ms`);
  }
  if (hashCheckMs <= 0)
    fail(
      `--compact-hash-check-time must be >0 (set to ${formatDuration(BigInt(Math.round(hashCheckMs * 1e6)))})`,
    );
  const mode = flags["auto-compaction-mode"];
  if (mode === "") fail("undefined auto-compaction-mode");
  if (!["periodic", "revision"].includes(mode)) fail(`unknown auto-compaction-mode ${quote(mode)}`);
}

/**
 * The value of --initial-cluster. Without it, it follows from --initial-advertise-peer-urls; with both, they must name the
 * same URLs. etcd demands both, except for the default.
 */
export function initialCluster(flags: ServeFlags): string | undefined {
  const { name } = flags;
  const advertised = splitUrls(flags["initial-advertise-peer-urls"]);
  const given = flags["initial-cluster"];
  const ofAdvertised = advertised.map((url) => `${name}=${url}`).join(",");
  const cluster = parsedCluster(given || ofAdvertised);
  if (given === "") return ofAdvertised || undefined;
  const own = cluster.get(name);
  if (own === undefined || advertised.length === 0) return given;
  const missing = own.filter((url) => !advertised.includes(url));
  const advertisedText = advertised.toSorted().join(",");
  if (missing.length > 0) {
    const names = missing.map((url) => `${name}=${url}`).join(",");
    fail(`--initial-cluster has ${names} but missing from --initial-advertise-peer-urls=${advertisedText}`);
  }
  const surplus = advertised.filter((url) => !own.includes(url));
  if (surplus.length > 0) {
    fail(
      `--initial-advertise-peer-urls has ${surplus.join(",")} but missing from --initial-cluster=${ofAdvertised}`,
    );
  }
  const all = [...cluster.values()].flat();
  if (new Set(all).size < all.length) fail(`initial cluster ${given} has duplicate url`);
  return given;
}

function parsedCluster(text: string): ReturnType<typeof parseInitialCluster> {
  try {
    return parseInitialCluster(text);
  } catch (cause) {
    return fail(`error setting up initial cluster: ${(cause as Error).message}`);
  }
}

/** In etcd, a repeated flag replaces the value before it, so the flag is not a list. */
export function splitUrls(urls: string): string[] {
  return [...new Set(urls.split(",").filter((url) => url.trim() !== ""))];
}

function fail(message: string): never {
  throw new CliError(ExitCode.error, message);
}
