// Requests under /v2/auth: users, roles, and whether authentication is enabled.
// Go (etcd 3.4): client/auth_user.go, client/auth_role.go
import { jsonString } from "../../go/quote";
import {
  decodeJson,
  decodePartially,
  list,
  optional,
  string,
  strings,
  struct,
  type Decoded,
} from "../../go/decode-json";
import type { Action, ClusterClient, MemberResponse } from "../http/cluster-client";
import { joinPath } from "../http/go-url";
import { apiError, assertStatus, readBody } from "./api-error";

const rwPermission = struct("rwPermission", { read: strings, write: strings });
const permissions = struct("Permissions", { kv: rwPermission });
const role = struct("Role", {
  role: string,
  permissions,
  grant: optional(permissions),
  revoke: optional(permissions),
});
const roleList = struct(
  "",
  { roles: list(role, "[]client.Role") },
  'struct { Roles []client.Role "json:\\"roles\\"" }',
);
const user = struct("User", {
  user: string,
  password: string,
  roles: strings,
  grant: strings,
  revoke: strings,
});
const userWithRoles = struct("UserRoles", { user: string, roles: list(role, "[]client.Role") });
const userList = struct(
  "",
  { users: list(userWithRoles, "[]client.userListEntry") },
  'struct { Users []client.userListEntry "json:\\"users\\"" }',
);
const authError = struct("authError", { message: string });

export type Role = Decoded<typeof role>;
export interface User {
  readonly user: string;
  readonly roles: readonly string[];
}
export interface Permission {
  readonly path: string;
  readonly read: boolean;
  readonly write: boolean;
}
export type PermissionChange = "grant" | "revoke";

export interface UserChange {
  readonly password?: string;
  /** Names of roles. */
  readonly grant?: readonly string[];
  /** Names of roles. */
  readonly revoke?: readonly string[];
}

export class AuthApi {
  constructor(private readonly client: ClusterClient) {}

  async setEnabled(isEnabled: boolean, signal: AbortSignal): Promise<void> {
    expectStatus(await this.client.do(action(isEnabled ? "PUT" : "DELETE", "enable"), signal), 200, 201);
  }

  async users(signal: AbortSignal): Promise<string[]> {
    const response = expectStatus(await this.client.do(action("GET", "users"), signal), 200);
    const { users } = readBody(response, (body) => decodeJson(userList, body));
    return (users ?? []).map((entry) => entry.user);
  }

  async addUser(name: string, password: string, signal: AbortSignal): Promise<void> {
    const request = action("PUT", "users", name, userJson(name, { password }));
    expectStatus(await this.client.do(request, signal), 200, 201);
  }

  async removeUser(name: string, signal: AbortSignal): Promise<void> {
    expectStatus(await this.client.do(action("DELETE", "users", name), signal), 200, 201);
  }

  async user(name: string, signal: AbortSignal): Promise<User> {
    return readUser(expectStatus(await this.client.do(action("GET", "users", name), signal), 200));
  }

  async changeUser(name: string, change: UserChange, signal: AbortSignal): Promise<void> {
    const request = action("PUT", "users", name, userJson(name, change));
    readUser(expectStatus(await this.client.do(request, signal), 200));
  }

  async roles(signal: AbortSignal): Promise<string[]> {
    const response = await this.client.do(action("GET", "roles"), signal);
    assertStatus(response, 200);
    const { roles } = readBody(response, (body) => decodeJson(roleList, body));
    return (roles ?? []).map((entry) => entry.role);
  }

  async addRole(name: string, signal: AbortSignal): Promise<void> {
    expectStatus(await this.client.do(action("PUT", "roles", name, roleJson(name)), signal), 200, 201);
  }

  async removeRole(name: string, signal: AbortSignal): Promise<void> {
    expectStatus(await this.client.do(action("DELETE", "roles", name), signal), 200, 201);
  }

  async role(name: string, signal: AbortSignal): Promise<Role> {
    return readRole(expectStatus(await this.client.do(action("GET", "roles", name), signal), 200));
  }

  async changeRole(
    name: string,
    change: PermissionChange,
    permission: Permission,
    signal: AbortSignal,
  ): Promise<Role> {
    const body = roleJson(name, change, permission);
    return readRole(expectStatus(await this.client.do(action("PUT", "roles", name, body), signal), 200));
  }
}

function action(method: string, kind: string, name = "", body?: string): Action {
  const headers = { "Content-Type": "application/json" };
  return {
    request: (endpoint) => ({
      method,
      url: { ...endpoint, path: joinPath(endpoint.path, "/v2/auth", kind, name), query: "" },
      ...(body === undefined ? {} : { headers, body }),
    }),
  };
}

function expectStatus(response: MemberResponse, ...statuses: readonly number[]): MemberResponse {
  if (statuses.includes(response.status)) return response;
  const { message } = readBody(response, (body) => decodeJson(authError, body));
  throw apiError(response, message);
}

function readRole(response: MemberResponse): Role {
  return readBody(response, (body) => decodeJson(role, body));
}

/**
 * Servers send roles either as names or as objects. Go's client decodes the body as names first; each role object leaves an
 * empty name in the list.
 */
function readUser(response: MemberResponse): User {
  return readBody(response, (body) => {
    const named = decodePartially(user, body);
    if (!named.error) return { user: named.value.user, roles: named.value.roles ?? [] };
    const whole = decodePartially(userWithRoles, body);
    if (whole.error) throw named.error;
    const names = (whole.value.roles ?? []).map((each) => each.role);
    return { user: whole.value.user, roles: [...(named.value.roles ?? []), ...names] };
  });
}

function userJson(name: string, { password = "", grant, revoke }: UserChange): string {
  return (
    `{"user":${jsonString(name)}` +
    (password === "" ? "" : `,"password":${jsonString(password)}`) +
    `,"roles":null` +
    (grant ? `,"grant":${stringsJson(grant)}` : "") +
    (revoke ? `,"revoke":${stringsJson(revoke)}` : "") +
    "}"
  );
}

function roleJson(name: string, change?: PermissionChange, permission?: Permission): string {
  const changeJson = change && permission ? `,"${change}":${permissionJson(permission)}` : "";
  return `{"role":${jsonString(name)},"permissions":{"kv":{"read":null,"write":null}}${changeJson}}`;
}

function permissionJson({ path, read, write }: Permission): string {
  const paths = stringsJson([path]);
  return `{"kv":{"read":${read ? paths : "null"},"write":${write ? paths : "null"}}}`;
}

function stringsJson(values: readonly string[]): string {
  return `[${values.map(jsonString).join(",")}]`;
}
