// The only table from an error to what is printed and to the exit code. Answers to pkg/cobrautl's ExitWithError and to
// how a Go program dies of a signal: silently, with 128 and the signal's number.
import type { ErrorDetails } from "../errors";
import { CliError, EtcdError, ExitCode, signalExitCodes, StatusCode } from "../errors";
import type { Io } from "../io";
import { BrokenPipe, Interrupted } from "../io";
import { paletteFor } from "./terminal";

/** Prints the error and returns the exit code. Version 2 has its own words before an error, or none. */
export async function reportFailure(error: unknown, io: Io, before = "Error: "): Promise<number> {
  const signal = signalBehind(error, io);
  if (signal) return signalExitCodes[signal];
  const { exitCode, message, hints } = describe(error);
  const usage = error instanceof UsageError ? error.usage : "";
  try {
    await io.stderr.write(`${before}${message}\n${usage}`);
    await writeHints(hints, io);
  } catch {
    // Nobody reads stderr any more; the exit code is all that is left to say.
  }
  return exitCode;
}

const deadlySignals = ["SIGINT", "SIGPIPE", "SIGTERM"] as const;
export type DeadlySignal = (typeof deadlySignals)[number];

/** The signal that a process with this exit code should be seen to die of. */
export function signalOf(exitCode: number): DeadlySignal | undefined {
  return deadlySignals.find((signal) => signalExitCodes[signal] === exitCode);
}

function signalBehind(error: unknown, io: Io): DeadlySignal | undefined {
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
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    exitCode: ExitCode.error,
    message: text,
    hints: ["this is a fault of etcdctl itself; please report it"],
  };
}

// `hint: …` lines on stderr: what helps the user on, never part of the contract with scripts. Dim on a terminal.

export async function writeHints(hints: readonly string[], io: Io): Promise<void> {
  if (hints.length === 0) return;
  const { hint } = await paletteFor(io.stderr, io.env);
  await io.stderr.write(hints.map((line) => `${hint(`hint: ${line}`)}\n`).join(""));
}

// A command line that can not be understood: what is wrong, then how to go on. Exit code 1, as cobra has it.

export class UsageError extends CliError {
  override name = "UsageError";

  constructor(
    message: string,
    /** Printed on stderr after the error. */
    readonly usage: string,
    details: ErrorDetails = {},
  ) {
    super(ExitCode.error, message, details);
  }
}
