// What the headers of a call say, and what gRPC's servers refuse by them before they look for the method. Of a header that comes
// twice, the last one counts.
// Go: operateHeaders in google.golang.org/grpc/internal/transport/http2_server.go, http_util.go beside it
import { longestTimerMs } from "../../clock";
import { EtcdError, StatusCode } from "../../errors";
import { quote } from "../../go/quote";
import type { HeaderField } from "../../http2/hpack/table";
import { lastValueOf } from "../../http2/message-rules";

export interface Refusal {
  readonly httpStatus: number;
  readonly code: StatusCode;
  readonly desc: string;
}

const refusal = (httpStatus: number, code: StatusCode, desc: string): Refusal => ({ httpStatus, code, desc });

const letterN = 110;

/** Undefined for headers that can begin a call. */
export function refusalOf(headers: readonly HeaderField[]): Refusal | undefined {
  let isCall = false;
  let wrongType = "";
  let method = "";
  let timeout: string | undefined;
  let problem: string | undefined;
  let hosts = 0;
  for (const { name, value } of headers) {
    switch (name) {
      case "content-type":
        if (isGrpcType(value)) isCall = true;
        else wrongType = value;
        break;
      case ":method":
        method = value;
        break;
      case "grpc-timeout":
        timeout = value;
        problem = problemOfTimeout(value) ?? problem;
        break;
      case "host":
        hosts++;
        break;
      default:
        if (name.charCodeAt(name.length - 1) === letterN && name.endsWith("-bin"))
          problem = problemOfBinary(name, value) ?? problem;
    }
  }
  if (hosts > 1) {
    const authorities = lastValueOf(headers, ":authority") === undefined ? 0 : 1;
    const counts = `num values of :authority: ${authorities}, num values of host: ${hosts}`;
    return refusal(400, StatusCode.Internal, `${counts}, both must only have 1 value as per HTTP/2 spec`);
  }
  if (!isCall) {
    const desc = `invalid gRPC request content-type ${quoted(wrongType)}`;
    return refusal(415, StatusCode.InvalidArgument, desc);
  }
  if (problem !== undefined) return refusal(400, StatusCode.Internal, problem);
  if (method !== "POST") {
    const desc = `Received a HEADERS frame with :method ${quoted(method)} which should be POST`;
    return refusal(405, StatusCode.Internal, desc);
  }
  if (timeout !== undefined && timeoutMs(timeout) < leastTimeoutMs) {
    return refusal(200, StatusCode.DeadlineExceeded, "context deadline exceeded");
  }
  return undefined;
}

/** Throws EtcdError(Unimplemented). */
export function checkEncoding(headers: readonly HeaderField[]): void {
  const encoding = lastValueOf(headers, "grpc-encoding") ?? "";
  if (encoding === "" || encoding === "identity" || encoding === "gzip") return;
  const desc = `grpc: Decompressor is not installed for grpc-encoding ${quoted(encoding)}`;
  throw new EtcdError(StatusCode.Unimplemented, desc, false);
}

const grpcType = "application/grpc";

/** gRPC's content type as the client wrote it. */
export function grpcTypeOf(headers: readonly HeaderField[]): string | undefined {
  const last = lastValueOf(headers, "content-type");
  if (last === grpcType) return last;
  return headers.findLast(({ name, value }) => name === "content-type" && isGrpcType(value))?.value;
}

/** `application/grpc`, also with a suffix (`+proto`) or a parameter. */
function isGrpcType(value: string): boolean {
  return value === grpcType || value.startsWith(`${grpcType}+`) || value.startsWith(`${grpcType};`);
}

const unitsInMs: Readonly<Record<string, number>> = { H: 3600e3, M: 60e3, S: 1e3, m: 1, u: 1e-3, n: 1e-6 };
/** A shorter one has passed when Go has set its timer. */
const leastTimeoutMs = 1e-3;

/** The deadline of a call in milliseconds, at most the longest that Node's timers accept. */
export function timeoutOf(headers: readonly HeaderField[]): number | undefined {
  const header = lastValueOf(headers, "grpc-timeout");
  return header === undefined ? undefined : Math.min(Math.ceil(timeoutMs(header)), longestTimerMs);
}

/** Of a `grpc-timeout` without a problem. */
function timeoutMs(header: string): number {
  return Number(header.slice(0, -1)) * (unitsInMs[header.slice(-1)] ?? 0);
}

function problemOfTimeout(timeout: string): string | undefined {
  if (/^\d{1,8}[HMSmun]$/.test(timeout)) return undefined;
  const problem = (text: string) => `malformed grpc-timeout: ${text}`;
  if (timeout.length < 2) return problem(`transport: timeout string is too short: ${quoted(timeout)}`);
  if (timeout.length > 9) return problem(`transport: timeout string is too long: ${quoted(timeout)}`);
  if (!/[HMSmun]$/.test(timeout))
    return problem(`transport: timeout unit is not recognized: ${quoted(timeout)}`);
  return problem(`strconv.ParseUint: parsing ${quoted(timeout.slice(0, -1))}: invalid syntax`);
}

/** Of metadata that are bytes, in base64. */
function problemOfBinary(name: string, value: string): string | undefined {
  const at = wrongBase64(value);
  if (at === undefined) return undefined;
  const what = `malformed binary metadata ${quoted(value)} in header ${quoted(name)}`;
  return `${what}: illegal base64 data at input byte ${at}`;
}

/** Where Go finds a mistake in base64 with or without its padding. Go: encoding/base64/base64.go (decodeQuantum) */
export function wrongBase64(text: string): number | undefined {
  const at = text.search(/[^A-Za-z0-9+/]/);
  if (text.length % 4 !== 0) {
    if (at >= 0) return at;
    return text.length % 4 === 1 ? text.length - 1 : undefined;
  }
  if (at < 0) return undefined;
  // With its padding, which has to be its end.
  const paddingBytes = 4 - (at % 4);
  if (paddingBytes > 2 || !text.startsWith("=".repeat(paddingBytes), at)) return at;
  return at + paddingBytes < text.length ? at + paddingBytes : undefined;
}

function quoted(text: string): string {
  return quote(Buffer.from(text, "latin1"));
}
