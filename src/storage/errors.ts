// What every reader of formats/ throws: which file, where in it, and what is wrong there.
// A CliError, so that it reaches the user as it is wherever a lazily read record turns out to be damaged.
import type { ErrorDetails } from "../errors";
import { CliError, ExitCode } from "../errors";

export class FormatError extends CliError {
  override name = "FormatError";

  constructor(
    readonly file: string,
    /** Byte position in the file; undefined where the whole file is meant. */
    readonly offset: number | undefined,
    readonly problem: string,
    details: ErrorDetails = {},
  ) {
    super(
      ExitCode.error,
      offset === undefined ? `${file}: ${problem}` : `${file}: ${problem} (at byte ${offset})`,
      details,
    );
  }
}

// What the operating system said, taken from errors that Node's own modules throw. Not told by `instanceof Error`: inside
// jest these errors come from another realm, whose Error is not ours.

/** `ENOENT` and its like. */
export function errorCode(cause: unknown): unknown {
  return typeof cause === "object" && cause !== null && "code" in cause ? cause.code : undefined;
}

/** Node's `ENOENT: no such file or directory, open 'x'` without what the message around it says already. */
export function errorReason(cause: unknown): string {
  const hasMessage = typeof cause === "object" && cause !== null && "message" in cause;
  const text = String(hasMessage ? cause.message : cause);
  return /^[A-Z0-9]+: (.*?)(, \w+.*)?$/.exec(text)?.[1] ?? text;
}
