// The pages of version 2 of the API, which --enable-v2 switches on. Loaded at the start of a server that has them.
// Go (etcd 3.4): etcdserver/api/v2http/client.go (handleV2), net/http/server.go (ServeMux)
import { decodePath } from "../../../go/form";
import { cleanUrlPath } from "../../../go/path";
import type { EtcdServer } from "../../member/etcd-server";
import type { Exchange } from "../gateway";
import { allowAnyOrigin } from "../access";
import { redirect } from "../go-server";
import type { HttpResponse } from "../go-server";
import { serveAuth } from "./auth";
import { V2Auth } from "./auth-store";
import { failure, plainError, v2Request, type V2Request } from "./exchange";
import { serveKeys } from "./keys";
import { serveMachines, serveMembers } from "./members";
import { serveStats } from "./stats";

/** Serves one request. Rejects only for what is no answer to a client, such as a read-only store. */
export type ServeV2 = (exchange: Exchange) => Promise<void>;

/** `current` is asked at each request: reset() of a test's server replaces the server, and the listener stays. */
export function v2Pages(current: () => EtcdServer): ServeV2 {
  const startedAtMs = current().clock.now();
  let auth = new V2Auth(current());
  return async (exchange) => {
    const server = current();
    if (auth.server !== server) auth = new V2Auth(server);
    const [target = "", query = ""] = exchange.target.replace(/^https?:\/\/[^/?]*/i, "").split(/\?(.*)/s);
    const path = decodePath(target);
    if (path === undefined) return refuseTarget(exchange);
    const clean = cleanUrlPath(path);
    const response =
      path === clean
        ? await page(server, auth, v2Request(exchange, path, query), startedAtMs)
        : redirect(301, exchange.method, clean, query);
    if (response !== undefined) await write(exchange, response);
  };
}

async function page(
  server: EtcdServer,
  auth: V2Auth,
  request: V2Request,
  startedAtMs: number,
): Promise<HttpResponse | undefined> {
  const { path } = request;
  const headers = { "X-Etcd-Cluster-Id": server.membership.clusterId.toString(16) };
  const isBelow = (prefix: string) => path === prefix || path.startsWith(`${prefix}/`);
  try {
    if (isBelow("/v2/keys")) return await serveKeys(server, auth, request);
    if (isBelow("/v2/members")) return await serveMembers(server, auth, request, headers);
    if (path === "/v2/machines") return serveMachines(server, request);
    const found = isBelow("/v2/auth")
      ? await serveAuth(auth, request, headers)
      : serveStats(server, request, startedAtMs);
    return found ?? plainError(404, "404 page not found");
  } catch (error) {
    return failure(error, headers);
  }
}

/** Go's server refuses such a request before any page. */
async function refuseTarget(exchange: Exchange): Promise<void> {
  exchange.respond(400, { "Content-Type": "text/plain; charset=utf-8" });
  await exchange.write("400 Bad Request");
  exchange.end();
}

/** Go's server says how long a response is when it fits its buffer. */
const bufferBytes = 2048;

async function write(exchange: Exchange, { status, headers, body }: HttpResponse): Promise<void> {
  const bytes = Buffer.byteLength(body);
  const isEmptyHead = exchange.method === "HEAD" && bytes === 0;
  const hasLength = status !== 204 && !isEmptyHead && bytes <= bufferBytes;
  const length = hasLength ? { "Content-Length": String(bytes) } : {};
  exchange.respond(status, { ...allowAnyOrigin, ...headers, ...length });
  if (exchange.method !== "HEAD" && body !== "") await exchange.write(String(body));
  exchange.end();
}
