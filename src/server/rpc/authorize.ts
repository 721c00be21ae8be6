// Who calls, and may they? Every handler asks here before it does anything that etcd guards; all pass while auth is off.
// Answers to AuthInfoFromCtx, AuthAdmin and requireAuthInfo of etcd's server.
import { requireAdmin, requireUser, type Access } from "../auth/checks";
import { AuthError } from "../auth/permissions";
import { propose, proposeRead, translated, type EtcdServer } from "../etcd-server";
import type { ServerCall } from "./routes";

/** Runs `check` for the caller; what it throws comes out in etcd's words. */
export function authorize(member: EtcdServer, call: ServerCall, check: (access: Access) => void): void {
  if (!member.auth.enabled || member.authOptions.trustEverybody === true) return;
  translated(() => check(accessOf(member, call)));
}

export function authorizeUser(member: EtcdServer, call: ServerCall): void {
  authorize(member, call, requireUser);
}

export function authorizeAdmin(member: EtcdServer, call: ServerCall): void {
  authorize(member, call, requireAdmin);
}

/** A change somebody asks for. A token that is not valid is told before anything else of the request. */
export function proposeFor<T>(member: EtcdServer, call: ServerCall, apply: () => T): T | Promise<T> {
  authorize(member, call, () => undefined);
  return propose(member, call.requestSizeBytes, apply);
}

export function proposeReadFor<T>(member: EtcdServer, call: ServerCall, read: () => T): T {
  authorize(member, call, () => undefined);
  return proposeRead(member, read);
}

/** Throws AuthError for a token that is not valid, or no longer. */
function accessOf(member: EtcdServer, call: ServerCall): Access {
  const { auth, engine, authOptions } = member;
  // The JSON gateway's clients say `Authorization`.
  const token = call.metadata.get("token") ?? call.metadata.get("authorization");
  if (token === undefined) {
    const caller = authOptions.clientCertAuth === true ? call.commonName : undefined;
    return { auth, lessor: engine.lessor, caller };
  }
  const caller = auth.tokens.userOf(token.replace(/^Bearer /, ""));
  if (caller === undefined) throw new AuthError("invalidAuthToken");
  return { auth, lessor: engine.lessor, caller };
}
