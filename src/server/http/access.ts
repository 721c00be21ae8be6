// Who may use plain HTTP and the gateway: the Host header of a request without TLS, against DNS rebinding, and the origins of
// web pages. Go: accessController in server/embed/serve.go, server/etcdserver/server_access_control.go
import type { HttpResponse } from "./go-server";

export interface AccessRules {
  /** Origins of web pages that may read responses, like etcd's --cors. Empty or with `*`: all. */
  readonly cors: readonly string[];
  /** Host names that a request without TLS may have, like etcd's --host-whitelist. Empty or with `*`: all. */
  readonly hosts: readonly string[];
}

export const openToAll: AccessRules = { cors: [], hosts: [] };

export type CorsHeaders = Readonly<Record<string, string>>;

/** The headers for a request of a page of this origin; none for an origin that is not in the list. */
export function corsHeaders({ cors }: AccessRules, origin: string | undefined): CorsHeaders {
  const isForAll = allows(cors, "*");
  if (!isForAll && !allows(cors, origin ?? "")) return {};
  return {
    "access-control-allow-headers": "accept, content-type, authorization",
    "access-control-allow-methods": "POST, GET, OPTIONS, PUT, DELETE",
    "access-control-allow-origin": isForAll ? "*" : (origin ?? ""),
  };
}

/** The response to a request whose Host header is not in the list. */
export function refusedHost({ hosts }: AccessRules, header: string | undefined): HttpResponse | undefined {
  const host = hostOf(header ?? "");
  if (allows(hosts, host)) return undefined;
  const body = `421: the server does not know the host ${JSON.stringify(host)} of this request.
Use TLS, which allows every host, or add the name to --host-whitelist.
`;
  return {
    status: 421,
    headers: { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" },
    body,
  };
}

function allows(list: readonly string[], name: string): boolean {
  return list.length === 0 || list.includes("*") || list.includes(name);
}

/** Without the port. */
function hostOf(header: string): string {
  const [, bracketed, plain] = /^(?:\[([^\]]*)\]|([^:]*)):[^:]*$/.exec(header) ?? [];
  return bracketed ?? plain ?? header;
}

/** The headers of a server without rules. */
export const allowAnyOrigin: CorsHeaders = corsHeaders(openToAll, undefined);
