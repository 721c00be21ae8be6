// How a printer refuses: Go's words and exit code for what a format cannot show.
// Answers to etcdctl's printerUnsupported.
import { CliError, ExitCode } from "../errors";
import type { FormatName, RangeOptions } from "./printer";

/** Takes the place of any method of a printer. */
export function unsupported(format: FormatName): () => never {
  return () => {
    throw new CliError(ExitCode.badFeature, `${format} not supported as output format`);
  };
}

/** Throws for a range option that only another format can honour. */
export function checkRangeOptions(format: FormatName, { countOnly, valueOnly }: RangeOptions): void {
  if (countOnly && format !== "fields") {
    throw new CliError(ExitCode.badArgs, "--count-only is only for `--write-out=fields`");
  }
  if (valueOnly && format !== "simple") {
    throw new CliError(ExitCode.badArgs, "print-value-only is only for `--write-out=simple`");
  }
}
