// Which header lists are a request, a response or trailers. RFC 9113, sections 8.1, 8.2 and 8.3.
import type { HeaderField } from "./hpack/table";

const colon = 58;

/** The first value of a field. */
export function valueOf(fields: readonly HeaderField[], name: string): string | undefined {
  for (const field of fields) if (field.name === name) return field.value;
  return undefined;
}

/** The last value of a field. */
export function lastValueOf(fields: readonly HeaderField[], name: string): string | undefined {
  for (let at = fields.length - 1; at >= 0; at--) if (fields[at]?.name === name) return fields[at]?.value;
  return undefined;
}

/** Why the fields are no request; undefined if they are. As in grpc-go, any pseudo-header may be missing: see `isHttpRequest`. */
export function requestProblem(fields: readonly HeaderField[]): string | undefined {
  let seen = 0;
  let sawRegular = false;
  for (const { name } of fields) {
    if (name.charCodeAt(0) !== colon) {
      sawRegular = true;
      continue;
    }
    const bit = requestBits[name];
    if (bit === undefined) return `the pseudo-header ${name} in a request`;
    if (sawRegular) return `the pseudo-header ${name} after other headers`;
    if ((seen & bit) !== 0) return `two headers ${name}`;
    seen |= bit;
  }
  return undefined;
}

/** Whether a server of HTTP can serve it. */
export function isHttpRequest(fields: readonly HeaderField[]): boolean {
  return [":method", ":scheme", ":path"].every((name) => (valueOf(fields, name) ?? "") !== "");
}

const requestBits: Readonly<Record<string, number>> = {
  ":method": 1,
  ":scheme": 2,
  ":path": 4,
  ":authority": 8,
  // Of RFC 8441. It says nothing here, as in grpc-go.
  ":protocol": 16,
};

/** Why the fields are no response. */
export function responseProblem(fields: readonly HeaderField[]): string | undefined {
  const [first, ...rest] = fields;
  if (first?.name !== ":status" || !/^[1-5]\d\d$/.test(first.value)) return "no :status";
  return trailersProblem(rest);
}

export function trailersProblem(fields: readonly HeaderField[]): string | undefined {
  const pseudo = fields.find(({ name }) => name.charCodeAt(0) === colon);
  return pseudo && `the pseudo-header ${pseudo.name} at a wrong place`;
}

/** The declared size of the body. NaN for one that is not a number, which no body can have. */
export function contentLength(fields: readonly HeaderField[]): number | undefined {
  const value = valueOf(fields, "content-length");
  if (value === undefined) return undefined;
  return /^\d+$/.test(value) ? Number(value) : NaN;
}
