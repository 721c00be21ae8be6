// A request to /v2/keys as the Request of the raft log, checked in etcd's order.
// Go (etcd 3.4): parseKeyRequest in etcdserver/api/v2http/client.go
import { parseForm, type Form } from "../../../go/form";
import { cleanPath } from "../../../go/path";
import { ParseError, parseUint64 } from "../../../go/strconv";
import type { Request } from "../../../proto/gen/etcdserverpb";
import { ErrorCode, V2Error } from "../../v2store/v2-error";

export const keysPrefix = "/v2/keys";
/** Where the store has the keys of the users. */
export const storeKeysPrefix = "/1";

export interface KeyRequest {
  readonly request: Request;
  /** The response to a change has neither node nor previous node. */
  readonly noValueOnSuccess: boolean;
}

export interface KeyRequestParts {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** For the methods whose body is a form. */
  readonly body: { readonly contentType: string; readonly bytes: Buffer } | undefined;
}

/** Throws V2Error. */
export function parseKeyRequest({ method, path, query, body }: KeyRequestParts, nowMs: number): KeyRequest {
  const form = formOf(query, body);
  const PrevIndex = uint64(form, "prevIndex", ErrorCode.indexNaN) ?? 0n;
  const Since = uint64(form, "waitIndex", ErrorCode.indexNaN) ?? 0n;
  const Recursive = bool(form, "recursive") ?? false;
  const Sorted = bool(form, "sorted") ?? false;
  const Wait = bool(form, "wait") ?? false;
  const Dir = bool(form, "dir") ?? false;
  const Quorum = bool(form, "quorum") ?? false;
  const Stream = bool(form, "stream") ?? false;
  if (Wait && method !== "GET") {
    throw new V2Error(ErrorCode.invalidField, `"wait" can only be used with GET requests`);
  }
  const PrevValue = first(form, "prevValue") ?? "";
  if (form.has("prevValue") && PrevValue === "") {
    throw new V2Error(ErrorCode.prevValueRequired, `"prevValue" cannot be empty`);
  }
  const noValueOnSuccess = bool(form, "noValueOnSuccess") ?? false;
  const ttl = first(form, "ttl") ? uint64(form, "ttl", ErrorCode.ttlNaN) : undefined;
  const PrevExist = bool(form, "prevExist", "invalid value for prevExist");
  const Refresh = bool(form, "refresh", "invalid value for refresh");
  const Val = first(form, "value") ?? "";
  if (Refresh === true) {
    if (Val !== "") throw new V2Error(ErrorCode.refreshValue, "A value was provided on a refresh");
    if (ttl === undefined) throw new V2Error(ErrorCode.refreshTtlRequired, "No TTL value set");
  }
  const request: Request = {
    Method: method,
    Path: cleanPath(`${storeKeysPrefix}/${path.slice(keysPrefix.length)}`),
    Val,
    Dir,
    PrevValue,
    PrevIndex,
    PrevExist,
    Expiration: ttl === undefined ? 0n : expiration(nowMs, ttl),
    Wait,
    Since,
    Recursive,
    Sorted,
    Quorum,
    Stream,
    Refresh,
  };
  return { request, noValueOnSuccess };
}

function formOf(query: string, body: KeyRequestParts["body"]): Form {
  try {
    return parseForm(query, body);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    throw new V2Error(ErrorCode.invalidForm, error.message);
  }
}

function first(form: Form, name: string): string | undefined {
  return form.get(name)?.[0];
}

function uint64(form: Form, name: string, code: ErrorCode): bigint | undefined {
  const text = first(form, name);
  if (text === undefined) return undefined;
  try {
    return parseUint64(text);
  } catch {
    throw new V2Error(code, `invalid value for "${name}"`);
  }
}

const booleans = new Map([
  ...["1", "t", "T", "true", "TRUE", "True"].map((text) => [text, true] as const),
  ...["0", "f", "F", "false", "FALSE", "False"].map((text) => [text, false] as const),
]);

function bool(form: Form, name: string, problem = `invalid value for "${name}"`): boolean | undefined {
  const text = first(form, name);
  if (text === undefined) return undefined;
  const value = booleans.get(text);
  if (value === undefined) throw new V2Error(ErrorCode.invalidField, problem);
  return value;
}

/** Nanoseconds since the Unix epoch. Like Go's int64, it overflows for a TTL of 292 years. */
function expiration(nowMs: number, ttl: bigint): bigint {
  return BigInt.asIntN(64, BigInt(nowMs) * 1_000_000n + ttl * 1_000_000_000n);
}
