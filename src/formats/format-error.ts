// What every reader of formats/ throws: which file, where in it, and what is wrong there.
// A CliError, so that it reaches the user as it is wherever a lazily read record turns out to be damaged.
import { CliError, ExitCode } from "../errors";
import type { ErrorDetails } from "../errors";

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
