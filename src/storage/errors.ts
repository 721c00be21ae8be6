// A damaged file: its path, the place of the damage and the problem. It is a CliError, so it reaches the user unchanged
// also when the damage shows only later, as a record is read.
import type { ErrorDetails } from "../errors";
import { CliError, ExitCode } from "../errors";

export class FormatError extends CliError {
  override name = "FormatError";
  /** The bucket whose tree is damaged, where that is known. */
  bucket: string | undefined;

  constructor(
    readonly file: string,
    /** Byte position in the file. Undefined: the problem concerns the whole file. */
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
