// Permission checks of the requests that read or change keys, leases, users and members. Each throws AuthError, and
// passes while auth is off. Must stay true: the order of the checks is etcd's.
// Go: server/etcdserver/apply/auth.go, isOpPermitted and IsAdminPermitted in server/auth/store.go
import type { DeleteRangeRequest, PutRequest, RequestOp, TxnRequest } from "../../proto/gen/etcdserverpb";
import { emptyBytes } from "../../proto/wire";
import type { ReadableLessor } from "../lease/lessor";
import type { ReadableAuth } from "./auth-store";
import { root } from "./auth-store";
import { AuthError, keyRange } from "./permissions";

export interface Access {
  readonly auth: ReadableAuth;
  readonly lessor: ReadableLessor;
  /** Name of the user. Undefined: the request has neither a token nor a certificate that counts. */
  readonly caller: string | undefined;
  /** Revision of the auth store when the caller was recognized. */
  readonly revision: bigint;
}

interface KeyRequest {
  readonly key: Uint8Array;
  readonly rangeEnd: Uint8Array;
}

export function mayRead(access: Access, { key, rangeEnd }: KeyRequest): void {
  checkKeys(access, "read", key, rangeEnd);
}

export function mayPut(access: Access, request: PutRequest): void {
  checkKeys(access, "write", request.key, emptyBytes);
  // A user without write permission on all keys of a lease cannot revoke it, so may not attach a key to it either.
  mayWriteLeaseKeys(access, request.lease);
  if (request.prevKv) checkKeys(access, "read", request.key, emptyBytes);
}

export function mayDelete(access: Access, { key, rangeEnd, prevKv }: DeleteRangeRequest): void {
  checkKeys(access, "write", key, rangeEnd);
  if (prevKv) checkKeys(access, "read", key, rangeEnd);
}

/** Checks both branches, whichever will run. */
export function mayTxn(access: Access, { compare, success, failure }: TxnRequest): void {
  if (!access.auth.enabled) return;
  for (const each of compare) mayRead(access, each);
  for (const { request } of [...success, ...failure]) mayOperate(access, request);
}

function mayOperate(access: Access, request: RequestOp["request"]): void {
  switch (request?.case) {
    case "requestRange":
      return mayRead(access, request.value);
    case "requestPut":
      return mayPut(access, request.value);
    case "requestDeleteRange":
      return mayDelete(access, request.value);
    case "requestTxn":
      return mayTxn(access, request.value);
    case undefined:
  }
}

/** Needed to renew or revoke a lease, as its end deletes its keys. */
export function mayWriteLeaseKeys(access: Access, lease: bigint): void {
  checkLeaseKeys(access, "write", [lease]);
}

export function mayReadLeaseKeys(access: Access, leases: readonly bigint[]): void {
  checkLeaseKeys(access, "read", leases);
}

type Caller = Pick<Access, "auth" | "caller">;

export function requireUser({ auth, caller }: Caller): void {
  if (auth.enabled && caller === undefined) throw new AuthError("userEmpty");
}

/** Users may read about themselves. For etcd a caller without a name is the user "", which never exists. */
export function requireSelf(access: Caller, name: string): void {
  if ((access.caller ?? "") !== name) requireAdmin(access);
}

/** Users may read about their roles. */
export function requireRoleOrAdmin(access: Caller, role: string): void {
  if (access.caller === undefined || !access.auth.hasRole(access.caller, role)) requireAdmin(access);
}

export function requireAdmin({ auth, caller }: Caller): void {
  if (!auth.enabled) return;
  if (caller === undefined || caller === "") throw new AuthError("userEmpty");
  if (!auth.user(caller).roles.includes(root)) throw new AuthError("permissionDenied");
}

function checkKeys(
  { auth, caller, revision }: Omit<Access, "lessor">,
  kind: "read" | "write",
  key: Uint8Array,
  rangeEnd: Uint8Array,
): void {
  if (!auth.enabled) return;
  if (caller === undefined) throw new AuthError("userEmpty");
  if (revision === 0n) throw new AuthError("userEmpty");
  // Users or roles have changed since the request was proposed or its token was signed.
  if (revision < auth.revision) throw new AuthError("authOldRevision");
  if (auth.hasRole(caller, root)) return;
  if (auth.permittedTo(caller)?.[kind].covers(keyRange(key, rangeEnd)) !== true) {
    throw new AuthError("permissionDenied");
  }
}

function checkLeaseKeys(access: Access, kind: "read" | "write", leases: readonly bigint[]): void {
  const { auth, caller, lessor } = access;
  if (!auth.enabled || (caller !== undefined && auth.hasRole(caller, root))) return;
  for (const lease of leases) {
    for (const key of lessor.timeToLive(lease)?.attachedKeys() ?? [])
      checkKeys(access, kind, key, emptyBytes);
  }
}
