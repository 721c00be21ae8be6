// Users, roles and permissions of version 2, as JSON in the store under /2. They have nothing to do with those of version 3.
// Go (etcd 3.4): etcdserver/api/v2auth/auth.go, auth_requests.go
import { decodePartially, list, optional, string, struct, strings } from "../../../go/decode-json";
import { jsonString } from "../../../go/quote";
import { baseName, cleanPath } from "../../../go/path";
import type { Request } from "../../../proto/gen/etcdserverpb";
import type { EtcdServer } from "../../member/etcd-server";
import type { StoreEvent } from "../../v2store/event";
import { ErrorCode, V2Error } from "../../v2store/v2-error";
import { doV2 } from "./do";
import { HttpError } from "./exchange";

export const rootRole = "root";
export const guestRole = "guest";

/** null is a list that was never set: in JSON it differs from an empty one. */
type Strings = readonly string[] | null;

export interface Permissions {
  readonly kv: { readonly read: Strings; readonly write: Strings };
}

export interface Role {
  readonly role: string;
  readonly permissions: Permissions;
  readonly grant?: Permissions | undefined;
  readonly revoke?: Permissions | undefined;
}

export interface User {
  readonly user: string;
  /** A bcrypt hash; of a request the password itself. */
  readonly password: string;
  readonly roles: Strings;
  readonly grant: Strings;
  readonly revoke: Strings;
}

const permissions = struct("Permissions", { kv: struct("RWPermission", { read: strings, write: strings }) });

export const roleJson = struct("Role", {
  role: string,
  permissions,
  grant: optional(permissions),
  revoke: optional(permissions),
});

export const userJson = struct("User", {
  user: string,
  password: string,
  roles: list(string, "[]string"),
  grant: strings,
  revoke: strings,
});

export function encodeRole({ role, permissions: allowed, grant, revoke }: Role): string {
  const more = [
    grant && `,"grant":${encodePermissions(grant)}`,
    revoke && `,"revoke":${encodePermissions(revoke)}`,
  ];
  return `{"role":${jsonString(role)},"permissions":${encodePermissions(allowed)}${more.join("")}}`;
}

export function encodeUser({ user, password, roles, grant, revoke }: User): string {
  const hash = password === "" ? "" : `"password":${jsonString(password)},`;
  const more = Object.entries({ grant, revoke }).map(([name, value]) =>
    value === null || value.length === 0 ? "" : `,"${name}":${encodeStrings(value)}`,
  );
  return `{"user":${jsonString(user)},${hash}"roles":${encodeStrings(roles)}${more.join("")}}`;
}

function encodePermissions({ kv }: Permissions): string {
  return `{"kv":{"read":${encodeStrings(kv.read)},"write":${encodeStrings(kv.write)}}}`;
}

function encodeStrings(values: Strings): string {
  return values === null ? "null" : `[${values.map(jsonString).join(",")}]`;
}

export function areEmpty(given: Permissions | undefined): boolean {
  return !given?.kv.read?.length && !given?.kv.write?.length;
}

const everything: Permissions = { kv: { read: ["/*"], write: ["/*"] } };
const prefix = "/2";

export class V2Auth {
  private hasDirectories = false;

  constructor(readonly server: EtcdServer) {}

  get enabled(): boolean {
    return this.read("/enabled")?.node.value === "true";
  }

  /** Whether callers need permissions. With --offline, who may read the files may do everything. */
  get checksCallers(): boolean {
    return this.server.authOptions.trustEverybody !== true && this.enabled;
  }

  get usesCommonNames(): boolean {
    return this.server.authOptions.clientCertAuth === true;
  }

  userNames(): string[] {
    return this.names("/users");
  }

  roleNames(): string[] {
    return [rootRole, ...this.names("/roles")].sort();
  }

  findUser(name: string): User | undefined {
    const stored = this.read(`/users/${name}`)?.node.value;
    if (stored === undefined) return undefined;
    const user = decodePartially(userJson, Buffer.from(stored)).value;
    return user.user === "root" ? withRootRole(user) : user;
  }

  findRole(name: string): Role | undefined {
    if (name === rootRole) return { role: rootRole, permissions: everything };
    const stored = this.read(`/roles/${name}`)?.node.value;
    return stored === undefined ? undefined : decodePartially(roleJson, Buffer.from(stored)).value;
  }

  /** Throws HttpError, as all methods below. */
  user(name: string): User {
    return this.findUser(name) ?? refuse(404, `User ${name} does not exist.`);
  }

  role(name: string): Role {
    return this.findRole(name) ?? refuse(404, `Role ${name} does not exist.`);
  }

  isPassword({ password }: User, given: string, signal: AbortSignal): Promise<boolean> {
    return this.server.passwords.isSame(given, Buffer.from(password), signal);
  }

  async createUser(given: User, signal: AbortSignal): Promise<User> {
    const user = given.user === "root" ? withRootRole(given) : given;
    if (user.password === "") refuse(400, `Cannot create user ${user.user} with an empty password`);
    const hashed = { ...user, password: await this.hash(user.password, signal) };
    await this.write(`/users/${user.user}`, encodeUser(hashed), false, {
      [ErrorCode.nodeExist]: [409, `User ${user.user} already exists.`],
    });
    return hashed;
  }

  async updateUser(given: User, signal: AbortSignal): Promise<User> {
    const before = this.user(given.user);
    const password = given.password === "" ? before.password : await this.hash(given.password, signal);
    const roles = new Set(before.roles);
    for (const role of given.grant ?? []) {
      if (roles.has(role)) refuse(409, `Granting duplicate role ${role} for user ${given.user}`);
      roles.add(role);
    }
    for (const role of given.revoke ?? []) {
      if (!roles.delete(role)) refuse(409, `Revoking ungranted role ${role} for user ${given.user}`);
    }
    const after = { user: before.user, password, roles: sorted(roles), grant: null, revoke: null };
    if (encodeUser(before) === encodeUser(after)) {
      refuse(400, "User not updated. Use grant/revoke/password to update the user.");
    }
    await this.write(`/users/${given.user}`, encodeUser(after), true);
    return after;
  }

  async deleteUser(name: string): Promise<void> {
    if (this.enabled && name === "root") refuse(403, "Cannot delete root user while auth is enabled.");
    await this.remove(`/users/${name}`, [404, `User ${name} does not exist`]);
  }

  async createRole(role: Role): Promise<void> {
    refuseRootRole(role.role);
    await this.write(`/roles/${role.role}`, encodeRole(role), false, {
      [ErrorCode.nodeExist]: [409, `Role ${role.role} already exists.`],
    });
  }

  async updateRole(given: Role): Promise<Role> {
    refuseRootRole(given.role);
    const before = this.role(given.role);
    const granted = given.grant ? withGrants(before.permissions, given.grant) : before.permissions;
    const after = {
      role: before.role,
      permissions: given.revoke ? withoutRevoked(granted, given.revoke) : granted,
    };
    if (encodeRole(before) === encodeRole(after)) {
      refuse(400, "Role not updated. Use grant/revoke to update the role.");
    }
    await this.write(`/roles/${given.role}`, encodeRole(after), true);
    return after;
  }

  async deleteRole(name: string): Promise<void> {
    refuseRootRole(name);
    await this.remove(`/roles/${name}`, [404, `Role ${name} doesn't exist.`]);
  }

  async enable(): Promise<void> {
    if (this.enabled) refuse(409, "already enabled");
    if (this.findUser("root") === undefined) refuse(409, "No root user available, please create one");
    if (this.findRole(guestRole) === undefined) {
      await this.createRole({ role: guestRole, permissions: everything });
    }
    await this.write("/enabled", "true", true);
  }

  async disable(): Promise<void> {
    if (!this.enabled) refuse(409, "already disabled");
    await this.write("/enabled", "false", true);
  }

  private hash(password: string, signal: AbortSignal): Promise<string> {
    return this.server.passwords.hash(password, undefined, signal).then((hash) => hash.toString());
  }

  private names(directory: string): string[] {
    return (this.read(directory)?.node.nodes ?? []).map(({ key }) => baseName(key)).sort();
  }

  /** Undefined when there is no such node. */
  private read(path: string): StoreEvent | undefined {
    try {
      return this.server.v2.get(cleanPath(prefix + path), false, false);
    } catch (error) {
      if (error instanceof V2Error && error.code === ErrorCode.keyNotFound) return undefined;
      throw error;
    }
  }

  private async write(
    path: string,
    value: string,
    mustExist: boolean,
    refusals: Readonly<Record<number, readonly [status: number, message: string]>> = {},
  ): Promise<void> {
    await this.makeDirectories();
    const request = { Method: "PUT", Path: cleanPath(prefix + path), Val: value, PrevExist: mustExist };
    await this.perform(request, refusals);
  }

  private async remove(path: string, missing: readonly [number, string]): Promise<void> {
    await this.makeDirectories();
    const request = { Method: "DELETE", Path: cleanPath(prefix + path), PrevExist: true };
    await this.perform(request, { [ErrorCode.keyNotFound]: missing });
  }

  private async perform(
    request: Request,
    refusals: Readonly<Record<number, readonly [status: number, message: string]>>,
  ): Promise<void> {
    try {
      await doV2(this.server, request);
    } catch (error) {
      const refusal = error instanceof V2Error ? refusals[error.code] : undefined;
      if (refusal !== undefined) refuse(...refusal);
      throw error;
    }
  }

  private async makeDirectories(): Promise<void> {
    if (this.hasDirectories) return;
    for (const [Path, Val] of [["/2"], ["/2/users"], ["/2/roles"], ["/2/enabled", "false"]] as const) {
      try {
        await doV2(this.server, { Method: "PUT", Path, Val, Dir: Val === undefined, PrevExist: false });
      } catch (error) {
        if (!(error instanceof V2Error && error.code === ErrorCode.nodeExist)) throw error;
      }
    }
    this.hasDirectories = true;
  }
}

function refuse(status: number, message: string): never {
  throw new HttpError(status, `auth: ${message}`);
}

function refuseRootRole(name: string): void {
  if (name === rootRole) refuse(403, `Cannot modify role ${name}: is root role.`);
}

function withRootRole(user: User): User {
  if (user.roles?.includes(rootRole)) return user;
  return { ...user, roles: [...(user.roles ?? []), rootRole] };
}

function withGrants({ kv }: Permissions, { kv: added }: Permissions): Permissions {
  const union = (what: string, before: Strings, more: Strings) => {
    const all = new Set(before);
    for (const pattern of more ?? []) {
      if (all.has(pattern)) refuse(409, `Granting duplicate ${what} permission ${pattern}`);
      all.add(pattern);
    }
    return sorted(all);
  };
  return { kv: { read: union("read", kv.read, added.read), write: union("write", kv.write, added.write) } };
}

function withoutRevoked({ kv }: Permissions, { kv: removed }: Permissions): Permissions {
  const rest = (before: Strings, less: Strings) =>
    sorted(new Set((before ?? []).filter((pattern) => less?.includes(pattern) !== true)));
  return { kv: { read: rest(kv.read, removed.read), write: rest(kv.write, removed.write) } };
}

function sorted(values: ReadonlySet<string>): string[] {
  return [...values].sort();
}
