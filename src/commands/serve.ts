// `serve` runs the embedded server until Ctrl-C, SIGTERM or SIGHUP, and then saves its data. No other command uses the server.
// Must stay true: after the start, no signal ends the process before the data is saved.
// Go: server/etcdmain/etcd.go.
import { badArgs, CliError, ExitCode } from "../errors";
import type { Io } from "../io";
import type { EmbeddedServer } from "../server/server";
import { defineCommand } from "./command";
import { clientFlagError, refusals, serveFlags } from "./serve/flags";
import { serverOptions } from "./serve/server-options";
import { withAutoTls } from "./serve/auto-tls";
import { serveSettings } from "./serve/settings";
import { validate } from "./serve/validate";

export const command = defineCommand({
  flags: serveFlags,
  settle: serveSettings,
  foreignFlags: clientFlagError,

  async run({ io }, args, flags) {
    const refusal = refusals(flags);
    if (refusal !== undefined) throw badArgs(refusal.message, refusal);
    validate(flags);
    if (args[0] !== undefined) throw badArgs(`"${args[0]}" is not a valid flag`);
    const { EmbeddedServer: Server } = await import("../server/server");
    const notice = (text: string) => void io.stderr.write(`note: ${text}\n`).catch(() => undefined);
    const withCertificate = await withAutoTls(flags);
    const onError = (error: unknown) =>
      void io.stderr.write(
        `error in the background: ${error instanceof Error ? error.message : String(error)}\n`,
      );
    let onLogFailure: (error: Error) => void = onError;
    const logFailure = new Promise<Error>((resolve) => (onLogFailure = resolve));
    const server = await Server.start({
      ...serverOptions(withCertificate, notice),
      onError,
      onLogFailure,
    }).catch((cause: unknown) => {
      if (cause instanceof CliError) throw cause;
      throw startError(cause);
    });
    const signals = takeSignals(
      io,
      flags["data-dir"],
      () => void server.stop({ drainMs: 0 }).catch(() => undefined),
    );
    try {
      for (const note of startNotes(flags["data-dir"], server)) await io.stderr.write(`note: ${note}\n`);
      for (const endpoint of server.metricsEndpoints) await io.stdout.write(`metrics on ${endpoint}\n`);
      for (const endpoint of server.endpoints) await io.stdout.write(`serving on ${endpoint}\n`);
      const failure = await Promise.race([signals.first, logFailure]);
      // As etcd does. What was acknowledged is in the log, and the next start finds it.
      if (failure !== undefined) throw failure;
    } finally {
      try {
        await server.stop();
        if (flags["data-dir"] !== "" && !server.isReadOnly)
          await io.stderr.write(`note: all data is in ${flags["data-dir"]}\n`);
      } finally {
        signals.restore();
      }
    }
  },
});

/** The error of the server, with what lies below it as a hint. */
function startError(cause: unknown): CliError {
  if (!(cause instanceof Error)) return new CliError(ExitCode.error, String(cause), { cause });
  const below = cause.cause instanceof Error ? cause.cause.message : "";
  const hints = below === "" || cause.message.includes(below) ? [] : [below];
  return new CliError(ExitCode.error, cause.message, { cause, hints });
}

function startNotes(dataDir: string, { isReadOnly, replayedEntries }: EmbeddedServer): string[] {
  if (dataDir === "")
    return ["all data is in memory and is lost when this process ends; use --data-dir to keep it"];
  const replayed = `${replayedEntries} entries of the log were not in the db file and have been replayed`;
  const kept = isReadOnly
    ? `${dataDir} is of a cluster of several members: it is only read, never written`
    : `all data is in ${dataDir}: a write is in the log and on the disk before its response`;
  return [kept, ...(replayedEntries > 0 ? [replayed] : [])];
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
  return `note: closing ${dataDir}; a kill now loses nothing that was acknowledged`;
}
