// `serve` runs the embedded server until Ctrl-C, SIGTERM or SIGHUP, and then saves its data. No other command uses the server.
// Must stay true: after the start, no signal ends the process before the data is saved.
// Go: server/etcdmain/etcd.go.
import { readFileSync } from "node:fs";
import type { FlagValues } from "../cli/flags";
import { badArgs, CliError, ExitCode } from "../errors";
import { parseDuration } from "../go/units";
import type { Io } from "../io";
import type { ServerOptions } from "../server/server";
import { defineCommand } from "./command";
import { clientFlagError, givenUnsupportedFlags, serveFlags, type supportedFlags } from "./serve-flags";

type ServeFlags = FlagValues<typeof supportedFlags>;

export const command = defineCommand({
  flags: serveFlags,
  variables: "ETCD_",
  foreignFlags: clientFlagError,

  async run({ io }, args, flags) {
    const unsupported = givenUnsupportedFlags(flags);
    if (unsupported.length > 0) {
      throw badArgs(`the embedded server does not support --${unsupported.join(", --")}`, {
        hints: ["use etcd for this"],
      });
    }
    if (args[0] !== undefined) throw badArgs(`"${args[0]}" is not a valid flag`);
    if (flags["auth-token"] !== "simple") {
      throw badArgs(
        `the embedded server does not support auth tokens of type "${flags["auth-token"]}", only simple`,
        {
          hints: ["use etcd for --auth-token jwt"],
        },
      );
    }
    const { EmbeddedServer } = await import("../server/server");
    const onError = (error: unknown) =>
      void io.stderr.write(
        `error in the background: ${error instanceof Error ? error.message : String(error)}\n`,
      );
    const server = await EmbeddedServer.start({ ...serverOptions(flags), onError }).catch(
      (cause: unknown) => {
        if (cause instanceof CliError) throw cause;
        throw new CliError(ExitCode.error, cause instanceof Error ? cause.message : String(cause), { cause });
      },
    );
    const signals = takeSignals(
      io,
      flags["data-dir"],
      () => void server.stop({ drainMs: 0 }).catch(() => undefined),
    );
    try {
      await io.stderr.write(`${durabilityNote(flags)}\n`);
      for (const endpoint of server.endpoints) await io.stdout.write(`serving on ${endpoint}\n`);
      await signals.first;
    } finally {
      try {
        await server.stop();
      } finally {
        signals.restore();
      }
    }
  },
});

function serverOptions(flags: ServeFlags): ServerOptions {
  const dataDir = flags["data-dir"];
  const advertisedUrls = splitUrls(flags["advertise-client-urls"]);
  const progressMs = flags["watch-progress-notify-interval"];
  return {
    name: flags.name,
    listenClientUrls: splitUrls(flags["listen-client-urls"]),
    advertiseClientUrls: advertisedUrls.length > 0 ? advertisedUrls : undefined,
    initialCluster:
      flags["initial-cluster"] ||
      splitUrls(flags["initial-advertise-peer-urls"])
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
    watchProgressIntervalMs: progressMs > 0 ? Math.max(progressMs, minProgressIntervalMs) : undefined,
  };
}

/** A bare number means hours or revisions, depending on the mode. A duration is accepted in both modes, as in etcd. */
function autoCompaction(flags: ServeFlags): ServerOptions["autoCompaction"] {
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

/** In etcd, a repeated flag replaces the value before it, so the flag is not a list. */
function splitUrls(urls: string): string[] {
  return [...new Set(urls.split(",").filter((url) => url.trim() !== ""))];
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

function durabilityNote(flags: ServeFlags): string {
  const dataDir = flags["data-dir"];
  if (dataDir === "")
    return "note: all data is in memory and is lost when this process ends; use --data-dir to keep it";
  return `note: ${dataDir} is written at a clean stop (Ctrl-C, SIGTERM, SIGHUP); a crash loses all changes since the start`;
}

interface TakenSignals {
  /** Resolves at the first signal, also at one before this. */
  readonly first: Promise<void>;
  restore(): void;
}

/**
 * The first signal stops the server, which answers what it has received. The second one ends that. With a data dir, no signal
 * ends the process: it waits for the save. Without one, the signals after the second one have their usual effect.
 */
function takeSignals(io: Io, dataDir: string, hurry: () => void): TakenSignals {
  let isStopping = io.interrupt.aborted;
  let restore: () => void = () => undefined;
  const first = new Promise<void>((resolve) => {
    if (isStopping) resolve();
    restore = io.takeSignals(() => {
      if (!isStopping) {
        isStopping = true;
        return resolve();
      }
      hurry();
      if (dataDir === "") restore();
      else void io.stderr.write(`${savingNote(dataDir)}\n`).catch(() => undefined);
    });
  });
  return { first, restore };
}

function savingNote(dataDir: string): string {
  return `note: saving ${dataDir}; all changes since the start are lost if this process is killed now`;
}
