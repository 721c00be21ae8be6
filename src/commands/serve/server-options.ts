// The options of the server from the settings of `serve`. Go: server/embed/etcd.go
import { readFileSync } from "node:fs";
import { CliError, ExitCode } from "../../errors";
import { parseDuration } from "../../go/units";
import type { ServerOptions } from "../../server/server";
import type { ServeFlags } from "./flags";
import { initialCluster, splitUrls } from "./validate";

export function serverOptions(flags: ServeFlags): ServerOptions {
  const dataDir = flags["data-dir"];
  const advertisedUrls = splitUrls(flags["advertise-client-urls"]);
  const progressMs = flags["watch-progress-notify-interval"];
  return {
    name: flags.name,
    listenClientUrls: splitUrls(flags["listen-client-urls"]),
    advertiseClientUrls: advertisedUrls.length > 0 ? advertisedUrls : undefined,
    initialCluster: initialCluster(flags),
    initialClusterToken: flags["initial-cluster-token"],
    tls: tlsFiles(flags),
    enableV2: flags["enable-v2"],
    dataDir: dataDir === "" ? undefined : dataDir,
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
    leaseGraceMs: flags["election-timeout"],
    watchProgressIntervalMs: progressMs > 0 ? Math.max(progressMs, minProgressIntervalMs) : undefined,
  };
}

const hourMs = 3_600_000;

/** A bare number means hours or revisions, depending on the mode. A duration is accepted in both modes, as in etcd. */
function autoCompaction(flags: ServeFlags): ServerOptions["autoCompaction"] {
  const mode = flags["auto-compaction-mode"];
  const text = flags["auto-compaction-retention"];
  const count = /^\+?\d+$/.test(text) ? Number(text) : undefined;
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

/** 3/2 of the election timeout, in whole heartbeats. Go: minTTL in server/etcdserver/server.go. */
function minLeaseTtlSeconds(flags: ServeFlags): number {
  const heartbeatMs = flags["heartbeat-interval"];
  const electionTicks = Math.floor(flags["election-timeout"] / heartbeatMs);
  return Math.ceil((Math.floor((3 * electionTicks) / 2) * heartbeatMs) / 1000);
}

function tlsFiles(flags: ServeFlags): ServerOptions["tls"] {
  const cert = flags["cert-file"];
  const key = flags["key-file"];
  const ca = flags["trusted-ca-file"];
  if (cert === "" && key === "") return undefined;
  if (cert === "" || key === "") {
    throw new CliError(
      ExitCode.error,
      `KeyFile and CertFile must both be present[key: ${key}, cert: ${cert}]`,
    );
  }
  const clientCa = ca === "" ? [] : [readPem(ca)];
  const wantsClientCert = ca !== "" || flags["client-cert-auth"];
  return { cert: readPem(cert), key: readPem(key), clientCa: wantsClientCert ? clientCa : undefined };
}

function readPem(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new CliError(ExitCode.error, `can not read ${path}: ${(cause as Error).message}`, { cause });
  }
}
