// What a plain HTTP request gets on a listener: a page, a refusal, or the gateway.
// Go: server/embed/serve.go (createMux, accessController), serveMetrics in server/embed/etcd.go
import { isTlsSocket } from "../grpc/call";
import { corsHeaders, openToAll, refusedHost, type AccessRules } from "./access";
import { isGatewayPath, v2PagesFor } from "./exchange";
import type { ServeV2 } from "./v2/serve";
import type { HttpResponse } from "./go-server";
import { errorPage, healthPage, isClean, type HeaderOf, type HttpState } from "./health";

export interface PageOptions {
  readonly http: HttpState;
  /**
   * `grpc`: no HTTP, as there are listeners for it. `http`: no gRPC. `metrics`: only the pages /metrics, /health, /livez and
   * /readyz, for everybody. Default: `all`.
   */
  readonly serves?: "all" | "grpc" | "http" | "metrics" | undefined;
  /** Default: open to all. */
  readonly access?: AccessRules | undefined;
  /** Whether there is a gateway, like etcd's --enable-grpc-gateway. Default: true. */
  readonly gateway?: boolean | undefined;
  /** The pages of version 2. Absent: they do not exist. */
  readonly v2?: ServeV2 | undefined;
}

export interface PageRequest {
  readonly method: string;
  readonly target: string;
  readonly header: HeaderOf;
  readonly socket: unknown;
}

/** Undefined for a request that version 2 or the gateway serves. */
export function page(
  { http, serves = "all", access = openToAll, gateway = true, v2 }: PageOptions,
  { method, target, header, socket }: PageRequest,
): HttpResponse | Promise<HttpResponse> | undefined {
  if (serves === "grpc") return errorPage(404, "404 page not found");
  if (serves === "metrics") {
    const isServed = /^\/(metrics|health|livez|readyz)([/?]|$)/.test(target);
    return isServed ? healthPage(http, method, target, header) : errorPage(404, "404 page not found");
  }
  const refusal = isTlsSocket(socket) ? undefined : refusedHost(access, header("host"));
  if (refusal !== undefined) return refusal;
  if (v2PagesFor(v2, target, method) !== undefined) return undefined;
  if (gateway && isGatewayPath(target) && isClean(target) && method !== "OPTIONS") return undefined;
  const cors = corsHeaders(access, header("origin"));
  const withCors = (response: HttpResponse) => ({ ...response, headers: { ...cors, ...response.headers } });
  if (method === "OPTIONS") return withCors({ status: 200, headers: {}, body: "" });
  const response = healthPage(http, method, target, header);
  return response instanceof Promise ? response.then(withCors) : withCors(response);
}
