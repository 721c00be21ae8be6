// An endpoint as typed, taken apart: where to connect, whether with TLS, and which name the certificate must bear.
// Each endpoint is judged by its own scheme; Go lets the first one decide for all, which sends passwords in the clear to
// the https:// ones after an http://. Answers to client/v3/internal/endpoint and credentialsForEndpoint.

export type Address =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

export interface Endpoint {
  readonly typed: string;
  readonly address: Address;
  readonly secure: boolean;
  /** Host without port; for a socket the part of its file's name before a colon. */
  readonly serverName: string;
}

/** What is typed can never be connected to; `advice` says what to type. */
export interface BadEndpoint {
  readonly typed: string;
  readonly problem: string;
  readonly advice: string;
}

/** `tlsConfigured`: some flag speaks of TLS, so an endpoint whose scheme does not decide is secure. */
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
  // Like Go, an empty host is this machine.
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
