// What gRPC's servers refuse by the headers of a call, before they look for its method.
// Go: operateHeaders in google.golang.org/grpc/internal/transport/http2_server.go, decodeTimeout in http_util.go
import { StatusCode } from "../../errors";
import { quote } from "../../go/quote";
import type { HeaderField } from "../../http2/hpack/table";
import { valueOf } from "../../http2/message-rules";

export interface Refusal {
  readonly httpStatus: number;
  readonly code: StatusCode;
  readonly desc: string;
}

const refusal = (httpStatus: number, code: StatusCode, desc: string): Refusal => ({ httpStatus, code, desc });
const malformedTimeout = (desc: string) =>
  refusal(400, StatusCode.Internal, `malformed grpc-timeout: ${desc}`);

/** Undefined for headers that can begin a call. */
export function refusalOf(headers: readonly HeaderField[]): Refusal | undefined {
  const contentType = valueOf(headers, "content-type") ?? "";
  // The usual call has no unusual header.
  if (contentType !== "application/grpc" && !isGrpc(contentType)) {
    const desc = `invalid gRPC request content-type ${quoted(contentType)}`;
    return refusal(415, StatusCode.InvalidArgument, desc);
  }
  const timeout = valueOf(headers, "grpc-timeout");
  if (timeout !== undefined && !/^\d{1,8}[HMSmun]$/.test(timeout)) return refusalOfTimeout(timeout);
  if (timeout !== undefined && /^0+\D/.test(timeout)) {
    return refusal(200, StatusCode.DeadlineExceeded, "context deadline exceeded");
  }
  const method = valueOf(headers, ":method") ?? "";
  if (method !== "POST") {
    const desc = `Received a HEADERS frame with :method ${quoted(method)} which should be POST`;
    return refusal(405, StatusCode.Internal, desc);
  }
  const encoding = valueOf(headers, "grpc-encoding") ?? "";
  if (encoding === "" || encoding === "identity" || encoding === "gzip") return undefined;
  const desc = `grpc: Decompressor is not installed for grpc-encoding ${quoted(encoding)}`;
  return refusal(200, StatusCode.Unimplemented, desc);
}

/** `application/grpc`, also with a suffix (`+proto`) or a parameter. */
function isGrpc(contentType: string): boolean {
  return /^application\/grpc(?:[+;].*)?$/i.test(contentType);
}

function refusalOfTimeout(timeout: string): Refusal {
  if (timeout.length < 2)
    return malformedTimeout(`transport: timeout string is too short: ${quoted(timeout)}`);
  if (timeout.length > 9)
    return malformedTimeout(`transport: timeout string is too long: ${quoted(timeout)}`);
  if (!/[HMSmun]$/.test(timeout)) {
    return malformedTimeout(`transport: timeout unit is not recognized: ${quoted(timeout)}`);
  }
  return malformedTimeout(`strconv.ParseUint: parsing ${quoted(timeout.slice(0, -1))}: invalid syntax`);
}

function quoted(text: string): string {
  return quote(Buffer.from(text, "latin1"));
}
