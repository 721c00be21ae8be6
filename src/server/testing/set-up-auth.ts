// Users and roles that exist from the start of a server for tests, and authentication switched on.
import type { LibraryClient } from "../../client/library/client";
import { kindOf } from "../../client/library/input";
import { checkOptions, type OptionTable } from "../../client/library/options";
import { EtcdError } from "../../errors";
import { isServerError } from "../../etcd/error-table";
import { prefixEnd } from "../../etcd/keys";
import { Permission_Type } from "../../proto/gen/authpb";

/** A permission of a role: for one key, for a range or for a prefix. Strings are UTF-8. */
export interface PermissionOptions {
  readonly permission: "read" | "write" | "readwrite";
  readonly key?: string | Uint8Array | undefined;
  /** The end of the range that begins with `key`. */
  readonly rangeEnd?: string | Uint8Array | undefined;
  /** Every key with this prefix. The empty string means every key. */
  readonly prefix?: string | Uint8Array | undefined;
}

/** A user. Without a password it can only use a client certificate. */
export interface UserOptions {
  readonly password?: string | undefined;
  readonly roles?: readonly string[] | undefined;
}

/** What exists from the start. With users, authentication is on; the user `root` with the role `root` is required. */
export interface AuthSetup {
  /** Passwords, or passwords and roles, by user name. `root` always has the role `root`. */
  readonly users?: Readonly<Record<string, string | UserOptions>> | undefined;
  /** Permissions by role name. */
  readonly roles?: Readonly<Record<string, readonly PermissionOptions[]>> | undefined;
}

const userTable = { password: "string", roles: "strings" } as const satisfies OptionTable<UserOptions>;
const permissionTable = {
  permission: "string",
  key: "any",
  rangeEnd: "any",
  prefix: "any",
} as const satisfies OptionTable<PermissionOptions>;

const permissionTypes = {
  read: Permission_Type.READ,
  write: Permission_Type.WRITE,
  readwrite: Permission_Type.READWRITE,
} as const;

const owner = "startEmbeddedServer";

/** Throws a TypeError for a wrong option, before anything is stored. */
export function checkAuthSetup({ users = {}, roles = {} }: AuthSetup): void {
  for (const [name, user] of Object.entries<unknown>(users)) {
    if (typeof user !== "string") checkOptions(owner, user, userTable, `auth.users.${name}.`);
  }
  for (const [name, permissions] of Object.entries<unknown>(roles)) {
    if (!Array.isArray(permissions))
      throw new TypeError(
        `option auth.roles.${name} of ${owner} must be an array, not ${kindOf(permissions)}`,
      );
    permissions.forEach((each, index) => checkPermission(each, `auth.roles.${name}[${index}]`));
  }
  if (Object.keys(users).length > 0 && users["root"] === undefined)
    throw new TypeError(
      `option auth.users of ${owner} needs the user root: etcd has no authentication without it`,
    );
}

function checkPermission(options: unknown, path: string): void {
  checkOptions(owner, options, permissionTable, `${path}.`);
  const { permission, key, prefix } = options as PermissionOptions;
  if (!Object.hasOwn(permissionTypes, permission))
    throw new TypeError(`option ${path}.permission of ${owner} must be "read", "write" or "readwrite"`);
  if ((key === undefined) === (prefix === undefined))
    throw new TypeError(`option ${path} of ${owner} needs one of key and prefix`);
}

/** Stores roles and users, then switches authentication on if there are users. */
export async function setUpAuth(
  { auth }: LibraryClient,
  { users = {}, roles = {} }: AuthSetup,
): Promise<void> {
  const options = { timeoutMs: Infinity };
  const withRoot = { root: [], ...roles };
  for (const [name, permissions] of Object.entries<readonly PermissionOptions[]>(withRoot)) {
    if (name !== "root" || Object.keys(users).length > 0) await auth.roleAdd({ name }, options);
    for (const permission of permissions)
      await auth.roleGrantPermission({ name, perm: permissionOf(permission) }, options);
  }
  for (const [name, user] of Object.entries(users)) {
    const { password, roles: own = [] } = typeof user === "string" ? { password: user } : user;
    const noPassword = password === undefined;
    await auth.userAdd({ name, password: password ?? "", options: { noPassword } }, options);
    const granted = new Set(name === "root" ? ["root", ...own] : own);
    for (const role of granted) {
      await auth.userGrantRole({ user: name, role }, options).catch((cause: unknown) => {
        if (!(cause instanceof EtcdError) || !isServerError(cause, "roleNotFound")) throw cause;
        throw new TypeError(`option auth.users.${name} of ${owner} has an unknown role: ${role}`, { cause });
      });
    }
  }
  if (Object.keys(users).length > 0) await auth.authEnable({}, options);
}

function permissionOf({ permission, key, rangeEnd, prefix }: PermissionOptions) {
  const permType = permissionTypes[permission];
  if (prefix === undefined) return { permType, key, rangeEnd };
  const bytes = Buffer.from(prefix);
  if (bytes.length === 0) return { permType, key: "\0", rangeEnd: "\0" };
  return { permType, key: bytes, rangeEnd: prefixEnd(bytes) };
}
