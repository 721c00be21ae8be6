import { CliError } from "../errors";
import { quoteForShell } from "../go/quote";
import { Interrupted, type Io } from "../io";
import type { FlagTable, FlagValues } from "./flags";
import type { ClusterClient } from "./http/cluster-client";
import { ClusterError } from "./http/errors";
import type { RoundTrip } from "./http/round-trip";
import type { Settings } from "./settings";

/** A command of version 2: its flags as data, and a `run` that receives everything it needs as arguments. */
export interface Command<T extends FlagTable = FlagTable> {
  readonly flags: T;
  /** The equivalent command line of version 3, for the hint when the server does not serve version 2. */
  version3Command(args: readonly string[], flags: FlagValues<T>): string;
  /** Throws on failure. A number is the exit code after the output is already written. */
  run(context: CommandContext, args: readonly string[], flags: FlagValues<T>): Promise<number | void>;
}

export interface CommandContext {
  readonly io: Io;
  readonly settings: Settings;
  /** Makes a client for the members that the cluster advertises; with --no-sync, for the given endpoints. */
  client(): Promise<ClusterClient>;
  /** Makes a client for the given endpoints, with or without --no-sync. */
  clientWithoutSync(): Promise<ClusterClient>;
  /** Returns the function that sends single HTTP requests, with the same TLS settings as the clients. */
  roundTrip(): Promise<RoundTrip>;
  /** Runs `work` with a signal that aborts on Ctrl-C and after --total-timeout. */
  withTotalTimeout<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

/** Infers the types of the flag values in `run` from the flag table. */
export function defineCommand<const T extends FlagTable>(command: Command<T>): Command<T> {
  return command;
}

/** Go (etcd 3.4): etcdctl/ctlv2/command/error.go */
export const ExitCode = {
  badArgs: 1,
  badConnection: 2,
  serverError: 4,
  clusterNotHealthy: 5,
} as const;

/**
 * An error with the prefix `Error:` and two blanks, then one line for each member's error. Most commands print errors
 * this way. Go (etcd 3.4): handleError in etcdctl/ctlv2/command/error.go
 */
export function errorWithPrefix(exitCode: number, error: Error): CliError {
  const memberErrors = error instanceof ClusterError ? `\n${error.detail}` : "";
  return new CliError(exitCode, `Error:  ${error.message}${memberErrors}`, { cause: error });
}

/** The commands under member, user, role and auth print errors without a prefix. */
export function errorWithoutPrefix(error: Error): CliError {
  return new CliError(ExitCode.badArgs, error.message, { cause: error });
}

export function badArgsWithPrefix(message: string): CliError {
  return errorWithPrefix(ExitCode.badArgs, new Error(message));
}

export function badArgsWithoutPrefix(message: string): CliError {
  return new CliError(ExitCode.badArgs, message);
}

export function assertNoArguments(args: readonly string[]): void {
  if (args.length > 0) throw badArgsWithoutPrefix("No arguments accepted");
}

/** Quotes an argument for the shell, or returns the placeholder when the argument is missing. */
export function shellArgument(argument: string | undefined, placeholder: string): string {
  return argument === undefined ? placeholder : quoteForShell(argument);
}

/** For commands that run until Ctrl-C: Ctrl-C is then the normal end, with exit code 0. */
export async function endOnCtrlC(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const isCtrlC = error instanceof Interrupted && error.signal === "SIGINT";
    if (!isCtrlC) throw error;
  }
}
