// Which keys a get, a del or a watch means: one key, [key, end), all with a prefix, or all from a key on.
// The checks come in Go's order; an empty key stands for the first possible one where more than one key is meant.
// Answers to the key options of clientv3's op.go and the argument checks of get_command.go and del_command.go.
import { CliError, ExitCode } from "../errors";
import { prefixEnd } from "../prefix-end";
import { EMPTY_BYTES } from "../proto/wire";
import { bytesOf, type Word } from "./words";

export interface KeyRange {
  readonly key: Uint8Array;
  /** Empty for one key; a single zero byte for "to the last key". */
  readonly rangeEnd: Uint8Array;
}

export interface KeyRangeFlags {
  readonly prefix: boolean;
  readonly "from-key": boolean;
}

const zeroByte = Uint8Array.of(0);

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
  if (!isMany) return { key, rangeEnd: end === undefined ? EMPTY_BYTES : bytesOf(end) };
  if (key.length === 0) return { key: zeroByte, rangeEnd: zeroByte };
  return { key, rangeEnd: flags.prefix ? prefixEnd(key) : zeroByte };
}

export function badArgs(message: string): CliError {
  return new CliError(ExitCode.badArgs, message);
}
