// The values of a query and of a form in a request's body, with the errors of Go 1.19, with which etcd 3.4 is built.
// Go: net/http/request.go (ParseForm), net/url/url.go (ParseQuery)
import { parseMediaType } from "./media-type";
import { quote } from "./quote";
import { ParseError } from "./strconv";

/** The values of each name, those of the body before those of the query. */
export type Form = ReadonlyMap<string, readonly string[]>;

const maxFormBytes = 10 << 20;

/** `body` is undefined for a method whose body is no form. Throws ParseError after everything is read, as Go does. */
export function parseForm(query: string, body: { contentType: string; bytes: Buffer } | undefined): Form {
  const values = new Map<string, string[]>();
  const bodyError = body && parseBody(body, values);
  const queryError = parseQuery(query, values);
  const error = bodyError ?? queryError;
  if (error !== undefined) throw new ParseError(error);
  return values;
}

function parseBody(
  { contentType, bytes }: { contentType: string; bytes: Buffer },
  into: Map<string, string[]>,
): string | undefined {
  const { type, error } = contentType === "" ? { type: "" } : parseMediaType(contentType);
  if (type !== "application/x-www-form-urlencoded") return error;
  if (bytes.length > maxFormBytes) return error ?? "http: POST too large";
  return error ?? parseQuery(bytes.toString("latin1"), into, "latin1");
}

/** Returns the first error. The other values are read nevertheless. */
function parseQuery(
  query: string,
  into: Map<string, string[]>,
  encoding: "latin1" | "utf8" = "utf8",
): string | undefined {
  let error: string | undefined;
  for (const pair of query.split("&")) {
    if (pair === "") continue;
    if (pair.includes(";")) {
      error ??= "invalid semicolon separator in query";
      continue;
    }
    const equals = pair.indexOf("=");
    const [name, value] = equals < 0 ? [pair, ""] : [pair.slice(0, equals), pair.slice(equals + 1)];
    const bad = badEscape(name) ?? badEscape(value);
    if (bad !== undefined) error ??= `invalid URL escape ${quote(bad)}`;
    else {
      const decode = (text: string) => unescape(text.replaceAll("+", " "), encoding);
      const key = decode(name);
      into.set(key, [...(into.get(key) ?? []), decode(value)]);
    }
  }
  return error;
}

/** The path of a request without escapes. Undefined for an escape that is none. */
export function decodePath(path: string): string | undefined {
  return badEscape(path) === undefined ? unescape(path, "latin1") : undefined;
}

function badEscape(text: string): string | undefined {
  return /%(?![0-9a-f]{2}).{0,2}/is.exec(text)?.[0];
}

/** `encoding` is that of the characters outside ASCII: Node gives headers and targets as latin1. */
function unescape(text: string, encoding: "latin1" | "utf8"): string {
  const bytes = Buffer.from(text, encoding).toString("latin1");
  const whole = bytes.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(whole, "latin1").toString();
}
