// The status of a call from what HTTP/2 delivers: trailers, an HTTP status, a reset stream, a lost connection.
// Go: google.golang.org/grpc/internal/transport/http_util.go, http2_client.go (operateHeaders, handleRSTStream)
import type { EtcdError } from "../../errors";
import { StatusCode } from "../../errors";
import { errorFromStatus } from "../../etcd/error-table";
import type { HeaderField } from "../../http2/hpack/table";
import { ErrorCode, errorName, type StreamError } from "../../http2/protocol";
import { connectionLost, NotSentError, streamReset, unexpectedHttp, type StatusText } from "../grpc/status";

export interface Status extends StatusText {
  readonly code: StatusCode;
  /** The server has not seen the call. */
  readonly notSent?: boolean;
}

export function errorFrom({ code, text, notSent, ...details }: Status): EtcdError {
  return notSent ? new NotSentError(code, text, false, details) : errorFromStatus(code, text, details);
}

export function valueOf(fields: readonly HeaderField[], name: string): string | undefined {
  return fields.find((field) => field.name === name)?.value;
}

/** Undefined for the headers of a gRPC response. */
export function statusOfResponse(fields: readonly HeaderField[]): Status | undefined {
  const http = valueOf(fields, ":status") ?? "";
  const type = valueOf(fields, "content-type") ?? "";
  const isGrpc = /^application\/grpc($|[+;])/.test(type);
  if (isGrpc && (http === "200" || valueOf(fields, "grpc-status") !== undefined)) return undefined;
  const name = httpNames[http] ? `${http} (${httpNames[http]})` : http;
  const suffix = isGrpc
    ? ""
    : `; transport: ${type === "" ? "missing content-type field" : `received unexpected content-type ${JSON.stringify(type)}`}`;
  return { code: codesOfHttp[http] ?? StatusCode.Unknown, ...unexpectedHttp(name + suffix) };
}

export function statusOfTrailers(fields: readonly HeaderField[]): Status {
  const code = valueOf(fields, "grpc-status");
  if (code === undefined) return withoutTrailers;
  if (!/^\d{1,9}$/.test(code)) {
    return { code: StatusCode.Internal, text: `transport: malformed grpc-status: ${JSON.stringify(code)}` };
  }
  return { code: Number(code) as StatusCode, text: decodeMessage(valueOf(fields, "grpc-message") ?? "") };
}

export const withoutTrailers: Status = {
  code: StatusCode.Internal,
  text: "server closed the stream without sending trailers",
};

export function statusOfReset(error: StreamError): Status {
  if (error.isUnprocessed) return { code: StatusCode.Unavailable, text: error.message, notSent: true };
  // Only the end of the whole connection has a cause.
  if (error.cause !== undefined) return { code: StatusCode.Unavailable, ...connectionLost(error.cause) };
  const code = codesOfReset[error.code] ?? StatusCode.Internal;
  return { code, ...streamReset(errorName(error.code)) };
}

/** The bytes of UTF-8, those that are not ASCII or are `%` as `%XX`. */
function decodeMessage(value: string): string {
  if (!value.includes("%")) return value;
  const bytes = value.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString();
}

const codesOfReset: Readonly<Record<number, StatusCode>> = {
  [ErrorCode.flowControlError]: StatusCode.ResourceExhausted,
  [ErrorCode.refusedStream]: StatusCode.Unavailable,
  [ErrorCode.cancel]: StatusCode.Canceled,
  [ErrorCode.enhanceYourCalm]: StatusCode.ResourceExhausted,
  [ErrorCode.inadequateSecurity]: StatusCode.PermissionDenied,
};

const codesOfHttp: Readonly<Record<string, StatusCode>> = {
  400: StatusCode.Internal,
  401: StatusCode.Unauthenticated,
  403: StatusCode.PermissionDenied,
  404: StatusCode.Unimplemented,
  429: StatusCode.Unavailable,
  502: StatusCode.Unavailable,
  503: StatusCode.Unavailable,
  504: StatusCode.Unavailable,
};

/** What proxies and web servers answer. */
const httpNames: Readonly<Record<string, string>> = {
  200: "OK",
  301: "Moved Permanently",
  302: "Found",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  413: "Request Entity Too Large",
  415: "Unsupported Media Type",
  429: "Too Many Requests",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};
