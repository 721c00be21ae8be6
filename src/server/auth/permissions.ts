// What the auth store refuses, named as the server's table of errors names it (transport/error-table.ts), which the RPC
// layer turns it into. Answers to the errors of etcd's server/auth/store.go.

import type { Permission } from "../../proto/gen/authpb";
import { Permission_Type as Type } from "../../proto/gen/authpb";
import type { KeyRange } from "../mvcc/keys";
import { KeyRanges, endOf, endOfKeys, keyString } from "../mvcc/keys";

export type AuthRefusal =
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
  | "invalidAuthToken"
  | "invalidAuthManagement";

export class AuthError extends Error {
  override name = "AuthError";
  constructor(readonly refusal: AuthRefusal) {
    super(`auth: ${refusal}`);
  }
}

/** Has no place in etcd's table: clients see its text with the code Unknown. */
export class NoPasswordUserError extends Error {
  override name = "NoPasswordUserError";
  constructor() {
    super("auth: authentication failed, password was given for no password user");
  }
}

// Permissions on keys: which are valid, and what a set of them allows. An end of one zero byte is open.
// Answers to etcd's server/auth/range_perm_cache.go and the sorted list of a role's permissions in store.go.

export interface PermittedRanges {
  readonly read: KeyRanges;
  readonly write: KeyRanges;
}

export function isPermission({ key, rangeEnd }: Permission): boolean {
  if (key.length === 0) return false;
  const end = endOf(rangeEnd);
  return end === undefined || end.length === 0 || Buffer.compare(key, end) < 0;
}

/** In order of keys. The same range again changes what is allowed on it. */
export function withPermission(permissions: readonly Permission[], added: Permission): Permission[] {
  const at = permissions.findIndex((each) => Buffer.compare(each.key, added.key) >= 0);
  const same = permissions[at];
  if (same !== undefined && isSame(same, added)) return permissions.with(at, added);
  return [...permissions, added].sort((a, b) => Buffer.compare(a.key, b.key));
}

function isSame(a: Permission, b: Permission): boolean {
  return Buffer.compare(a.key, b.key) === 0 && Buffer.compare(a.rangeEnd, b.rangeEnd) === 0;
}

export function permittedRanges(permissions: readonly Permission[]): PermittedRanges {
  const permitted = { read: new KeyRanges(), write: new KeyRanges() };
  for (const { permType, key, rangeEnd } of permissions) {
    const range = keyRange(key, rangeEnd);
    if (permType !== Type.WRITE) permitted.read.add(range);
    if (permType !== Type.READ) permitted.write.add(range);
  }
  return permitted;
}

/** `rangeEnd` as in the API: none: the one key; one zero byte: everything from the key on. */
export function keyRange(key: Uint8Array, rangeEnd: Uint8Array): KeyRange {
  const start = keyString(key);
  const end = endOf(rangeEnd);
  if (end === undefined) return { start, end: `${start}\0` };
  return { start, end: end.length === 0 ? endOfKeys : keyString(end) };
}
