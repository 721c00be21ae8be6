// Users, roles and permissions, and whether auth is enabled. Passwords arrive as hashes: hashing is slow, and nothing here
// waits. Must stay true: each change raises the auth revision by one; a refused change changes nothing.
// Go: server/auth/store.go
import { openRangeEnd } from "../../etcd/keys";
import type { Permission, User, UserAddOptions } from "../../proto/gen/authpb";
import { Permission_Type, Role } from "../../proto/gen/authpb";
import { emptyBytes } from "../../proto/wire";
import type { RawBucket } from "../../storage/contents";
import type { AuthState } from "./buckets";
import { byBytes, dumpAuth, loadAuth, namesInOrder } from "./buckets";
import type { PermittedRanges } from "./permissions";
import type { Tokens } from "./token";
import {
  AuthError,
  NoPasswordUserError,
  isValidPermission,
  permittedRanges,
  withPermission,
  type AuthErrorName,
} from "./permissions";

export interface AuthStoreOptions {
  /** Buckets of a db file. */
  readonly buckets: readonly RawBucket[];
  readonly tokens: Tokens;
}

/** Name of the user and of the role that have every permission. */
export const root = "root";

export class AuthStore {
  readonly tokens: Tokens;
  private readonly state: AuthState;
  /** Cache, cleared at each change. */
  private readonly permitted = new Map<string, PermittedRanges>();

  constructor({ buckets, tokens }: AuthStoreOptions) {
    this.tokens = tokens;
    this.state = loadAuth(buckets);
    if (this.state.revision === 0n) this.state.revision = 1n;
  }

  get enabled(): boolean {
    return this.state.enabled === true;
  }

  get revision(): bigint {
    return this.state.revision;
  }

  dump(): RawBucket[] {
    return dumpAuth(this.state);
  }

  enable(): void {
    if (this.enabled) return;
    const user = this.state.users.get(root);
    if (user === undefined) throw new AuthError("rootUserNotExist");
    if (!user.roles.includes(root)) throw new AuthError("rootRoleNotExist");
    this.state.enabled = true;
  }

  disable(): void {
    if (!this.enabled) return;
    this.state.enabled = false;
    this.tokens.invalidate();
    this.changed();
  }

  user(name: string): User {
    return this.state.users.get(name) ?? fail("userNotFound");
  }

  /** The hash of a user who may log in. Throws AuthError or NoPasswordUserError. */
  passwordOf(name: string): Uint8Array {
    if (!this.enabled) throw new AuthError("authNotEnabled");
    const user = this.state.users.get(name);
    if (user === undefined) throw new AuthError("authFailed");
    if (user.options?.noPassword === true) throw new NoPasswordUserError();
    return user.password;
  }

  hasRole(userName: string, role: string): boolean {
    return this.state.users.get(userName)?.roles.includes(role) === true;
  }

  userNames(): string[] {
    return namesInOrder(this.state.users);
  }

  roleNames(): string[] {
    return namesInOrder(this.state.roles);
  }

  addUser(name: string, password: Uint8Array, options?: UserAddOptions): void {
    if (name === "") throw new AuthError("userEmpty");
    if (this.state.users.has(name)) throw new AuthError("userAlreadyExist");
    const user = { name: Buffer.from(name), password, roles: [], options: options ?? { noPassword: false } };
    this.state.users.set(name, user);
    this.changed();
  }

  deleteUser(name: string): void {
    if (this.enabled && name === root) throw new AuthError("invalidAuthManagement");
    if (!this.state.users.delete(name)) throw new AuthError("userNotFound");
    this.changed();
    this.tokens.invalidate(name);
  }

  /** `password` undefined: the client sent a hash that is none. etcd's text for that is the one of another refusal. */
  changePassword(name: string, password: Uint8Array | undefined): void {
    const user = this.user(name);
    const hasNone = user.options?.noPassword === true;
    if (password === undefined && !hasNone) throw new NoPasswordUserError();
    user.password = hasNone ? emptyBytes : (password ?? emptyBytes);
    this.changed();
    this.tokens.invalidate(name);
  }

  grantRole(userName: string, role: string): void {
    const user = this.user(userName);
    if (role !== root && !this.state.roles.has(role)) throw new AuthError("roleNotFound");
    if (user.roles.includes(role)) return;
    user.roles = [...user.roles, role].sort(byBytes);
    this.changed();
  }

  revokeRole(userName: string, role: string): void {
    if (this.enabled && userName === root && role === root) throw new AuthError("invalidAuthManagement");
    const user = this.user(userName);
    if (!user.roles.includes(role)) throw new AuthError("roleNotGranted");
    user.roles = user.roles.filter((each) => each !== role);
    this.changed();
  }

  addRole(name: string): void {
    if (name === "") throw new AuthError("roleEmpty");
    if (this.state.roles.has(name)) throw new AuthError("roleAlreadyExist");
    this.state.roles.set(name, Role.create({ name: Buffer.from(name) }));
    this.changed();
  }

  deleteRole(name: string): void {
    if (this.enabled && name === root) throw new AuthError("invalidAuthManagement");
    if (!this.state.roles.delete(name)) throw new AuthError("roleNotFound");
    for (const user of this.state.users.values()) user.roles = user.roles.filter((each) => each !== name);
    this.changed();
  }

  /** The permissions of a role. The root role has every permission, whatever was granted to it. */
  permissionsOf(roleName: string): Permission[] {
    const role = this.role(roleName);
    return roleName === root ? [rootPermission] : role.keyPermission;
  }

  grantPermission(roleName: string, permission: Permission | undefined): void {
    if (permission === undefined) throw new AuthError("permissionNotGiven");
    if (!isValidPermission(permission)) throw new AuthError("invalidAuthManagement");
    const role = this.role(roleName);
    role.keyPermission = withPermission(role.keyPermission, permission);
    this.changed();
  }

  revokePermission(roleName: string, key: Uint8Array, rangeEnd: Uint8Array): void {
    const role = this.role(roleName);
    const remaining = role.keyPermission.filter(
      (each) => Buffer.compare(each.key, key) !== 0 || Buffer.compare(each.rangeEnd, rangeEnd) !== 0,
    );
    if (remaining.length === role.keyPermission.length) throw new AuthError("permissionNotGranted");
    role.keyPermission = remaining;
    this.changed();
  }

  /** Undefined for an unknown user: a certificate may contain any name. */
  permittedTo(userName: string): PermittedRanges | undefined {
    const known = this.permitted.get(userName);
    const user = this.state.users.get(userName);
    if (known !== undefined || user === undefined) return known;
    const permissions = user.roles.flatMap((role) => this.state.roles.get(role)?.keyPermission ?? []);
    const ranges = permittedRanges(permissions);
    this.permitted.set(userName, ranges);
    return ranges;
  }

  private role(name: string): Role {
    return this.state.roles.get(name) ?? fail("roleNotFound");
  }

  private changed(): void {
    this.state.revision++;
    this.permitted.clear();
  }
}

/** What handlers may use: everything but the changes. */
export type ReadableAuth = Pick<
  AuthStore,
  | "tokens"
  | "enabled"
  | "revision"
  | "dump"
  | "user"
  | "passwordOf"
  | "hasRole"
  | "userNames"
  | "roleNames"
  | "permissionsOf"
  | "permittedTo"
>;

const rootPermission: Permission = {
  permType: Permission_Type.READWRITE,
  key: emptyBytes,
  rangeEnd: openRangeEnd,
};

function fail(reason: AuthErrorName): never {
  throw new AuthError(reason);
}
