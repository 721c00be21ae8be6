// From an error to the text on stderr and the exit code. After a signal nothing is printed and the exit code is 128 plus the
// signal's number, as for a Go program. Go: pkg/cobrautl/error.go
import type { ErrorDetails } from "../errors";
import { CliError, EtcdError, ExitCode, signalExitCodes, StatusCode } from "../errors";
import { systemErrorText } from "../go/os";
import { writeHints } from "../hints";
import type { Io } from "../io";
import { BrokenPipe, Interrupted } from "../io";

/** Prints the error and returns the exit code. `prefix` is empty for version 2, whose messages are complete. */
export async function reportFailure(error: unknown, io: Io, prefix = "Error: "): Promise<number> {
  const signal = causingSignal(error, io);
  if (signal) return signalExitCodes[signal];
  const { exitCode, message, hints } = describe(error);
  const usage = error instanceof UsageError ? error.usage : "";
  try {
    await io.stderr.write(`${prefix}${message}\n${usage}`);
    const { remediesFor } = await import("./remedies");
    await writeHints(hints.length > 0 ? hints : remediesFor(error), io);
  } catch {
    // The reader of stderr has gone; only the exit code can still report the error.
  }
  return exitCode;
}

const deadlySignals = ["SIGHUP", "SIGINT", "SIGPIPE", "SIGTERM"] as const;
export type DeadlySignal = (typeof deadlySignals)[number];

/** The signal that a process with this exit code must die of. */
export function signalOf(exitCode: number): DeadlySignal | undefined {
  return deadlySignals.find((signal) => signalExitCodes[signal] === exitCode);
}

function causingSignal(error: unknown, io: Io): DeadlySignal | undefined {
  const chain = causes(error);
  if (chain.some((cause) => cause instanceof BrokenPipe)) return "SIGPIPE";
  const reason: unknown = io.interrupt.reason;
  if (!(reason instanceof Interrupted)) return undefined;
  const isInterrupted = chain.some(
    (cause) =>
      cause instanceof Interrupted || (cause instanceof EtcdError && cause.code === StatusCode.Canceled),
  );
  return isInterrupted ? reason.signal : undefined;
}

function causes(error: unknown): unknown[] {
  const chain = [error];
  for (let at = error; at instanceof Error && at.cause !== undefined && !chain.includes(at.cause);) {
    at = at.cause as Error;
    chain.push(at);
  }
  return chain;
}

function describe(error: unknown): { exitCode: number; message: string; hints: readonly string[] } {
  if (error instanceof CliError) return error;
  if (error instanceof EtcdError) {
    return { exitCode: ExitCode.error, message: error.message, hints: error.hints };
  }
  // A full disk, for example, where no command has said more about it: no bug.
  const failure = systemErrorText(error);
  if (failure !== undefined) return { exitCode: ExitCode.error, message: failure, hints: [] };
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    exitCode: ExitCode.error,
    message: text,
    hints: ["this is a bug in etcdctl; please report it"],
  };
}

/** A wrong command line. The exit code is 1, as in cobra. */
export class UsageError extends CliError {
  override name = "UsageError";

  constructor(
    message: string,
    /** Printed on stderr after the error. */
    readonly usage: string,
    details: ErrorDetails = {},
    exitCode: number = ExitCode.error,
  ) {
    super(exitCode, message, details);
  }
}
