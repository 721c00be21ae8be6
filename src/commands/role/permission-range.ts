// The keys of a permission, as grant-permission and revoke-permission take them. An empty key stands for the first possible
// one, also where only one key is meant; a range that ends with a zero byte is open ended.
// Answers to permRange in etcdctl's role_command.go, the order of its checks included.
import { rawBytes } from "../../goformat/raw-text";
import { prefixEnd } from "../../prefix-end";
import { EMPTY_BYTES } from "../../proto/wire";
import type { FlagTable, FlagValues } from "../flags";
import { badArgs, type KeyRange } from "../key-range";

export const permissionFlags = {
  prefix: { kind: "bool", default: false, usage: "the keys that begin with KEY" },
  "from-key": { kind: "bool", default: false, usage: "KEY and all keys after it in byte order" },
} as const satisfies FlagTable;

export type PermissionFlags = FlagValues<typeof permissionFlags>;

const zeroByte = Buffer.of(0);

export function permissionRange(
  [key = "", end]: readonly string[],
  { prefix, "from-key": fromKey }: PermissionFlags,
): KeyRange {
  if (prefix && fromKey && (key === "" || end === undefined)) {
    throw badArgs("--from-key and --prefix flags are mutually exclusive");
  }
  if (key === "") return { key: zeroByte, rangeEnd: prefix || fromKey ? zeroByte : EMPTY_BYTES };
  if (end !== undefined && prefix) throw badArgs("unexpected endkey argument with --prefix flag");
  if (end !== undefined && fromKey) throw badArgs("unexpected endkey argument with --from-key flag");
  const bytes = rawBytes(key);
  if (prefix) return { key: bytes, rangeEnd: prefixEnd(bytes) };
  if (fromKey) return { key: bytes, rangeEnd: zeroByte };
  return { key: bytes, rangeEnd: end === undefined ? EMPTY_BYTES : rawBytes(end) };
}
