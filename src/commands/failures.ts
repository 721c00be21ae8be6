// Failed calls and values in a command's own words and with its exit code; all else (Ctrl-C, a closed pipe) passes.
import { CliError, EtcdError, type ExitCode } from "../errors";
import { ParseError } from "../goformat/parse-error";

type Code = (typeof ExitCode)[keyof typeof ExitCode];

/** A failed call; its hints stay with it. */
export async function failingAs<T>(
  exitCode: Code,
  call: Promise<T>,
  wording: (error: EtcdError) => string = (error) => error.message,
): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof EtcdError)) throw error;
    throw new CliError(exitCode, wording(error), { cause: error, hints: error.hints });
  }
}

/** An argument that cannot be read. */
export function parsedAs<T>(
  exitCode: Code,
  parse: () => T,
  wording: (reason: string) => string = (reason) => reason,
): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    throw new CliError(exitCode, wording(error.message), { cause: error });
  }
}
