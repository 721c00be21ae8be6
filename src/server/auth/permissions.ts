// Permissions on ranges of keys: which ranges are valid, and what a set of permissions allows. A range end of one zero
// byte means every key from the start on.
// Go: server/auth/range_perm_cache.go, roleGrantPermission in server/auth/store.go
import type { Permission } from "../../proto/gen/authpb";
import { Permission_Type as Type } from "../../proto/gen/authpb";
import type { KeyRange } from "../mvcc/keys";
import { KeyRanges, endOf, endOfKeys, keyString } from "../mvcc/keys";

export interface PermittedRanges {
  readonly read: KeyRanges;
  readonly write: KeyRanges;
}

export function permittedRanges(permissions: readonly Permission[]): PermittedRanges {
  const permitted = { read: new KeyRanges(), write: new KeyRanges() };
  for (const { permType, key, rangeEnd } of permissions) {
    const range = keyRange(key, rangeEnd);
    // A type that does not exist permits nothing.
    if (permType === Type.READ || permType === Type.READWRITE) permitted.read.add(range);
    if (permType === Type.WRITE || permType === Type.READWRITE) permitted.write.add(range);
  }
  return permitted;
}

/** A range as in the API: without an end it is the one key. */
export function keyRange(key: Uint8Array, rangeEnd: Uint8Array): KeyRange {
  const start = keyString(key);
  const end = endOf(rangeEnd);
  if (end === undefined) return { start, end: `${start}\0` };
  return { start, end: end.length === 0 ? endOfKeys : keyString(end) };
}

export function isValidPermission({ key, rangeEnd }: Permission): boolean {
  if (key.length === 0) return false;
  const end = endOf(rangeEnd);
  return end === undefined || end.length === 0 || Buffer.compare(key, end) < 0;
}

/** The permissions with `added`, in order of keys. A permission on the same range is replaced. */
export function withPermission(permissions: readonly Permission[], added: Permission): Permission[] {
  const at = permissions.findIndex((each) => Buffer.compare(each.key, added.key) >= 0);
  const same = permissions[at];
  if (same !== undefined && hasSameRange(same, added)) return permissions.with(at, added);
  return [...permissions, added].sort((a, b) => Buffer.compare(a.key, b.key));
}

function hasSameRange(a: Permission, b: Permission): boolean {
  return Buffer.compare(a.key, b.key) === 0 && Buffer.compare(a.rangeEnd, b.rangeEnd) === 0;
}

/** Names in the table of server errors (src/etcd/error-table.ts). */
export type AuthErrorName =
  | "rootUserNotExist"
  | "rootRoleNotExist"
  | "userAlreadyExist"
  | "userEmpty"
  | "userNotFound"
  | "roleAlreadyExist"
  | "roleNotFound"
  | "roleEmpty"
  | "authFailed"
  | "permissionNotGiven"
  | "permissionDenied"
  | "roleNotGranted"
  | "permissionNotGranted"
  | "authNotEnabled"
  | "authOldRevision"
  | "invalidAuthToken"
  | "invalidAuthManagement";

/** Go: the errors of server/auth/store.go */
export class AuthError extends Error {
  override name = "AuthError";
  constructor(readonly reason: AuthErrorName) {
    super(`auth: ${reason}`);
  }
}

/** The server cannot make tokens, or its --auth-token is wrong. The message is etcd's, and clients receive it as Unknown. */
export class TokenError extends Error {
  override name = "TokenError";
}

/** etcd's error table does not contain this one: clients receive the text with the code Unknown. */
export class NoPasswordUserError extends Error {
  override name = "NoPasswordUserError";
  constructor() {
    super("auth: authentication failed, password was given for no password user");
  }
}
