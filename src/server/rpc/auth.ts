// The Auth service. Passwords are hashed and compared in a worker thread, outside the proposal and after the permission is
// checked, so bcrypt delays no other request.
// Go: server/etcdserver/api/v3rpc/auth.go and the auth part of server/etcdserver/v3_server.go
import type { AuthService, AuthenticateRequest, AuthenticateResponse } from "../../proto/gen/etcdserverpb";
import { newTokenPrefix } from "../auth/simple-tokens";
import { requireAdmin } from "../auth/checks";
import { checkLength } from "../auth/passwords";
import { AuthError } from "../auth/permissions";
import { header, type EtcdServer } from "../member/etcd-server";
import { authorize } from "./authorize";
import { toServerError } from "../member/errors";
import { assertReadIndex, change } from "./pipeline";
import type { ServerCall, ServiceHandlers } from "./routes";

export function authHandlers(server: EtcdServer): ServiceHandlers<typeof AuthService> {
  /** The hash of a new password, in base64. Refuses a caller without permission before the costly work. */
  const hashFor = async (call: ServerCall, password: string): Promise<string> => {
    checkLength(password);
    try {
      authorize(server, call, requireAdmin, undefined);
    } catch (error) {
      throw toServerError(error);
    }
    const hash = await server.passwords.hash(password, server.authOptions.bcryptCost, call.signal);
    return Buffer.from(hash).toString("base64");
  };
  const addUser = change(server, "authUserAdd");
  const changePassword = change(server, "authUserChangePassword");

  return {
    authEnable: change(server, "authEnable"),
    authDisable: change(server, "authDisable"),
    authStatus: change(server, "authStatus"),
    authenticate: (request, call) => authenticate(server, request, call),

    // The log has hashes, never passwords.
    async userAdd({ name, password, options }, call) {
      const hashedPassword = options?.noPassword === true ? "" : await hashFor(call, password);
      return addUser({ name, password: "", hashedPassword, options }, call);
    },
    userDelete: change(server, "authUserDelete"),
    async userChangePassword(request, call) {
      const { name, password } = request;
      const hashedPassword = password === "" ? request.hashedPassword : await hashFor(call, password);
      return changePassword({ name, password: "", hashedPassword }, call);
    },
    userGrantRole: change(server, "authUserGrantRole"),
    userRevokeRole: change(server, "authUserRevokeRole"),
    userGet: change(server, "authUserGet"),
    userList: change(server, "authUserList"),

    roleAdd: change(server, "authRoleAdd"),
    roleDelete: change(server, "authRoleDelete"),
    roleGet: change(server, "authRoleGet"),
    roleList: change(server, "authRoleList"),
    roleGrantPermission: change(server, "authRoleGrantPermission"),
    roleRevokePermission: change(server, "authRoleRevokePermission"),
  };
}

async function authenticate(
  server: EtcdServer,
  { name, password }: AuthenticateRequest,
  call: ServerCall,
): Promise<AuthenticateResponse> {
  const { auth } = server;
  const { signal, peers } = call;
  try {
    assertReadIndex(server, call);
    for (;;) {
      const { revision } = auth;
      const hash = auth.passwordOf(name);
      if (!(await server.passwords.isSame(password, hash, signal))) throw new AuthError("authFailed");
      const request = { name, password: "", simpleToken: newTokenPrefix() };
      const { token } = await server.proposeRequest("authenticate", request, { peers });
      // Users may have changed during the comparison. If so, try again.
      if (auth.revision === revision) return { header: header(server), token };
    }
  } catch (error) {
    throw toServerError(error);
  }
}
