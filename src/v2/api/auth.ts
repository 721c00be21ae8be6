// Users, roles and the switch of authentication: requests under /v2/auth and what comes back.
// Answers to client/auth_user.go and client/auth_role.go.
import { jsonString } from "../../go/quote";
import { decodeJson, decodeLoosely, list, optional, struct, text, texts, type Decoded } from "../decode-json";
import type { Action, Answer, ClusterClient } from "../http/cluster-client";
import { joinPath } from "../http/go-url";
import type { ApiError } from "./api-error";
import { apiError, assertStatus, readBody } from "./api-error";

const rights = struct("rwPermission", { read: texts, write: texts });
const permissions = struct("Permissions", { kv: rights });
const role = struct("Role", {
  role: text,
  permissions,
  grant: optional(permissions),
  revoke: optional(permissions),
});
const roles = struct("", { roles: list(role, "[]client.Role") });
const user = struct("User", { user: text, password: text, roles: texts, grant: texts, revoke: texts });
const userWithRoles = struct("UserRoles", { user: text, roles: list(role, "[]client.Role") });
const users = struct("", { users: list(userWithRoles, "[]client.userListEntry") });
const failure = struct("authError", { message: text });

export type Role = Decoded<typeof role>;
export interface User {
  readonly user: string;
  readonly roles: readonly string[];
}
export interface Rights {
  readonly path: string;
  readonly read: boolean;
  readonly write: boolean;
}
export type Change = "grant" | "revoke";

export class AuthApi {
  constructor(private readonly client: ClusterClient) {}

  async switch(on: boolean, signal: AbortSignal): Promise<void> {
    expect(await this.client.do(action(on ? "PUT" : "DELETE", "enable"), signal), 200, 201);
  }

  async users(signal: AbortSignal): Promise<string[]> {
    const answer = expect(await this.client.do(action("GET", "users"), signal), 200);
    return (readBody(answer, (body) => decodeJson(users, body)).users ?? []).map((each) => each.user);
  }

  async addUser(name: string, password: string, signal: AbortSignal): Promise<void> {
    expect(
      await this.client.do(action("PUT", "users", name, userJson(name, { password })), signal),
      200,
      201,
    );
  }

  async removeUser(name: string, signal: AbortSignal): Promise<void> {
    expect(await this.client.do(action("DELETE", "users", name), signal), 200, 201);
  }

  async user(name: string, signal: AbortSignal): Promise<User> {
    return readUser(expect(await this.client.do(action("GET", "users", name), signal), 200));
  }

  async changeUser(
    name: string,
    change: {
      readonly password?: string;
      readonly grant?: readonly string[];
      readonly revoke?: readonly string[];
    },
    signal: AbortSignal,
  ): Promise<void> {
    readUser(expect(await this.client.do(action("PUT", "users", name, userJson(name, change)), signal), 200));
  }

  async roles(signal: AbortSignal): Promise<string[]> {
    const answer = await this.client.do(action("GET", "roles"), signal);
    assertStatus(answer, 200);
    return (readBody(answer, (body) => decodeJson(roles, body)).roles ?? []).map((each) => each.role);
  }

  async addRole(name: string, signal: AbortSignal): Promise<void> {
    expect(await this.client.do(action("PUT", "roles", name, roleJson(name)), signal), 200, 201);
  }

  async removeRole(name: string, signal: AbortSignal): Promise<void> {
    expect(await this.client.do(action("DELETE", "roles", name), signal), 200, 201);
  }

  async role(name: string, signal: AbortSignal): Promise<Role> {
    return readRole(expect(await this.client.do(action("GET", "roles", name), signal), 200));
  }

  async changeRole(name: string, change: Change, given: Rights, signal: AbortSignal): Promise<Role> {
    const body = roleJson(name, change, given);
    return readRole(expect(await this.client.do(action("PUT", "roles", name, body), signal), 200));
  }
}

function action(method: string, kind: string, name = "", body?: string): Action {
  const json = { "Content-Type": "application/json" };
  return {
    request: (at) => ({
      method,
      url: { ...at, path: joinPath(at.path, "/v2/auth", kind, name), query: "" },
      ...(body === undefined ? {} : { headers: json, body }),
    }),
  };
}

function readRole(answer: Answer): Role {
  return readBody(answer, (body) => decodeJson(role, body));
}

/** The server sends the roles whole or only their names; Go's client leaves an empty name for each that came whole. */
function readUser(answer: Answer): User {
  return readBody(answer, (body) => {
    const named = decodeLoosely(user, body);
    if (!named.error) return { user: named.value.user, roles: named.value.roles ?? [] };
    const whole = decodeLoosely(userWithRoles, body);
    if (whole.error) throw named.error;
    const names = (whole.value.roles ?? []).map((each) => each.role);
    return { user: whole.value.user, roles: [...(named.value.roles ?? []), ...names] };
  });
}

function expect(answer: Answer, ...statuses: readonly number[]): Answer {
  if (statuses.includes(answer.status)) return answer;
  throw refusalWithMessage(answer);
}

function refusalWithMessage(answer: Answer): ApiError {
  return apiError(answer, readBody(answer, (body) => decodeJson(failure, body)).message);
}

function textsJson(values: readonly string[] | undefined): string {
  return values ? `[${values.map(jsonString).join(",")}]` : "null";
}

function userJson(
  name: string,
  change: {
    readonly password?: string;
    readonly grant?: readonly string[];
    readonly revoke?: readonly string[];
  },
): string {
  const { password = "", grant, revoke } = change;
  return (
    `{"user":${jsonString(name)}` +
    (password === "" ? "" : `,"password":${jsonString(password)}`) +
    `,"roles":null` +
    (grant ? `,"grant":${textsJson(grant)}` : "") +
    (revoke ? `,"revoke":${textsJson(revoke)}` : "") +
    "}"
  );
}

function roleJson(name: string, change?: Change, given?: Rights): string {
  const none = `{"kv":{"read":null,"write":null}}`;
  const paths = given && [given.path];
  const changed =
    change && given
      ? `,"${change}":{"kv":{"read":${textsJson(given.read ? paths : undefined)},"write":${textsJson(given.write ? paths : undefined)}}}`
      : "";
  return `{"role":${jsonString(name)},"permissions":${none}${changed}}`;
}
