// How a printer refuses: Go's words and exit code for what a format cannot show.
// Answers to etcdctl's printerUnsupported.
import { CliError, ExitCode } from "../errors";
import { printMessages } from "./message-methods";
import type { FormatName, Printer, RangeOptions } from "./printer";

const nothing = () => new Uint8Array(0);

/** What etcdctl prints apart from the responses: the same in every format of Go's. */
export const beside = {
  aside: (text) => Buffer.from(text),
  watchProgress: (revision) => Buffer.from(`progress notify: ${revision}\n`),
} as const satisfies Partial<Printer>;

/** The methods that only the simple format has something to say in. */
export const silent = {
  leaseExpired: nothing,
  memberEnvironment: nothing,
  endpointHealthErrors: nothing,
} as const satisfies Partial<Printer>;

/** A printer that refuses everything: a format that can show little begins with it. */
export function unsupported(format: FormatName): Printer {
  const no = () => {
    throw new CliError(ExitCode.badFeature, `${format} not supported as output format`);
  };
  return {
    ...printMessages(no),
    range(options) {
      checkRangeOptions(format, options);
      return no();
    },
    leaseGrant: no,
    leaseKeepAlive: no,
    leaseTimeToLive: no,
    leaseLeases: no,
    ...beside,
    watch: no,
    endpointHealth: no,
    endpointStatus: no,
    endpointHashKV: no,
    ...silent,
  };
}

/** Throws for a range option that only another format can honour. */
export function checkRangeOptions(format: FormatName, { valueOnly, tree }: RangeOptions): void {
  if (valueOnly && format !== "simple") {
    throw new CliError(ExitCode.badArgs, "print-value-only is only for `--write-out=simple`");
  }
  if (tree !== undefined && format !== "simple") {
    throw new CliError(ExitCode.badArgs, "--tree is only for `--write-out=simple`");
  }
}
