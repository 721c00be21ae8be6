// The value of a Content-Type header as Go reads it. A wrong parameter is an error, but the type may still be known.
// Go: mime/mediatype.go (ParseMediaType)

export interface MediaType {
  /** In lower case; empty when it is not known. */
  readonly type: string;
  readonly error?: string;
}

/** Without parameters, as no caller needs them. */
export function parseMediaType(value: string): MediaType {
  const [base = ""] = value.split(";");
  const type = base.trim().toLowerCase();
  const error = typeProblem(type);
  if (error !== undefined) return { type: "", error };
  const seen = new Map<string, string>();
  for (let rest = value.slice(base.length); rest.trim() !== "";) {
    const parameter = readParameter(rest);
    if (parameter === undefined) {
      // A semicolon at the end is no error.
      return rest.trim() === ";" ? { type } : { type, error: "mime: invalid media parameter" };
    }
    const earlier = seen.get(parameter.name);
    if (earlier !== undefined && earlier !== parameter.value) {
      return { type: "", error: "mime: duplicate parameter name" };
    }
    seen.set(parameter.name, parameter.value);
    rest = parameter.rest;
  }
  return { type };
}

const token = "[!#$%&'*+\\-.^_`{|}~0-9A-Za-z]+";
const typeParts = new RegExp(`^(${token})?(/)?(${token})?(.*)$`, "s");

function typeProblem(type: string): string | undefined {
  const [, first, slash, second, rest] = typeParts.exec(type) ?? [];
  if (first === undefined) return "mime: no media type";
  if (slash === undefined) return rest === "" ? undefined : "mime: expected slash after first token";
  if (second === undefined) return "mime: expected token after slash";
  return rest === "" ? undefined : "mime: unexpected content after media subtype";
}

const parameterStart = new RegExp(`^\\s*;\\s*(${token})\\s*=\\s*(${token})?`);

/** Undefined if `text` does not begin with `; name=value`. A value is a token, or a text between quotes. */
function readParameter(text: string): { name: string; value: string; rest: string } | undefined {
  const [start = "", name, value] = parameterStart.exec(text) ?? [];
  if (name === undefined) return undefined;
  const rest = text.slice(start.length);
  if (value !== undefined) return { name: name.toLowerCase(), value, rest };
  const [quoted, content = ""] = /^"((?:\\[()<>@,;:\\"/[\]?=]|[^"\r\n])*)"/.exec(rest) ?? [];
  if (quoted === undefined) return undefined;
  const plain = content.replace(/\\([()<>@,;:\\"/[\]?=])/g, "$1");
  return { name: name.toLowerCase(), value: plain, rest: rest.slice(quoted.length) };
}
