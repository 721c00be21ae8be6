// The caller of a request, and whether it has the permission. Every check passes while auth is off.
// Go: AuthInfoFromCtx in server/auth/store.go
import type { Access, Rest } from "../auth/checks";
import { AuthError } from "../auth/permissions";
import type { EtcdServer } from "../member/etcd-server";
import type { ServerCall } from "./routes";

/** Runs `check` for the caller. Throws AuthError, also for a token that is not valid. Returns the rest of a check of many keys. */
export function authorize<I, R extends Rest | void>(
  server: EtcdServer,
  call: ServerCall,
  check: (access: Access, request: I) => R,
  request: I,
): R | undefined {
  return server.auth.enabled ? check(accessOf(server, call), request) : undefined;
}

/** Throws AuthError for a token that is not valid. etcd does this before it looks at the change itself. */
export function accessOf(server: EtcdServer, call: ServerCall): Access {
  const { auth, lessor, authOptions } = server;
  if (!auth.enabled || authOptions.trustEverybody === true) return server.rootAccess();
  const access = (caller: string | undefined, revision = auth.revision) => ({
    auth,
    lessor,
    caller,
    revision,
  });
  // Clients of the JSON gateway send `Authorization`.
  const token = call.metadata.get("token") ?? call.metadata.get("authorization");
  if (token === undefined) return access(authOptions.clientCertAuth === true ? call.commonName : undefined);
  const owner = auth.tokens.ownerOf(token.replace(/^Bearer /, ""), auth.revision);
  if (owner === undefined) throw new AuthError("invalidAuthToken");
  return access(owner.user, owner.revision);
}
