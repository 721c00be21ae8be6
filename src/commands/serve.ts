// `etcdctl serve`: the embedded server as a process, until Ctrl-C or SIGTERM. The only command that knows the server.
// Answers to etcd's own command line (server/etcdmain).
import { readFileSync } from "node:fs";
import type { FlagValues } from "../cli/flags";
import { CliError, ExitCode } from "../errors";
import { parseDuration } from "../go/units";
import type { Io } from "../io";
import type { ServerOptions } from "../server/server";
import { defineCommand } from "./command";
import { refusedFlags, serveFlags, type servedFlags } from "./serve-flags";

type Values = FlagValues<typeof servedFlags>;

export const command = defineCommand({
  flags: serveFlags,
  variables: "ETCD_",

  async run({ io }, args, flags) {
    const refused = refusedFlags(flags);
    if (args[0] !== undefined) throw new CliError(ExitCode.badArgs, `"${args[0]}" is not a valid flag`);
    if (refused.length > 0) {
      throw new CliError(ExitCode.badArgs, `the embedded server has no --${refused.join(", --")}`, {
        hints: ["run etcd itself for this"],
      });
    }
    if (flags["auth-token"] !== "simple") {
      throw new CliError(
        ExitCode.badArgs,
        `the embedded server has no tokens of kind "${flags["auth-token"]}", only simple ones`,
        { hints: ["run etcd itself for --auth-token jwt"] },
      );
    }
    const { EmbeddedServer } = await import("../server/server");
    const server = await EmbeddedServer.start(serverOptions(flags)).catch((cause: unknown) => {
      if (cause instanceof CliError) throw cause;
      throw new CliError(ExitCode.error, cause instanceof Error ? cause.message : String(cause), { cause });
    });
    try {
      await io.stderr.write(`${durabilityNote(flags)}\n`);
      for (const endpoint of server.endpoints) await io.stdout.write(`serving on ${endpoint}\n`);
      await interrupted(io);
    } finally {
      await server.stop();
    }
  },
});

function serverOptions(flags: Values): ServerOptions {
  const dataDir = flags["data-dir"];
  const advertised = list(flags["advertise-client-urls"]);
  const progressMs = flags["watch-progress-notify-interval"];
  return {
    name: flags.name,
    listenClientUrls: list(flags["listen-client-urls"]),
    advertiseClientUrls: advertised.length > 0 ? advertised : undefined,
    initialCluster:
      flags["initial-cluster"] ||
      list(flags["initial-advertise-peer-urls"])
        .map((url) => `${flags.name}=${url}`)
        .join(","),
    initialClusterToken: flags["initial-cluster-token"],
    tls: tlsFiles(flags),
    dataDir: dataDir === "" ? undefined : dataDir,
    limits: {
      maxRequestBytes: flags["max-request-bytes"],
      maxTxnOps: flags["max-txn-ops"],
      quotaBytes: flags["quota-backend-bytes"],
    },
    autoCompaction: autoCompaction(flags),
    auth: {
      tokenTtlSeconds: flags["auth-token-ttl"],
      bcryptCost: flags["bcrypt-cost"],
      clientCertAuth: flags["client-cert-auth"],
    },
    minLeaseTtlSeconds: minLeaseTtlSeconds(flags),
    leaseGraceMs: flags["election-timeout"],
    watchProgressIntervalMs: progressMs > 0 ? Math.max(progressMs, shortestProgressMs) : undefined,
  };
}

/** A bare number counts hours or revisions, by the mode; a duration is taken in both, as in etcd. */
function autoCompaction(flags: Values): ServerOptions["autoCompaction"] {
  const mode = flags["auto-compaction-mode"];
  const text = flags["auto-compaction-retention"];
  if (mode !== "periodic" && mode !== "revision") {
    throw new CliError(ExitCode.error, `unknown auto-compaction-mode "${mode}"`);
  }
  const count = /^\d+$/.test(text) ? Number(text) : undefined;
  if (count === 0) return undefined;
  if (mode === "revision" && count !== undefined) return { mode, keepRevisions: count };
  try {
    const keepMs = count === undefined ? Number(parseDuration(text)) / 1e6 : count * 3_600_000;
    return mode === "periodic" ? { mode, keepMs } : { mode, keepRevisions: keepMs * 1e6 };
  } catch (cause) {
    throw new CliError(ExitCode.error, `error parsing CompactionRetention: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/** Given twice, the last one counts, as in etcd: these are no lists to pflag. */
function list(urls: string): string[] {
  return [...new Set(urls.split(",").filter((url) => url.trim() !== ""))];
}

const shortestProgressMs = 100;

/** Half as long again as an election, in whole heartbeats. */
function minLeaseTtlSeconds(flags: Values): number {
  const heartbeatMs = flags["heartbeat-interval"];
  const electionTicks = Math.floor(flags["election-timeout"] / heartbeatMs);
  return Math.ceil((Math.floor((3 * electionTicks) / 2) * heartbeatMs) / 1000);
}

function tlsFiles(flags: Values): ServerOptions["tls"] {
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
  const clientCa = ca === "" ? [] : [pemFile(ca)];
  const wantsClientCert = ca !== "" || flags["client-cert-auth"];
  return { cert: pemFile(cert), key: pemFile(key), clientCa: wantsClientCert ? clientCa : undefined };
}

function pemFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new CliError(ExitCode.error, `can not read ${path}: ${(cause as Error).message}`, { cause });
  }
}

function durabilityNote(flags: Values): string {
  const dataDir = flags["data-dir"];
  if (dataDir === "") return "note: all keys are in memory and end with this process; --data-dir keeps them";
  return `note: ${dataDir} is written at a clean stop (Ctrl-C, SIGTERM); a crash loses what came after the start`;
}

function interrupted({ interrupt }: Io): Promise<void> {
  return new Promise((resolve) => {
    if (interrupt.aborted) return resolve();
    interrupt.addEventListener("abort", () => resolve(), { once: true });
  });
}
