// /v2/auth: users, roles, and whether authentication is on. Go (etcd 3.4): etcdserver/api/v2http/client_auth.go
import { decodePartially, JsonTypeError, type Decoder } from "../../../go/decode-json";
import { firstJson, JsonError } from "../../../go/parse-json";
import { cleanPath } from "../../../go/path";
import { jsonString } from "../../../go/quote";
import type { HttpResponse } from "../go-server";
import { areEmpty, encodeRole, encodeUser, roleJson, userJson, type User, type V2Auth } from "./auth-store";
import {
  failure,
  HttpError,
  insufficientCredentials,
  json,
  jsonContent,
  methodRefusal,
  type V2Request,
} from "./exchange";
import { isRoot, mayChangeCluster } from "./permissions";

const authPrefix = "/v2/auth";

type Headers = HttpResponse["headers"];

/** Undefined for a path without a page. */
export function serveAuth(
  auth: V2Auth,
  request: V2Request,
  headers: Headers,
): Promise<HttpResponse> | undefined {
  const subpath = request.path.slice(authPrefix.length);
  if (subpath === "/enable") return serveEnable(auth, request, headers);
  const [, kind, ...rest] = subpath.split("/");
  if (kind !== "roles" && kind !== "users") return undefined;
  const [, , name, ...more] = cleanPath(subpath).split("/");
  if (rest.length === 0 || name === undefined) {
    return kind === "roles" ? listRoles(auth, request, headers) : listUsers(auth, request, headers);
  }
  if (more.length > 0) return Promise.resolve(failure(new HttpError(400, "Invalid path"), {}));
  return kind === "roles" ? serveRole(auth, request, name, headers) : serveUser(auth, request, name, headers);
}

async function listRoles(auth: V2Auth, request: V2Request, headers: Headers): Promise<HttpResponse> {
  const refusal = methodRefusal(request.method, "GET");
  if (refusal !== undefined) return refusal;
  await requireRoot(auth, request);
  const roles = auth.roleNames().map((name) => encodeRole(auth.role(name)));
  return json(`{"roles":[${roles.join(",")}]}`, headers);
}

async function listUsers(auth: V2Auth, request: V2Request, headers: Headers): Promise<HttpResponse> {
  const refusal = methodRefusal(request.method, "GET");
  if (refusal !== undefined) return refusal;
  await requireRoot(auth, request);
  const users = auth.userNames().map((name) => userWithRoles(auth, auth.user(name), false));
  return json(`{"users":${users.length === 0 ? "null" : `[${users.join(",")}]`}}`, headers);
}

/** `strict`: a role that the user has and that does not exist is an error. */
function userWithRoles(auth: V2Auth, { user, roles }: User, strict: boolean): string {
  const found = (roles ?? []).flatMap((name) => (strict ? auth.role(name) : (auth.findRole(name) ?? [])));
  const list = found.length === 0 ? "" : `,"roles":[${found.map(encodeRole).join(",")}]`;
  return `{"user":${jsonString(user)}${list}}`;
}

async function serveRole(
  auth: V2Auth,
  request: V2Request,
  name: string,
  headers: Headers,
): Promise<HttpResponse> {
  const refusal = methodRefusal(request.method, "GET", "PUT", "DELETE");
  if (refusal !== undefined) return refusal;
  await requireRoot(auth, request);
  if (request.method === "GET") return json(encodeRole(auth.role(name)), headers);
  if (request.method === "DELETE") {
    await auth.deleteRole(name);
    return nothing(headers);
  }
  const role = await readJson(roleJson, request);
  if (role.role !== name) throw new HttpError(400, "Role JSON name does not match the name in the URL");
  if (areEmpty(role.grant) && areEmpty(role.revoke)) {
    await auth.createRole(role);
    return json(encodeRole(role), headers, 201);
  }
  if (!areEmpty(role.permissions)) {
    throw new HttpError(400, "Role JSON contains both permissions and grant/revoke");
  }
  return json(encodeRole(await auth.updateRole(role)), headers);
}

async function serveUser(
  auth: V2Auth,
  request: V2Request,
  name: string,
  headers: Headers,
): Promise<HttpResponse> {
  const { method, exchange } = request;
  const refusal = methodRefusal(method, "GET", "PUT", "DELETE");
  if (refusal !== undefined) return refusal;
  await requireRoot(auth, request);
  if (method === "GET") return json(userWithRoles(auth, auth.user(name), true), headers);
  if (method === "DELETE") {
    await auth.deleteUser(name);
    return nothing(headers);
  }
  const given = await readJson(userJson, request);
  if (given.user !== name) throw new HttpError(400, "User JSON name does not match the name in the URL");
  const isUpdate = Boolean(given.grant?.length || given.revoke?.length);
  if (isUpdate && given.roles?.length) {
    throw new HttpError(400, "User JSON contains both roles and grant/revoke");
  }
  const isNew = !isUpdate && (Boolean(given.roles?.length) || auth.findUser(name) === undefined);
  const user = await (isNew
    ? auth.createUser(given, exchange.signal)
    : auth.updateUser(given, exchange.signal));
  // As in etcd, a user that is made with roles has the status 200.
  const status = isNew && !given.roles?.length ? 201 : 200;
  return json(encodeUser({ ...user, password: "" }), headers, status);
}

async function serveEnable(auth: V2Auth, request: V2Request, headers: Headers): Promise<HttpResponse> {
  const refusal = methodRefusal(request.method, "GET", "PUT", "DELETE");
  if (refusal !== undefined) return refusal;
  if (!(await mayChangeCluster(auth, request))) throw insufficientCredentials;
  if (request.method === "GET") return json(`{"enabled":${auth.enabled}}`, headers);
  await (request.method === "PUT" ? auth.enable() : auth.disable());
  return nothing(headers);
}

async function requireRoot(auth: V2Auth, request: V2Request): Promise<void> {
  if (!(await isRoot(auth, request))) throw insufficientCredentials;
}

function nothing(headers: Headers): HttpResponse {
  return { status: 200, headers: { ...headers, ...jsonContent }, body: "" };
}

/** The first JSON value of the body; what follows is ignored, as by Go's json.Decoder. */
async function readJson<T>(decoder: Decoder<T>, request: V2Request): Promise<T> {
  const invalid = () => new HttpError(400, "Invalid JSON in request body.");
  const bytes = await request.body();
  try {
    const node = firstJson(bytes);
    if (node === undefined) throw invalid();
    const { value, error } = decodePartially(decoder, bytes.subarray(0, node.end));
    if (error) throw error;
    return value;
  } catch (error) {
    if (error instanceof JsonError || error instanceof JsonTypeError) throw invalid();
    throw error;
  }
}
