// Parses a URL as Go 1.26 does, with Go's error texts: the scheme, the host with its port, and the path. It is stricter about
// ports and IPv6 addresses than src/v2/http/go-url.ts, which follows the older Go of etcdctl's API 2 and also keeps user,
// query and decoded path. So the two parsers stay apart.
// Go: net/url/url.go
import { isIPv6 } from "node:net";
import { quote } from "./quote";
import { ParseError } from "./strconv";

export interface GoUrl {
  /** In lower case; empty when there is none. */
  readonly scheme: string;
  /** Unchanged, with the port. */
  readonly host: string;
  readonly path: string;
}

/** Throws ParseError `parse "x": first path segment in URL cannot contain colon` and the like. */
export function parseUrl(text: string): GoUrl {
  const [whole = "", ...fragment] = text.split("#");
  const fail = (reason: string): never => {
    throw new ParseError(`parse ${quote(fragment.length > 0 ? whole : text)}: ${reason}`);
  };
  // eslint-disable-next-line no-control-regex -- it matches control characters
  if (/[\x00-\x1f\x7f]/.test(whole)) return fail("net/url: invalid control character in URL");
  const [, schemeAsWritten, afterScheme] = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(whole) ?? [];
  if (whole.startsWith(":")) return fail("missing protocol scheme");
  const scheme = schemeAsWritten?.toLowerCase() ?? "";
  const rest = (afterScheme ?? whole).replace(/\?.*$/s, "");
  if (!rest.startsWith("/")) {
    if (scheme !== "") return { scheme, host: "", path: "" };
    if (/^[^/]*:/.test(rest)) return fail("first path segment in URL cannot contain colon");
  }
  const hasAuthority = rest.startsWith("//") && (scheme !== "" || !rest.startsWith("///"));
  const [, authority = "", path = ""] = hasAuthority
    ? (/^\/\/([^/]*)(.*)$/s.exec(rest) ?? [])
    : ["", "", rest];
  const at = authority.lastIndexOf("@");
  const host = authority.slice(at + 1);
  const problem = hostProblem(scheme, host) ?? userProblem(authority.slice(0, at + 1)) ?? escapeProblem(path);
  return problem === undefined ? { scheme, host, path } : fail(problem);
}

function hostProblem(scheme: string, host: string): string | undefined {
  if (host.lastIndexOf("[") > 0) return "invalid IP-literal";
  if (!host.startsWith("[")) {
    const isStrict = scheme === "http" || scheme === "https";
    const colon = isStrict ? host.indexOf(":") : host.lastIndexOf(":");
    return (colon < 0 ? undefined : portProblem(host.slice(colon))) ?? hostNameProblem(host);
  }
  const end = host.lastIndexOf("]");
  if (end < 0) return "missing ']' in host";
  const address = host.slice(1, end);
  const bare = address.replace(/%25.*$/s, "");
  return (
    portProblem(host.slice(end + 1)) ??
    hostNameProblem(bare) ??
    (isIPv6(bare) ? undefined : `invalid host: ParseAddr(${quote(address)}): unable to parse IP`)
  );
}

function portProblem(text: string): string | undefined {
  return /^(:\d*)?$/.test(text) ? undefined : `invalid port ${quote(text)} after host`;
}

/** In a host name, only bytes outside ASCII may have escapes. */
function hostNameProblem(name: string): string | undefined {
  const [bad] = /%(?![89a-f][0-9a-f]|25).{0,2}|[\s\\^{}|`]/is.exec(name) ?? [];
  if (bad === undefined) return undefined;
  return bad.startsWith("%")
    ? `invalid URL escape ${quote(bad)}`
    : `invalid character ${quote(bad)} in host name`;
}

function userProblem(user: string): string | undefined {
  return /[^\w.~!$&'()*+,;=:%@-]/.test(user) ? "net/url: invalid userinfo" : escapeProblem(user);
}

function escapeProblem(text: string): string | undefined {
  const [bad] = /%(?![0-9a-f]{2}).{0,2}/is.exec(text) ?? [];
  return bad === undefined ? undefined : `invalid URL escape ${quote(bad)}`;
}
