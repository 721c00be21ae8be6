// The options of the server from the settings of `serve`. Go: server/embed/etcd.go
import { CliError, ExitCode } from "../../errors";
import { parseDuration } from "../../go/units";
import type { ServerOptions } from "../../server/server-options";
import type { TlsSettings } from "../../server/http/tls-server";
import { parseFeatureGates } from "../../server/member/feature-gates";
import { splitUrls } from "./flag-values";
import { supportedFlags, type ServeFlags } from "./flags";
import { initialCluster } from "./initial-cluster";
import { tlsSettings } from "./tls-settings";

/** `onProblem` receives why a certificate is not taken or a client refused, while the server runs. */
export function serverOptions(
  flags: ServeFlags,
  onProblem: NonNullable<TlsSettings["onProblem"]>,
): ServerOptions {
  const dataDir = flags["data-dir"];
  const advertisedUrls = splitUrls(flags["advertise-client-urls"]);
  const progressMs = flags["watch-progress-notify-interval"];
  return {
    name: flags.name,
    listenClientUrls: splitUrls(flags["listen-client-urls"] || supportedFlags["listen-client-urls"].default),
    advertiseClientUrls: advertisedUrls.length > 0 ? advertisedUrls : undefined,
    initialCluster: initialCluster(flags),
    initialClusterToken: flags["initial-cluster-token"],
    enableV2: flags["enable-v2"],
    listening: {
      tls: tlsSettings(flags, onProblem),
      httpUrls: splitUrls(flags["listen-client-http-urls"]),
      metricsUrls: splitUrls(flags["listen-metrics-urls"]),
      access: { cors: splitUrls(flags.cors), hosts: splitUrls(flags["host-whitelist"]) },
      gateway: flags["enable-grpc-gateway"],
      maxConcurrentStreams: flags["max-concurrent-streams"],
      keepAlive: {
        minTimeMs: flags["grpc-keepalive-min-time"],
        intervalMs: flags["grpc-keepalive-interval"],
        timeoutMs: flags["grpc-keepalive-timeout"],
      },
    },
    metrics: flags.metrics === "extensive" ? "extensive" : "basic",
    featureGates: Object.fromEntries(parseFeatureGates(flags["feature-gates"])),
    stopGrpcServiceOnDefrag: flags["experimental-stop-grpc-service-on-defrag"] || undefined,
    slow: { applyMs: flags["warning-apply-duration"], callMs: flags["warning-unary-request-duration"] },
    forceNewCluster: flags["force-new-cluster"],
    dataDir: dataDir === "" ? undefined : dataDir,
    // A server that is just stopping may take that long.
    lockWaitMs: 10_000,
    walDir: flags["wal-dir"] === "" ? undefined : flags["wal-dir"],
    snapshotCount: Number(flags["snapshot-count"]) || undefined,
    maxWals: flags["max-wals"],
    maxSnapshots: flags["max-snapshots"],
    unsafeNoFsync: flags["unsafe-no-fsync"],
    limits: {
      maxRequestBytes: flags["max-request-bytes"],
      maxTxnOps: flags["max-txn-ops"],
      maxLearners: Number(flags["max-learners"]),
      quotaBytes: flags["quota-backend-bytes"],
    },
    autoCompaction: autoCompaction(flags),
    auth: {
      token: flags["auth-token"],
      tokenTtlSeconds: flags["auth-token-ttl"],
      bcryptCost: flags["bcrypt-cost"],
      clientCertAuth: flags["client-cert-auth"],
    },
    minLeaseTtlSeconds: minLeaseTtlSeconds(flags),
    electionTimeoutMs: electionTicks(flags) * flags["heartbeat-interval"],
    watchProgressIntervalMs: progressMs > 0 ? Math.max(progressMs, minProgressIntervalMs) : undefined,
  };
}

const hourMs = 3_600_000;

/** A bare number means hours or revisions, depending on the mode. A duration is accepted in both modes, as in etcd. */
function autoCompaction(flags: ServeFlags): ServerOptions["autoCompaction"] {
  const mode = flags["auto-compaction-mode"];
  const text = flags["auto-compaction-retention"] || "0";
  const count = /^\+?\d+$/.test(text) && BigInt(text) < 2n ** 63n ? Number(text) : undefined;
  const isRevision = mode === "revision";
  try {
    if (isRevision && count !== undefined) return count === 0 ? undefined : { mode, keepRevisions: count };
    const keepMs = count === undefined ? Number(parseDuration(text)) / 1e6 : count * hourMs;
    if (keepMs === 0) return undefined;
    return isRevision ? { mode, keepRevisions: keepMs * 1e6 } : { mode: "periodic", keepMs };
  } catch (cause) {
    throw new CliError(ExitCode.error, `error parsing CompactionRetention: ${(cause as Error).message}`, {
      cause,
    });
  }
}

const minProgressIntervalMs = 100;

/** etcd counts the election timeout in whole heartbeats. Go: ElectionTicks in server/embed/config.go */
function electionTicks(flags: ServeFlags): number {
  return Math.floor(flags["election-timeout"] / flags["heartbeat-interval"]);
}

/** 3/2 of the election timeout. Go: minTTL in server/etcdserver/server.go. */
function minLeaseTtlSeconds(flags: ServeFlags): number {
  return Math.ceil((Math.floor((3 * electionTicks(flags)) / 2) * flags["heartbeat-interval"]) / 1000);
}
