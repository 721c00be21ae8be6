// What a command of version 2 is: flags as data, a run that gets all it needs as arguments, and what to type instead
// where the server has only version 3. One file per command; manifest.ts names it.
import { CliError } from "../errors";
import type { Io } from "../io";
import type { FlagTable, FlagValues } from "./flags";
import type { ClusterClient } from "./http/cluster-client";
import { ClusterError } from "./http/errors";
import type { RoundTrip } from "./http/round-trip";
import type { Settings } from "./settings";

/** Exit codes of version 2. */
export const ExitCode = {
  badArgs: 1,
  badConnection: 2,
  serverError: 4,
  clusterNotHealthy: 5,
} as const;

export interface CommandContext {
  readonly io: Io;
  readonly settings: Settings;
  /** A client of the members that the cluster advertises, or with --no-sync of the given endpoints. */
  client(): Promise<ClusterClient>;
  /** A client of the given endpoints, whatever --no-sync says. */
  clientWithoutSync(): Promise<ClusterClient>;
  /** Requests outside of the client, with the same TLS. */
  roundTrip(): Promise<RoundTrip>;
  /** Runs `work` within --total-timeout and until Ctrl-C. */
  inTime<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

export interface Command<T extends FlagTable = FlagTable> {
  readonly flags: T;
  /** The command of version 3 that does the same, or comes closest to it. */
  instead(args: readonly string[], flags: FlagValues<T>): string;
  /** Failures are thrown; a number is an exit code other than 0 after output already given. */
  run(context: CommandContext, args: readonly string[], flags: FlagValues<T>): Promise<number | void>;
}

/** Gives `run` the types of its own flag table. */
export function defineCommand<const T extends FlagTable>(command: Command<T>): Command<T> {
  return command;
}

/** How most commands tell a failure: two blanks, and each member's error once more. Answers to handleError. */
export function failed(exitCode: number, error: Error): CliError {
  const detail = error instanceof ClusterError ? `\n${error.detail}` : "";
  return new CliError(exitCode, `Error:  ${error.message}${detail}`, { cause: error });
}

/** How member, user, role and auth tell it: as it is. */
export function failedPlainly(error: Error): CliError {
  return new CliError(ExitCode.badArgs, error.message, { cause: error });
}

export function badArgs(message: string): CliError {
  return failed(ExitCode.badArgs, new Error(message));
}

/** A mistake in the arguments of member, user, role and auth. */
export function badArgsPlainly(message: string): CliError {
  return new CliError(ExitCode.badArgs, message);
}
