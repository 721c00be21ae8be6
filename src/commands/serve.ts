// `serve` runs the embedded server until Ctrl-C, SIGTERM or SIGHUP, and then saves its data. No other command uses the server.
// Must stay true: after the start, no signal ends the process before the data is saved.
// Go: server/etcdmain/etcd.go.
import { badArgs, CliError, ExitCode } from "../errors";
import type { Io } from "../io";
import { defineCommand } from "./command";
import { clientFlagError, refusals, serveFlags, type ServeFlags } from "./serve/flags";
import { serverOptions } from "./serve/server-options";
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
