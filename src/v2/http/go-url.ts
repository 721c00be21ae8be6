// Parses and prints URLs as Go does: Parse, String and Values.Encode of net/url, Clean and Join of path. GoUrl.path is decoded.
import path from "node:path";
import { quote } from "../../go/quote";
import { escapeUrlPath, escapeQuery } from "../../go/path";

export interface GoUrl {
  readonly scheme: string;
  /** The text after a scheme without a slash. In `localhost:2379` the scheme is localhost and this is 2379. */
  readonly opaque: string;
  readonly user: string;
  readonly host: string;
  readonly path: string;
  readonly query: string;
}

/** The message is Go's: `parse "127.0.0.1:2379": first path segment in URL cannot contain colon`. */
export class UrlError extends Error {
  override name = "UrlError";
}

/** Throws UrlError. */
export function parseUrl(text: string): GoUrl {
  const fail = (reason: string): never => {
    throw new UrlError(`parse ${quote(text)}: ${reason}`);
  };
  // eslint-disable-next-line no-control-regex -- the check is for control characters
  if (/[\u0000-\u001f\u007f]/.test(text)) return fail("net/url: invalid control character in URL");
  const [, beforeFragment = ""] = /^([^#]*)/.exec(text) ?? [];
  const { scheme, rest } = splitScheme(beforeFragment) ?? fail("missing protocol scheme");
  const [, main = "", query = ""] = /^([^?]*)(?:\?(.*))?$/s.exec(rest) ?? [];
  const empty = { scheme, opaque: "", user: "", host: "", path: "", query };
  if (!main.startsWith("/")) {
    if (scheme !== "") return { ...empty, opaque: main };
    if (main.split("/", 1)[0]?.includes(":")) return fail("first path segment in URL cannot contain colon");
  }
  const hasAuthority = main.startsWith("//") && (scheme !== "" || !main.startsWith("///"));
  const [, authority = "", pathPart = ""] = hasAuthority
    ? (/^\/\/([^/]*)(.*)$/s.exec(main) ?? [])
    : ["", "", main];
  const at = authority.lastIndexOf("@");
  const host = authority.slice(at + 1);
  const problem = hostProblem(host);
  if (problem) return fail(problem);
  return {
    ...empty,
    user: authority.slice(0, Math.max(at, 0)),
    host,
    path: unescape(pathPart) ?? fail(badEscape(pathPart)),
  };
}

export function urlText(url: GoUrl): string {
  const query = url.query === "" ? "" : `?${url.query}`;
  const scheme = url.scheme === "" ? "" : `${url.scheme}:`;
  if (url.opaque !== "") return scheme + url.opaque + query;
  const hasAuthority = url.host !== "" || url.user !== "" || (scheme !== "" && url.path !== "");
  const slash = url.path !== "" && !url.path.startsWith("/") && url.host !== "" ? "/" : "";
  const authority = hasAuthority ? `//${url.user === "" ? "" : `${url.user}@`}${url.host}` : "";
  return scheme + authority + slash + escapeUrlPath(url.path) + query;
}

/** Encodes a form or a query: sorted by name, with plus signs for blanks. Skips undefined values. */
export function encodeQuery(values: Readonly<Record<string, string | Uint8Array | undefined>>): string {
  return Object.entries(values)
    .filter((entry): entry is [string, string | Uint8Array] => entry[1] !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${escapeQuery(name)}=${escapeQuery(value)}`)
    .join("&");
}

/** Joins and cleans a path as path.Join does, without a slash at its end. */
export function joinPath(...parts: readonly string[]): string {
  const joined = path.posix.join(...parts);
  return joined.length > 1 ? joined.replace(/\/$/, "") : joined;
}

/** Returns the port, or an empty text. */
export function portOf(host: string): string {
  return /:(\d*)$/.exec(host)?.[1] ?? "";
}

function splitScheme(text: string): { scheme: string; rest: string } | undefined {
  if (text.startsWith(":")) return undefined;
  const [, scheme = "", rest = text] = /^([a-zA-Z][a-zA-Z\d+.-]*):(.*)$/s.exec(text) ?? [];
  return { scheme: scheme.toLowerCase(), rest };
}

function hostProblem(host: string): string | undefined {
  const invalid = /[\s"<>\\^`{|}]/.exec(host)?.[0];
  if (invalid !== undefined) return `invalid character ${quote(invalid)} in host name`;
  if (host.startsWith("[") && !host.includes("]")) return "missing ']' in host";
  const [, colonPort = ""] = /^(?:\[.*\]|[^[:]*)(.*)$/s.exec(host) ?? [];
  const port = host.startsWith("[") ? colonPort : colonPort.slice(colonPort.lastIndexOf(":"));
  return port === "" || /^:\d*$/.test(port) ? undefined : `invalid port ${quote(port)} after host`;
}

function unescape(text: string): string | undefined {
  if (/%(?![\da-fA-F]{2})/.test(text)) return undefined;
  const bytes = text
    .split(/(%[\da-fA-F]{2})/)
    .map((part) =>
      /^%[\da-fA-F]{2}$/.test(part) ? Buffer.of(parseInt(part.slice(1), 16)) : Buffer.from(part),
    );
  return Buffer.concat(bytes).toString();
}

function badEscape(text: string): string {
  return `invalid URL escape ${quote(/%(?![\da-fA-F]{2}).{0,2}/s.exec(text)?.[0] ?? "")}`;
}
