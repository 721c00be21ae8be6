// The URLs in etcd's flags: for listening and for advertising. Errors have etcd's texts.
// Go: client/pkg/types/urls.go
import { isIP } from "node:net";
import { parseUrl as parseGoUrl } from "../../go/url";

export interface ServerUrl {
  /** The URL as etcd prints it. */
  readonly text: string;
  readonly secure: boolean;
  /** Address of the listener: a host and a port, or the path of a unix socket. */
  readonly address: { readonly host: string; readonly port: number } | { readonly path: string };
}

/** Sorted by text, as in etcd. Throws for a URL that etcd refuses. */
export function parseUrls(texts: readonly string[]): ServerUrl[] {
  if (texts.length === 0) throw new Error("no valid URLs given");
  return texts.map((text) => parseUrl(text.trim())).sort((a, b) => (a.text < b.text ? -1 : 1));
}

function parseUrl(text: string): ServerUrl {
  const { scheme, host, path } = parseGoUrl(text);
  const rest = text.slice(scheme.length + 1);
  if (scheme === "unix" || scheme === "unixs") {
    return { text, secure: scheme === "unixs", address: { path: rest.replace(/^\/\//, "") } };
  }
  if (scheme !== "http" && scheme !== "https") {
    throw new Error(`URL scheme must be http, https, unix, or unixs: ${text}`);
  }
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*)):(\d*)$/.exec(host) ?? [];
  if (port === undefined) throw new Error(`URL address does not have the form "host:port": ${text}`);
  if (path !== "") throw new Error(`URL must not contain a path: ${text}`);
  return {
    text: `${scheme}:${rest}`,
    secure: scheme === "https",
    address: { host: bracketed ?? plain ?? "", port: Number(port) },
  };
}

/** A server listens only on addresses: every host but localhost must be one. Go: checkBindURLs in server/embed/config.go */
export function checkBindable({ address, text }: ServerUrl): void {
  if ("path" in address || address.host === "localhost" || isIP(address.host) !== 0) return;
  throw new Error(`expected IP in URL for binding (${text})`);
}

/** Also the text of a port that Go refuses only when it binds it. */
export function checkPort({ address }: ServerUrl): void {
  if ("path" in address || address.port <= 65535) return;
  throw new Error(`listen tcp: address ${address.port}: invalid port`);
}

/** The URL with the port that the system chose for port 0. */
export function withPort(url: ServerUrl, port: number): ServerUrl {
  if ("path" in url.address || url.address.port !== 0) return url;
  return {
    ...url,
    text: url.text.replace(/:0*$/, `:${port}`),
    address: { ...url.address, port },
  };
}

/** The URL with another port. None for a unix socket, whose path is taken. */
export function anyPort({ text, address }: ServerUrl): string[] {
  return "port" in address ? [text.replace(/:\d+$/, ":0")] : [];
}
