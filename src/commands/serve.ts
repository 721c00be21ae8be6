// `serve` runs the embedded server until Ctrl-C, SIGTERM or SIGHUP, and then saves its data. No other command uses the server.
// Must stay true: after the start, no signal ends the process before the data is saved.
// Go: server/etcdmain/etcd.go.
import { badArgs, CliError, ExitCode, panicExitCode } from "../errors";
import { etcdVersion } from "../etcd/versions";
import { osErrorReason, systemErrorText } from "../go/os";
import { quote } from "../go/quote";
import { hintLines } from "../hints";
import type { Io } from "../io";
import type { ZapFields, ZapLevel } from "../go/zap";
import type { RunningServer } from "../server/running-server";
import { defineCommand } from "./command";
import { listenHints } from "./listen-hints";
import { withAutoTls } from "./serve/auto-tls";
import { flagExitCode, goFlagMessage } from "./serve/check-values";
import { clientFlagError, refusals, serveFlags, type ServeFlags } from "./serve/flags";
import { checkInitialCluster } from "./serve/initial-cluster";
import { levelPanic, levels, openLog, type ServeLog } from "./serve/log";
import { checkPeerListeners } from "./serve/peer-listeners";
import { serverOptions } from "./serve/server-options";
import { serveSettings } from "./serve/settings";
import { validate } from "./serve/validate";

export const command = defineCommand({
  flags: serveFlags,
  settle: serveSettings,
  foreignFlags: clientFlagError,
  flagErrors: { exitCode: flagExitCode, text: goFlagMessage },

  async run({ io }, args, flags) {
    if (flags.version) return io.stdout.write(versionText());
    const refusal = refusals(flags);
    if (refusal !== undefined) throw badArgs(refusal.message, refusal);
    const panic = levelPanic(flags);
    if (panic !== undefined) {
      await io.stderr.write(`panic: ${panic}\n\n${hintLines([`the levels are ${levels.join(", ")}`], io)}`);
      return panicExitCode;
    }
    const log = openLog(flags, io);
    const logEnd = async (level: "warn" | "fatal", message: string, cause: unknown) => {
      const error = cause instanceof Error ? cause.message : String(cause);
      if (log.isStructured) await log.write(level, message, { error });
    };
    try {
      validate(flags);
      if (args[0] !== undefined) {
        throw new CliError(ExitCode.error, `${quote(args[0])} is not a valid flag`);
      }
    } catch (error) {
      await logEnd("warn", "failed to verify flags", error);
      throw error;
    }
    const { RunningServer: Server } = await import("../server/running-server");
    const onError = (error: unknown) => {
      const text = `error in the background: ${error instanceof Error ? error.message : String(error)}`;
      log.write("error", text).catch(() => undefined);
    };
    let onLogFailure: (error: Error) => void = onError;
    const logFailure = new Promise<Error>((resolve) => (onLogFailure = resolve));
    const { name, "data-dir": dataDir } = flags;
    const member = { name, "data-dir": dataDir };
    if (log.isStructured) {
      const { startFields } = await import("./serve/start-line");
      await log.write("info", "starting an etcd server", startFields(flags));
    }
    const onLog = (level: ZapLevel, message: string, fields: ZapFields) => {
      // Plain notes are for what needs a look.
      if (log.isStructured) log.write(level, message, fields).catch(() => undefined);
      else if (level === "warn" && message !== "failed to apply request")
        log.write(level, noteText(message, fields)).catch(() => undefined);
    };
    const start = async () => {
      checkPeerListeners(flags);
      const options = serverOptions(await withAutoTls(flags), onLog);
      await checkInitialCluster(flags, { clock: io.clock, log: onLog });
      return Server.start({ ...options, lockSignal: io.interrupt, onError, onLogFailure, onLog });
    };
    const server = await start().catch(async (cause: unknown) => {
      io.interrupt.throwIfAborted();
      await logEnd("fatal", "discovery failed", cause);
      throw cause instanceof CliError ? cause : startError(cause);
    });
    const signals = takeSignals(io, log, dataDir, () => {
      server.stop({ drainMs: 0 }).catch(() => undefined);
    });
    try {
      for (const note of startNotes(flags, server)) await log.write("info", note);
      await announce(server, log, io);
      const failure = await Promise.race([signals.first, logFailure]);
      // As etcd does. What was acknowledged is in the log, and the next start finds it.
      if (failure !== undefined) throw failure;
    } finally {
      try {
        // Without a reader of the log, the server is stopped nevertheless.
        if (log.isStructured) await log.write("info", "closing etcd server", member).catch(() => undefined);
        await server.stop();
        if (dataDir !== "" && !server.isReadOnly) await log.write("info", `all data is in ${dataDir}`);
        if (log.isStructured) await log.write("info", "closed etcd server", member);
      } finally {
        signals.restore();
      }
    }
  },
});

function noteText(message: string, fields: ZapFields): string {
  const shown = Object.entries(fields).filter(([, value]) => String(value) !== "");
  return [message, shown.map(([name, value]) => `${name} ${String(value)}`).join(", ")]
    .filter(Boolean)
    .join(": ");
}

/** The first line is etcd's. Programs read the version from it. */
function versionText(): string {
  return `etcd Version: ${etcdVersion}\nServer: the embedded server of etcdctl for Node\n`;
}

/** Where the server listens: lines of etcd in a log as etcd's, which may share its file with stdout; else lines on stdout. */
async function announce(
  { metricsEndpoints, endpoints }: RunningServer,
  log: ServeLog,
  { stdout }: Io,
): Promise<void> {
  if (log.isStructured) {
    for (const address of metricsEndpoints) await log.write("info", "serving metrics", { address });
    for (const address of endpoints) {
      const isSecure = /^(https|unixs):/.test(address);
      const message = isSecure
        ? "serving client traffic securely"
        : "serving client traffic insecurely; this is strongly discouraged!";
      await log.write("info", message, { traffic: "grpc+http", address });
    }
    await log.write("info", "ready to serve client requests");
    return;
  }
  for (const endpoint of metricsEndpoints) await stdout.write(`metrics on ${endpoint}\n`);
  for (const endpoint of endpoints) await stdout.write(`serving on ${endpoint}\n`);
}

/** The error of the server, with what lies below it as a hint. */
function startError(cause: unknown): CliError {
  if (!(cause instanceof Error)) return new CliError(ExitCode.error, String(cause), { cause });
  const system = systemErrorText(cause);
  if (system !== undefined) return new CliError(ExitCode.error, system, { cause });
  const below = cause.cause instanceof Error ? cause.cause.message : "";
  const isSaid = [below, osErrorReason(cause.cause)].some((each) => cause.message.includes(each));
  const hints = below === "" || isSaid ? listenHints(cause.cause) : [below];
  return new CliError(ExitCode.error, cause.message, { cause, hints });
}

function startNotes(flags: ServeFlags, { isReadOnly, replayedEntries }: RunningServer): string[] {
  const dataDir = flags["data-dir"];
  if (dataDir === "")
    return ["all data is in memory and is lost when this process ends; use --data-dir to keep it"];
  const [entries, were, have] = replayedEntries === 1 ? ["entry", "was", "has"] : ["entries", "were", "have"];
  const replayed = `${replayedEntries} ${entries} of the log ${were} not in the db file and ${have} been replayed`;
  const kept = isReadOnly
    ? `${dataDir} is of a cluster of several members: it is only read, never written`
    : `all data is in ${dataDir}: ${
        flags["unsafe-no-fsync"]
          ? "a write is in the log before its response, but a crash of the machine can lose it (--unsafe-no-fsync)"
          : "a write is in the log and on the disk before its response"
      }`;
  const next = "to go on with this member alone, add --force-new-cluster: it removes the other members";
  return [kept, ...(isReadOnly ? [next] : []), ...(replayedEntries > 0 ? [replayed] : [])];
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
function takeSignals(io: Io, log: ServeLog, dataDir: string, hurry: () => void): TakenSignals {
  let isStopping = io.interrupt.aborted;
  let restore: () => void = () => undefined;
  const first = new Promise<void>((resolve) => {
    if (isStopping) resolve();
    restore = io.takeSignals((signal) => {
      if (!isStopping) {
        isStopping = true;
        if (log.isStructured) {
          log.write("info", "received signal; shutting down", { signal }).catch(() => undefined);
        }
        return resolve();
      }
      hurry();
      if (dataDir === "") restore();
      else void log.write("warn", savingNote(dataDir)).catch(() => undefined);
    });
  });
  return { first, restore };
}

function savingNote(dataDir: string): string {
  return `closing ${dataDir}; a kill now loses nothing that was acknowledged`;
}
