// A request of version 2 and its response. Go (etcd 3.4): etcdserver/api/v2http/http.go, httptypes/errors.go
import { CliError } from "../../../errors";
import { jsonString } from "../../../go/quote";
import { V2Error } from "../../v2store/v2-error";
import { readBody } from "../json-body";
import type { Exchange } from "../gateway";
import type { HttpResponse } from "../go-server";

export interface V2Request {
  readonly method: string;
  /** Without escapes. */
  readonly path: string;
  readonly query: string;
  readonly exchange: Exchange;
  /** Empty for an absent header. */
  header(name: string): string;
  body(): Promise<Buffer>;
}

const maxBodyBytes = (10 << 20) + 1;

export function v2Request(exchange: Exchange, path: string, query: string): V2Request {
  return {
    method: exchange.method,
    path,
    query,
    exchange,
    header: (name) => String(exchange.headers[name] ?? ""),
    body: () => readBody(exchange.body, maxBodyBytes),
  };
}

/** A refusal with the body `{"message":"…"}`. */
export class HttpError extends Error {
  override name = "HttpError";
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export const jsonContent = { "Content-Type": "application/json" };

export function json(body: string, headers: HttpResponse["headers"] = {}, status = 200): HttpResponse {
  return { status, headers: { ...headers, ...jsonContent }, body: `${body}\n` };
}

export function noContent(headers: HttpResponse["headers"]): HttpResponse {
  return { status: 204, headers, body: "" };
}

/** Go: http.Error */
export function plainError(
  status: number,
  text: string,
  headers: HttpResponse["headers"] = {},
): HttpResponse {
  const plain = { "Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff" };
  return { status, headers: { ...headers, ...plain }, body: `${text}\n` };
}

/** Refuses a method. Undefined for an allowed one. */
export function methodRefusal(method: string, ...allowed: string[]): HttpResponse | undefined {
  if (allowed.includes(method)) return undefined;
  return plainError(405, "Method Not Allowed", { Allow: allowed.join(",") });
}

export const insufficientCredentials = new HttpError(401, "Insufficient credentials");

/** The response to a request of members, auth or stats that failed. Go: writeError */
export function failure(error: unknown, given: HttpResponse["headers"]): HttpResponse {
  // etcd checks the credentials before it sets the first header.
  const headers = error === insufficientCredentials ? {} : given;
  if (error instanceof CliError) throw error;
  if (error instanceof V2Error) return v2Failure(error, headers);
  const [status, message] =
    error instanceof HttpError ? [error.status, error.message] : [500, "Internal Server Error"];
  return { status, headers: { ...headers, ...jsonContent }, body: `{"message":${jsonString(message)}}` };
}

export function v2Failure(error: V2Error, headers: HttpResponse["headers"], trim?: string): HttpResponse {
  return json(error.json(trim), { ...headers, "X-Etcd-Index": String(error.index) }, error.status);
}
