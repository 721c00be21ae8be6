// Who may do what: users of version 2 by basic auth or by the common name of their certificate, everybody else as guest.
// Go (etcd 3.4): etcdserver/api/v2http/client_auth.go
import { guestRole, rootRole, type Role, type User, type V2Auth } from "./auth-store";
import type { V2Request } from "./exchange";

const isRead = (method: string): boolean => method === "GET" || method === "HEAD";

export async function mayChangeCluster(auth: V2Auth, request: V2Request): Promise<boolean> {
  return isRead(request.method) || (await isRoot(auth, request));
}

export async function isRoot(auth: V2Auth, request: V2Request): Promise<boolean> {
  if (!auth.checksCallers) return true;
  const user =
    request.header("authorization") === "" && auth.usesCommonNames
      ? userOfCertificate(auth, request)
      : await userOfBasicAuth(auth, request);
  return user?.roles?.includes(rootRole) ?? false;
}

export async function mayUseKey(
  auth: V2Auth,
  request: V2Request,
  key: string,
  recursive: boolean,
): Promise<boolean> {
  if (!auth.checksCallers) return true;
  const writes = !isRead(request.method);
  let user: User | undefined;
  if (request.header("authorization") === "") {
    if (auth.usesCommonNames) user = userOfCertificate(auth, request);
    if (user === undefined) {
      const role = auth.findRole(guestRole);
      return role !== undefined && mayUse(role, key, writes, false);
    }
  } else {
    user = await userOfBasicAuth(auth, request);
  }
  return (user?.roles ?? []).some((name) => {
    const role = auth.findRole(name);
    return role !== undefined && mayUse(role, key, writes, recursive);
  });
}

/** A pattern is a key, or with `*` at its end a prefix. A recursive access needs a prefix. */
function mayUse({ role, permissions }: Role, key: string, writes: boolean, recursive: boolean): boolean {
  if (role === rootRole) return true;
  const patterns = (writes ? permissions.kv.write : permissions.kv.read) ?? [];
  return patterns.some((pattern) => {
    if (pattern.endsWith("*")) return key.startsWith(pattern.slice(0, -1));
    return !recursive && pattern === key;
  });
}

async function userOfBasicAuth(auth: V2Auth, request: V2Request): Promise<User | undefined> {
  const [, encoded] = /^basic ([\w+/]*={0,2})$/i.exec(request.header("authorization")) ?? [];
  const credentials = Buffer.from(encoded ?? "", "base64").toString();
  const colon = credentials.indexOf(":");
  if (colon < 0) return undefined;
  const user = auth.findUser(credentials.slice(0, colon));
  if (user === undefined) return undefined;
  const isSame = await auth.isPassword(user, credentials.slice(colon + 1), request.exchange.signal);
  return isSame ? user : undefined;
}

function userOfCertificate(auth: V2Auth, { exchange }: V2Request): User | undefined {
  const name = exchange.commonName();
  return name === undefined ? undefined : auth.findUser(name);
}
