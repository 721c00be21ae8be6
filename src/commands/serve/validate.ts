// The checks of the settings before the server starts, with etcd's texts.
// Go: Validate in server/embed/config.go
import { CliError, ExitCode } from "../../errors";
import { quote } from "../../go/quote";
import { formatDuration } from "../../go/units";
import { checkBindable } from "../../server/cluster/urls";
import { featuresOf, parseFeatureGates } from "../../server/member/feature-gates";
import { flagUrls } from "./flag-values";
import type { ServeFlags } from "./flags";
import { tlsVersionsOf } from "./tls-settings";

const maxElectionMs = 50_000;

const listenFlags = [
  "listen-peer-urls",
  "listen-client-urls",
  "listen-client-http-urls",
  "listen-metrics-urls",
] as const;

const advertiseFlags = [
  ["initial-advertise-peer-urls", '"host:port"'],
  ["advertise-client-urls", 'in the format "host:port", "unix:/path/to/socket" or "unixs:/path/to/socket"'],
] as const;

/** Throws CliError for the first setting that etcd refuses. */
export function validate(flags: ServeFlags): void {
  for (const url of listenFlags.flatMap((name) => flagUrls(flags, name))) checked(() => checkBindable(url));
  for (const [name, form] of advertiseFlags) {
    const urls = flagUrls(flags, name);
    const wrong = urls.find(({ address }) => "host" in address && address.host === "");
    if (wrong === undefined) continue;
    const all = quote(urls.map(({ text }) => text).join(","));
    fail(`--${name} ${all} must be ${form} (unexpected empty host (${wrong.text}))`);
  }
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
  const mode = flags["auto-compaction-mode"];
  if (mode === "") fail("undefined auto-compaction-mode");
  if (!["periodic", "revision"].includes(mode)) fail(`unknown auto-compaction-mode ${quote(mode)}`);
  checkFeatures(flags);
  const hashCheckMs = (flags as { "compact-hash-check-time"?: number })["compact-hash-check-time"] ?? 1;
  if (hashCheckMs <= 0)
    fail(
      `--compact-hash-check-time must be >0 (set to ${formatDuration(BigInt(Math.round(hashCheckMs * 1e6)))})`,
    );
  tlsVersionsOf(flags);
  if (flags["wal-dir"] !== "" && flags["data-dir"] === "")
    throw new CliError(ExitCode.error, "--wal-dir needs --data-dir", {
      hints: ["without --data-dir all data is in memory, and nothing would be in --wal-dir"],
    });
}

/** They change nothing here, but with etcd such a server does not start. */
function checkFeatures(flags: ServeFlags): void {
  const earlier = "experimental-enable-lease-checkpoint";
  const given = flags as Readonly<Record<string, unknown>>;
  if (given[`${earlier}-persist`] === true && given[earlier] !== true)
    fail(`setting ${earlier}-persist requires ${earlier}`);
  const features = featuresOf(parseFeatureGates(flags["feature-gates"]));
  const isOn = (wanted: string) => features.some(({ name, isOn }) => name === wanted && isOn);
  if (isOn("LeaseCheckpointPersist") && !isOn("LeaseCheckpoint"))
    fail("enabling feature gate LeaseCheckpointPersist requires enabling feature gate LeaseCheckpoint");
}

function checked(check: () => void): void {
  try {
    check();
  } catch (error) {
    fail((error as Error).message);
  }
}

function fail(message: string): never {
  throw new CliError(ExitCode.error, message);
}
