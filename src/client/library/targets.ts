// Keys and ranges of keys as the library's users name them: a key, a prefix, or two ends.
import { firstKey, openRangeEnd, prefixEnd } from "../../etcd/keys";
import { emptyBytes } from "../../proto/wire";
import { bytes, type Input } from "./input";
import { checkOptions, type OptionTable } from "./options";

/** Bytes of a key or value. A string stands for its UTF-8 bytes. */
export type Bytes = Input<Uint8Array>;

/** Which keys: those with a prefix, or those from `from` up to but without `to`. Without an option: all keys. */
export interface RangeTarget {
  /** Every key that begins with it. The empty string means every key. */
  readonly prefix?: Bytes | undefined;
  /** The first key of the range. Default: the first key of all. */
  readonly from?: Bytes | undefined;
  /** The end of the range, which is not part of it. Default: after the last key of all. */
  readonly to?: Bytes | undefined;
}

export const rangeTable = {
  prefix: "any",
  from: "any",
  to: "any",
} as const satisfies OptionTable<RangeTarget>;

export interface KeyRange {
  readonly key: Uint8Array;
  readonly rangeEnd: Uint8Array;
}

/** Throws a TypeError for a key, or a name, that is empty or no bytes. */
export function keyOf(owner: string, key: unknown, what = "key"): Uint8Array {
  const given = bytes(key, `the ${what} of ${owner}`);
  if (given.length === 0) throw new TypeError(`the ${what} of ${owner} must not be empty`);
  return given;
}

export function rangeOf(owner: string, { prefix, from, to }: RangeTarget): KeyRange {
  if (prefix !== undefined) {
    if (from !== undefined || to !== undefined)
      throw new TypeError(`option prefix of ${owner} excludes from and to`);
    const first = bytes(prefix, `option prefix of ${owner}`);
    return { key: first.length === 0 ? firstKey : first, rangeEnd: prefixEnd(first) };
  }
  const key = from === undefined ? emptyBytes : bytes(from, `option from of ${owner}`);
  const end = to === undefined ? openRangeEnd : bytes(to, `option to of ${owner}`);
  if (end.length === 0) throw new TypeError(`option to of ${owner} must not be empty`);
  return { key: key.length === 0 ? firstKey : key, rangeEnd: end };
}

/** A key, or a range of keys. A range of all keys must be asked for with `prefix: ""`. */
export function keyOrRange(owner: string, target: Bytes | RangeTarget): KeyRange {
  if (!isRangeTarget(target)) return { key: keyOf(owner, target), rangeEnd: emptyBytes };
  checkOptions(owner, target, rangeTable);
  if (Object.values(target).every((value) => value === undefined))
    throw new TypeError(
      `${owner} needs a key, or an object with prefix, from or to; prefix "" means every key`,
    );
  return rangeOf(owner, target);
}

/** Bytes are objects too. */
export function isRangeTarget(target: unknown): target is RangeTarget {
  if (typeof target !== "object" || target === null) return false;
  return !ArrayBuffer.isView(target) && Object.prototype.toString.call(target) !== "[object ArrayBuffer]";
}
