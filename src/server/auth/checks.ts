// Permission checks of the requests that read or change keys, leases, users and members. Each throws AuthError, and
// passes while auth is off. What a check of many keys returns is the rest of it, in steps. Must stay true: the order of the
// checks is etcd's.
// Go: server/etcdserver/apply/auth.go, isOpPermitted and IsAdminPermitted in server/auth/store.go
import type { DeleteRangeRequest, PutRequest, RequestOp, TxnRequest } from "../../proto/gen/etcdserverpb";
import { emptyBytes } from "../../proto/wire";
import { stepUnits, type Steps } from "../../storage/steps";
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

/** The rest of a check. Undefined: it has passed. */
export type Rest = Steps<void> | undefined;

interface KeyRequest {
  readonly key: Uint8Array;
  readonly rangeEnd: Uint8Array;
}

export function mayRead(access: Access, { key, rangeEnd }: KeyRequest): void {
  checkKeys(access, "read", key, rangeEnd);
}

export function mayPut(access: Access, request: PutRequest): Rest {
  checkKeys(access, "write", request.key, emptyBytes);
  if (request.prevKv) checkKeys(access, "read", request.key, emptyBytes);
  // A user without write permission on all keys of a lease cannot revoke it, so may not attach a key to it either.
  return request.lease === 0n ? undefined : mayWriteLeaseKeys(access, request.lease);
}

export function mayDelete(access: Access, { key, rangeEnd, prevKv }: DeleteRangeRequest): void {
  checkKeys(access, "write", key, rangeEnd);
  if (prevKv) checkKeys(access, "read", key, rangeEnd);
}

/** Checks both branches, whichever will run. */
export function mayTxn(access: Access, { compare, success, failure }: TxnRequest): Rest {
  if (!access.auth.enabled) return undefined;
  for (const each of compare) mayRead(access, each);
  const rests = [...success, ...failure].map(({ request }) => mayOperate(access, request));
  return rests.some((rest) => rest !== undefined) ? oneAfterTheOther(rests) : undefined;
}

function mayOperate(access: Access, request: RequestOp["request"]): Rest {
  switch (request?.case) {
    case "requestPut":
      return mayPut(access, request.value);
    case "requestTxn":
      return mayTxn(access, request.value);
    case "requestRange":
      mayRead(access, request.value);
      return undefined;
    case "requestDeleteRange":
      mayDelete(access, request.value);
      return undefined;
    case undefined:
      return undefined;
  }
}

function* oneAfterTheOther(rests: readonly Rest[]): Steps<void> {
  for (const rest of rests) if (rest !== undefined) yield* rest;
}

/** Needed to renew or revoke a lease, as its end deletes its keys. */
export function mayWriteLeaseKeys(access: Access, lease: bigint): Rest {
  return checkLeaseKeys(access, "write", [lease]);
}

export function mayReadLeaseKeys(access: Access, leases: readonly bigint[]): Rest {
  return checkLeaseKeys(access, "read", leases);
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

function checkLeaseKeys(access: Access, kind: "read" | "write", leases: readonly bigint[]): Rest {
  const { auth, caller } = access;
  if (!auth.enabled || (caller !== undefined && auth.hasRole(caller, root))) return undefined;
  return checkEachLeaseKey(access, kind, leases);
}

/** A key that is attached between the steps is checked, too. */
function* checkEachLeaseKey(access: Access, kind: "read" | "write", leases: readonly bigint[]): Steps<void> {
  let left = stepUnits;
  for (const lease of leases) {
    for (const key of access.lessor.timeToLive(lease)?.attachedKeys() ?? []) {
      checkKeys(access, kind, key, emptyBytes);
      if (--left > 0) continue;
      left = stepUnits;
      yield stepUnits;
    }
  }
}
