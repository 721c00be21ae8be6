// A command line that can not be understood: what is wrong, then how to go on. Exit code 1, as cobra has it.
import type { ErrorDetails } from "../errors";
import { CliError, ExitCode } from "../errors";

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
