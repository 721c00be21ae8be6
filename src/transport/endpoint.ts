// Parses an endpoint: the address, whether to use TLS, and the name that the server's certificate must have. The scheme of
// each endpoint decides about its TLS. In Go the first endpoint decides for all, so with http:// first, Go sends passwords
// unencrypted to https:// endpoints.
// Go: client/v3/internal/endpoint/endpoint.go

export type Address =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

export interface Endpoint {
  readonly typed: string;
  readonly address: Address;
  readonly secure: boolean;
  /** The host without the port. For a unix socket, the part of its file name before a colon. */
  readonly serverName: string;
}

/** Text that is not an endpoint. `advice` says what to write instead. */
export interface BadEndpoint {
  readonly typed: string;
  readonly problem: string;
  readonly advice: string;
}

/** `tlsConfigured`: a TLS option is set, so an endpoint without http:// or https:// uses TLS. */
export function parseEndpoint(typed: string, tlsConfigured: boolean): Endpoint | BadEndpoint {
  const unix = /^unix(s?):(?:\/\/)?(.*)$/.exec(typed);
  if (unix) return unixEndpoint(typed, unix[2] ?? "", unix[1] === "s" || tlsConfigured);

  const url = /^([a-z][a-z0-9+.-]*):\/\/(?:[^/?#@]*@)?([^/?#]*)/i.exec(typed);
  if (!url) return tcpEndpoint(typed, typed, tlsConfigured);
  const [scheme = "", hostPort = ""] = [url[1]?.toLowerCase(), url[2]];
  if (scheme === "http" || scheme === "https") return tcpEndpoint(typed, hostPort, scheme === "https");
  return bad(typed, `unknown scheme ${scheme}://`, "use http://, https://, unix:// or unixs://");
}

export function isBadEndpoint(endpoint: Endpoint | BadEndpoint): endpoint is BadEndpoint {
  return "problem" in endpoint;
}

function unixEndpoint(typed: string, path: string, secure: boolean): Endpoint | BadEndpoint {
  if (path === "") return bad(typed, "has no path", "write unix://PATH");
  const fileName = path.slice(path.lastIndexOf("/") + 1);
  return { typed, address: { kind: "unix", path }, secure, serverName: fileName.replace(/:.*/, "") };
}

function tcpEndpoint(typed: string, hostPort: string, secure: boolean): Endpoint | BadEndpoint {
  const parts = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::([^:]*))?$/.exec(hostPort);
  if (!parts) return bad(typed, "too many colons", "write an IPv6 address in brackets: [::1]:2379");
  const host = parts[1] ?? parts[2] ?? "";
  const port = parts[3];
  if (host === "" && !port) return bad(typed, "has no host and no port", "write HOST:2379");
  if (!port) return bad(typed, "has no port", `write ${typed.replace(/[:/]+$/, "")}:2379`);
  if (!/^\d+$/.test(port) || Number(port) > 65535) {
    return bad(typed, `${JSON.stringify(port)} is not a port number`, "write HOST:2379");
  }
  // An empty host is this machine, as in Go.
  return {
    typed,
    address: { kind: "tcp", host: host || "localhost", port: Number(port) },
    secure,
    serverName: host || "localhost",
  };
}

function bad(typed: string, problem: string, advice: string): BadEndpoint {
  return { typed, problem, advice };
}
