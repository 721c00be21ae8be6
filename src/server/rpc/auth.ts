// The Auth service. Passwords are hashed and compared in a worker thread, outside the proposal and after the permission is
// checked, so bcrypt delays no other request.
// Go: server/etcdserver/api/v3rpc/auth.go and the auth part of server/etcdserver/v3_server.go
import type { UserAddOptions } from "../../proto/gen/authpb";
import type { AuthService, ResponseHeader } from "../../proto/gen/etcdserverpb";
import { emptyBytes } from "../../proto/wire";
import type { AuthStore, ReadableAuth } from "../auth/auth-store";
import { requireAdmin } from "../auth/checks";
import { AuthError, NoPasswordUserError } from "../auth/permissions";
import { header, type EtcdServer } from "../etcd-server";
import { authorize } from "./authorize";
import { toServerError } from "./errors";
import { change, read } from "./pipeline";
import type { ServerCall, ServiceHandlers } from "./routes";

export function authHandlers(server: EtcdServer): ServiceHandlers<typeof AuthService> {
  const { auth } = server;
  /** The hash of a new password. Refuses a caller without permission before the costly work. */
  const hashFor = async (call: ServerCall, password: string): Promise<Uint8Array> => {
    try {
      authorize(server, call, requireAdmin, undefined);
    } catch (error) {
      throw toServerError(error);
    }
    return server.passwords.hash(password, server.authOptions.bcryptCost, call.signal);
  };
  const addUser = authChange(server, (store, user: HashedUser) =>
    store.addUser(user.name, user.hash, user.options),
  );
  const changePassword = authChange(server, (store, { name, hash }: HashedUser) =>
    store.changePassword(name, hash),
  );

  return {
    authEnable: authChange(server, (store) => store.enable()),
    authDisable: authChange(server, (store) => store.disable()),
    authStatus: read(server, {
      logged: true,
      run: () => ({ header: undefined, enabled: auth.enabled, authRevision: auth.revision }),
    }),
    authenticate: (request, call) => authenticate(server, request, call),

    async userAdd({ name, password, options }, call) {
      const hash = options?.noPassword === true ? emptyBytes : await hashFor(call, password);
      return addUser({ name, hash, options }, call);
    },
    userDelete: authChange(server, (store, { name }) => store.deleteUser(name)),
    async userChangePassword({ name, password, hashedPassword }, call) {
      const hash = password === "" ? Buffer.from(hashedPassword, "base64") : await hashFor(call, password);
      return changePassword({ name, hash }, call);
    },
    userGrantRole: authChange(server, (store, { user, role }) => store.grantRole(user, role)),
    userRevokeRole: authChange(server, (store, { name, role }) => store.revokeRole(name, role)),
    // Users may read about themselves and about their roles. Everything else needs the root role.
    userGet: read(server, {
      logged: true,
      authorize(access, { name }) {
        if (access.caller !== name) requireAdmin(access);
      },
      run: ({ name }) => ({ header: undefined, roles: auth.user(name).roles }),
    }),
    userList: read(server, {
      logged: true,
      authorize: requireAdmin,
      run: () => ({ header: undefined, users: auth.userNames() }),
    }),

    roleAdd: authChange(server, (store, { name }) => store.addRole(name)),
    roleDelete: authChange(server, (store, { role }) => store.deleteRole(role)),
    roleGet: read(server, {
      logged: true,
      authorize(access, { role }) {
        if (access.caller === undefined || !auth.hasRole(access.caller, role)) requireAdmin(access);
      },
      run: ({ role }) => ({ header: undefined, perm: auth.permissionsOf(role) }),
    }),
    roleList: read(server, {
      logged: true,
      authorize: requireAdmin,
      run: () => ({ header: undefined, roles: auth.roleNames() }),
    }),
    roleGrantPermission: authChange(server, (store, { name, perm }) => store.grantPermission(name, perm)),
    roleRevokePermission: authChange(server, (store, { role, key, rangeEnd }) =>
      store.revokePermission(role, key, rangeEnd),
    ),
  };
}

interface HashedUser {
  readonly name: string;
  readonly hash: Uint8Array;
  readonly options?: UserAddOptions | undefined;
}

interface HeaderOnly {
  header: ResponseHeader | undefined;
}

/** All changes of users and roles: by users with the root role, with nothing but a header as the response. */
function authChange<I>(
  server: EtcdServer,
  apply: (auth: AuthStore, request: I) => void,
): (request: I, call: ServerCall) => HeaderOnly | Promise<HeaderOnly> {
  return change<I, HeaderOnly>(server, {
    authorize: requireAdmin,
    apply(state, request) {
      apply(state.auth, request);
      return { header: undefined };
    },
  });
}

async function authenticate(
  server: EtcdServer,
  { name, password }: { name: string; password: string },
  { signal }: ServerCall,
): Promise<{ header: ResponseHeader; token: string }> {
  const { auth } = server;
  try {
    for (;;) {
      const { revision } = auth;
      const hash = passwordHashOf(auth, name);
      if (!(await server.passwords.isSame(password, hash, signal))) throw new AuthError("authFailed");
      const token = server.logRead(() => {
        passwordHashOf(auth, name);
        return auth.tokens.assign(name, server.raft.index);
      });
      // Users may have changed during the comparison. If so, try again.
      if (auth.revision === revision) return { header: header(server), token };
    }
  } catch (error) {
    throw toServerError(error);
  }
}

function passwordHashOf(auth: ReadableAuth, name: string): Uint8Array {
  if (!auth.enabled) throw new AuthError("authNotEnabled");
  if (!auth.userNames().includes(name)) throw new AuthError("authFailed");
  const { options, password } = auth.user(name);
  if (options?.noPassword === true) throw new NoPasswordUserError();
  return password;
}
