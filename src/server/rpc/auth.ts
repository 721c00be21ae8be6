// The Auth service. Passwords are hashed and compared before the change that needs them, so that nothing waits for bcrypt
// but the call itself. Answers to etcd's v3rpc/auth.go and the auth part of etcdserver/v3_server.go.
import type { AuthService, ResponseHeader } from "../../proto/gen/etcdserverpb";
import { emptyBytes } from "../../proto/wire";
import type { AuthStore } from "../auth/auth-store";
import { hashPassword, isPassword } from "../auth/authenticate";
import { requireAdmin } from "../auth/checks";
import { AuthError, NoPasswordUserError } from "../auth/permissions";
import { header, proposeRead, translated, type EtcdServer } from "../etcd-server";
import { authorize, authorizeAdmin, proposeFor, proposeReadFor } from "./authorize";
import type { ServerCall, ServiceHandlers } from "./routes";

export function authHandlers(member: EtcdServer): ServiceHandlers<typeof AuthService> {
  const { auth } = member;
  return {
    authEnable: (_request, call) => change(member, call, () => auth.enable()),
    authDisable: (_request, call) => change(member, call, () => auth.disable()),
    authStatus: (_request, call) =>
      proposeReadFor(member, call, () => ({
        header: header(member),
        enabled: auth.enabled,
        authRevision: auth.revision,
      })),
    authenticate: (request) => authenticate(member, request),

    async userAdd({ name, password, options }, call) {
      const hash =
        options?.noPassword === true
          ? emptyBytes
          : await hashPassword(password, member.authOptions.bcryptCost);
      return change(member, call, () => auth.addUser(name, hash, options));
    },
    userDelete: ({ name }, call) => change(member, call, () => auth.deleteUser(name)),
    async userChangePassword({ name, password, hashedPassword }, call) {
      const hash =
        password === ""
          ? Buffer.from(hashedPassword, "base64")
          : await hashPassword(password, member.authOptions.bcryptCost);
      return change(member, call, () => auth.changePassword(name, hash));
    },
    userGrantRole: ({ user, role }, call) => change(member, call, () => auth.grantRole(user, role)),
    userRevokeRole: ({ name, role }, call) => change(member, call, () => auth.revokeRole(name, role)),
    userGet: ({ name }, call) =>
      look(
        member,
        call,
        (caller) => caller === name,
        () => ({ roles: auth.user(name).roles }),
      ),
    userList: (_request, call) => look(member, call, nobody, () => ({ users: auth.userNames() })),

    roleAdd: ({ name }, call) => change(member, call, () => auth.addRole(name)),
    roleDelete: ({ role }, call) => change(member, call, () => auth.deleteRole(role)),
    roleGet: ({ role }, call) =>
      look(
        member,
        call,
        (caller) => auth.hasRole(caller, role),
        () => ({ perm: auth.permissionsOf(role) }),
      ),
    roleList: (_request, call) => look(member, call, nobody, () => ({ roles: auth.roleNames() })),
    roleGrantPermission: ({ name, perm }, call) =>
      change(member, call, () => auth.grantPermission(name, perm)),
    roleRevokePermission: ({ role, key, rangeEnd }, call) =>
      change(member, call, () => auth.revokePermission(role, key, rangeEnd)),
  };
}

function change(
  member: EtcdServer,
  call: ServerCall,
  apply: () => void,
): { header: ResponseHeader } | Promise<{ header: ResponseHeader }> {
  return proposeFor(member, call, () => {
    authorizeAdmin(member, call);
    apply();
    return { header: header(member) };
  });
}

const nobody = () => false;

/** An administrator may look, and whom `mayToo` names. etcd's log has an entry for it all the same. */
function look<T>(
  member: EtcdServer,
  call: ServerCall,
  mayToo: (caller: string) => boolean,
  read: () => T,
): T & { header: ResponseHeader } {
  return proposeReadFor(member, call, () => {
    authorize(member, call, (access) => {
      if (access.caller === undefined || !mayToo(access.caller)) requireAdmin(access);
    });
    return { header: header(member), ...read() };
  });
}

async function authenticate(
  member: EtcdServer,
  { name, password }: { name: string; password: string },
): Promise<{ header: ResponseHeader; token: string }> {
  const { auth } = member;
  for (;;) {
    const { revision } = auth;
    const hash = translated(() => passwordOf(auth, name));
    if (!(await isPassword(password, hash))) translated(() => refuse());
    const token = proposeRead(member, () => {
      passwordOf(auth, name);
      return auth.tokens.assign(name, member.raft.index);
    });
    // Users may have changed while the password was compared.
    if (auth.revision === revision) return { header: header(member), token };
  }
}

function passwordOf(auth: AuthStore, name: string): Uint8Array {
  if (!auth.enabled) throw new AuthError("authNotEnabled");
  if (!auth.userNames().includes(name)) refuse();
  const { options, password } = auth.user(name);
  if (options?.noPassword === true) throw new NoPasswordUserError();
  return password;
}

function refuse(): never {
  throw new AuthError("authFailed");
}
