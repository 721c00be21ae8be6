// Arguments as the bytes that go into requests.
// A word is text from the command line, or bytes where the input may be no UTF-8 (lines of txn).
import { badArgs, CliError, EtcdError, ExitCode } from "../errors";
import { firstKey, openRangeEnd, prefixEnd } from "../etcd/keys";
import { quote } from "../go/quote";
import { rawBytes } from "../go/raw-text";
import { ParseError, parseInt64 } from "../go/strconv";
import { emptyBytes } from "../proto/wire";

export type Word = string | Uint8Array;

export function bytesOf(word: Word): Uint8Array {
  return typeof word === "string" ? rawBytes(word) : word;
}

// Which keys a get, a del or a watch means: one key, [key, end), all with a prefix, or all from a key on.
// The checks come in Go's order; an empty key stands for the first possible one where more than one key is meant.
// Answers to the key options of clientv3's op.go and the argument checks of get_command.go and del_command.go.

export interface KeyRange {
  readonly key: Uint8Array;
  /** Empty for one key; a single zero byte for "to the last key". */
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

/** Call it after `checkPrefixOrFromKey`, with at least one word. */
export function keyRange([first = "", end]: readonly Word[], flags: KeyRangeFlags): KeyRange {
  const isMany = flags.prefix || flags["from-key"];
  if (end !== undefined && isMany) {
    throw badArgs("too many arguments, only accept one argument when `--prefix` or `--from-key` is set");
  }
  const key = bytesOf(first);
  if (!isMany) return { key, rangeEnd: end === undefined ? emptyBytes : bytesOf(end) };
  if (key.length === 0) return { key: firstKey, rangeEnd: openRangeEnd };
  return { key, rangeEnd: flags.prefix ? prefixEnd(key) : openRangeEnd };
}

// `--consistency`, as get and member list take it. Answers to IsSerializable in etcdctl's util.go.

export const consistencyFlag = {
  kind: "string",
  default: "l",
  usage: "l: linearizable, agreed on by the cluster; s: serializable, whatever the member has",
  values: ["l", "s"],
} as const;

/** `shown` is the value that the error names. */
export function isSerializable(value: string, shown = value): boolean {
  if (value === "s") return true;
  if (value === "l") return false;
  throw new CliError(ExitCode.badFeature, `unknown consistency flag ${quote(shown)}`);
}

// Failed calls and values in a command's own words and with its exit code; all else (Ctrl-C, a closed pipe) passes.

type Code = (typeof ExitCode)[keyof typeof ExitCode];

/** A failed call; its hints stay with it. */
export async function mapCallError<T>(
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
export function mapParseError<T>(
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

// A lease's ID as typed: hexadecimal, 64 bits. Answers to leaseFromArgs in etcdctl's lease_command.go.

export function parseLeaseId(text: string): bigint {
  return mapParseError(
    ExitCode.badArgs,
    () => parseInt64(text, 16),
    (reason) => `bad lease ID arg (${reason}), expecting ID in Hex`,
  );
}
