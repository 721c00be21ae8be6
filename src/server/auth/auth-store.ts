// Users, roles and what they may do; whether anybody asks. Passwords come in as hashes, since hashing takes its time and
// nothing here waits. Must stay true: every change counts the auth revision up by one, a refused one changes nothing.
// Answers to etcd's server/auth/store.go with simple tokens; their revision is always the newest, so none is ever old.
import { openRangeEnd } from "../../etcd/keys";
import type { Clock } from "../../clock";
import type { Permission, User, UserAddOptions } from "../../proto/gen/authpb";
import { Permission_Type, Role } from "../../proto/gen/authpb";
import { emptyBytes } from "../../proto/wire";
import type { RawBucket } from "../../storage/contents";
import { SimpleTokens } from "./authenticate";
import type { AuthState } from "./buckets";
import { byBytes, dumpAuth, loadAuth, namesInOrder } from "./buckets";
import type { PermittedRanges } from "./permissions";
import { AuthError, isPermission, permittedRanges, withPermission } from "./permissions";

export interface AuthStoreOptions {
  readonly clock: Clock;
  /** Of a db file. */
  readonly buckets: readonly RawBucket[];
  readonly tokenTtlSeconds?: number | undefined;
}

/** The user and the role that may do everything. */
export const root = "root";

export class AuthStore {
  readonly tokens: SimpleTokens;
  private readonly state: AuthState;
  /** Made when first asked for, forgotten at every change. */
  private readonly permitted = new Map<string, PermittedRanges>();

  constructor({ clock, buckets, tokenTtlSeconds }: AuthStoreOptions) {
    this.tokens = new SimpleTokens(clock, tokenTtlSeconds);
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
    return this.state.users.get(name) ?? refuse("userNotFound");
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

  changePassword(name: string, password: Uint8Array): void {
    const user = this.user(name);
    user.password = user.options?.noPassword === true ? emptyBytes : password;
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

  /** The root role may do everything, whatever it was granted. */
  permissionsOf(roleName: string): Permission[] {
    const role = this.role(roleName);
    return roleName === root ? [rootPermission] : role.keyPermission;
  }

  grantPermission(roleName: string, permission: Permission | undefined): void {
    if (permission === undefined) throw new AuthError("permissionNotGiven");
    if (!isPermission(permission)) throw new AuthError("invalidAuthManagement");
    const role = this.role(roleName);
    role.keyPermission = withPermission(role.keyPermission, permission);
    this.changed();
  }

  revokePermission(roleName: string, key: Uint8Array, rangeEnd: Uint8Array): void {
    const role = this.role(roleName);
    const left = role.keyPermission.filter(
      (each) => Buffer.compare(each.key, key) !== 0 || Buffer.compare(each.rangeEnd, rangeEnd) !== 0,
    );
    if (left.length === role.keyPermission.length) throw new AuthError("permissionNotGranted");
    role.keyPermission = left;
    this.changed();
  }

  /** Undefined for a user who is not there (a certificate may name anybody). */
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
    return this.state.roles.get(name) ?? refuse("roleNotFound");
  }

  private changed(): void {
    this.state.revision++;
    this.permitted.clear();
  }
}

const rootPermission: Permission = {
  permType: Permission_Type.READWRITE,
  key: emptyBytes,
  rangeEnd: openRangeEnd,
};

function refuse(reason: ConstructorParameters<typeof AuthError>[0]): never {
  throw new AuthError(reason);
}
