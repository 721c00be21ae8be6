// A status of grpc-js as the EtcdError that Go's client would show: what grpc-js itself words differently is put in
// grpc-go's words, since users and scripts look for those. Texts are those of the grpc-js version in package.json.
import type { StatusObject } from "@grpc/grpc-js";
import { EtcdError, type ErrorDetails, type StatusCode } from "../../errors";
import { errorFromStatus } from "../../etcd/error-table";

/** The call never left this process: it may always be made again. */
export class NotSentError extends EtcdError {
  override name = "NotSentError";
}

const notSent =
  /^(No connection established|Name resolution failed|Failed to parse DNS address|Channel closed before)/;

export function errorFromGrpcStatus({ code, details }: Pick<StatusObject, "code" | "details">): EtcdError {
  const statusCode = code as number as StatusCode;
  if (notSent.test(details)) return new NotSentError(statusCode, details, false);
  const { text, ...rest } = inGoWords(details);
  return errorFromStatus(statusCode, text, rest);
}

function inGoWords(details: string): ErrorDetails & { text: string } {
  const size = /^Received message larger than max \((\d+) vs\.? (\d+)\)$/.exec(details);
  if (size) {
    return {
      text: `grpc: received message larger than max (${size[1]} vs. ${size[2]})`,
      hints: ["raise --max-recv-bytes, or ask for less"],
    };
  }
  if (details === "Connection dropped" || /^(read|write) E[A-Z]+/.test(details)) {
    return { text: "error reading from server: EOF", cause: new Error(details) };
  }
  if (details === "Call cancelled")
    return { text: "stream terminated by RST_STREAM with error code: CANCEL" };
  const http = /^Received HTTP status code (\d+)$/.exec(details);
  if (http) {
    return {
      text: `unexpected HTTP status code received from server: ${http[1]}`,
      hints: [
        "the server speaks HTTP/2 but is not etcd's gRPC: check the port in --endpoints and any proxy in between",
      ],
    };
  }
  return { text: details };
}
