// Command-line arguments and shared flags as the bytes and messages that go into requests.
import { badArgs, CliError, EtcdError, ExitCode } from "../errors";
import { firstKey, openRangeEnd, prefixEnd } from "../etcd/keys";
import { quote } from "../go/quote";
import { rawBytes } from "../go/raw-text";
import { ParseError } from "../go/strconv";
import { emptyBytes } from "../proto/wire";

/** Text from the command line, or bytes from an input that may not be UTF-8, such as a line of txn. */
export type Argument = string | Uint8Array;

export function argumentBytes(argument: Argument): Uint8Array {
  return typeof argument === "string" ? rawBytes(argument) : argument;
}

export interface KeyRange {
  readonly key: Uint8Array;
  /** Exclusive. Empty means only `key`; one zero byte means all keys from `key` on. */
  readonly rangeEnd: Uint8Array;
}

export interface KeyRangeFlags {
  readonly prefix: boolean;
  readonly "from-key": boolean;
}

export function checkPrefixOrFromKey(flags: KeyRangeFlags): void {
  if (flags.prefix && flags["from-key"]) {
    throw badArgs("`--prefix` and `--from-key` cannot be set at the same time, choose one");
  }
}

/**
 * The keys that `KEY [END]`, --prefix and --from-key select. With one of the flags an empty KEY selects all keys. Call it after
 * `checkPrefixOrFromKey`, with at least one argument: this is the order of the checks in Go.
 * Go: etcdctl/ctlv3/command/get_command.go and del_command.go, client/v3/op.go.
 */
export function keyRange([first = "", end]: readonly Argument[], flags: KeyRangeFlags): KeyRange {
  const isRange = flags.prefix || flags["from-key"];
  if (end !== undefined && isRange) {
    throw badArgs("too many arguments, only accept one argument when `--prefix` or `--from-key` is set");
  }
  const key = argumentBytes(first);
  if (!isRange) return { key, rangeEnd: end === undefined ? emptyBytes : argumentBytes(end) };
  if (key.length === 0) return { key: firstKey, rangeEnd: openRangeEnd };
  return { key, rangeEnd: flags.prefix ? prefixEnd(key) : openRangeEnd };
}

/** `--consistency` of get and member list. */
export const consistencyFlag = {
  kind: "string",
  default: "l",
  usage: "l: linearizable, confirmed by a quorum; s: serializable, from the member's local data",
  values: ["l", "s"],
} as const;

/** `shown` is the value in the error. Go: IsSerializable in etcdctl/ctlv3/command/util.go. */
export function isSerializable(value: string, shown = value): boolean {
  if (value === "s") return true;
  if (value === "l") return false;
  throw new CliError(ExitCode.badFeature, `unknown consistency flag ${quote(shown)}`, {
    hints: ["choose l (linearizable) or s (serializable)"],
  });
}

type Code = (typeof ExitCode)[keyof typeof ExitCode];

/** Gives a failed call the exit code and the text of the command. Other errors, such as Ctrl-C, pass unchanged. */
export async function mapCallError<T>(
  exitCode: Code,
  call: Promise<T>,
  message: (error: EtcdError) => string = (error) => error.message,
): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof EtcdError)) throw error;
    throw new CliError(exitCode, message(error), { cause: error, hints: error.hints });
  }
}

/** For an argument that should be a lease ID. */
export const leaseIdHints = [
  "a lease ID is hexadecimal, as lease grant and lease list print it: 694d5765fc71500b",
];

/** Gives a value that cannot be parsed the exit code and the text of the command. */
export function mapParseError<T>(
  exitCode: Code,
  parse: () => T,
  message: (reason: string) => string = (reason) => reason,
  hints: readonly string[] = [],
): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    throw new CliError(exitCode, message(error.message), { cause: error, hints });
  }
}
