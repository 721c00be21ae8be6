// Turns a grpc-js status into the EtcdError of Go's client. Texts that grpc-js makes become those of grpc-go, because users
// and scripts look for them. The texts are those of the grpc-js version in package.json.
import type { StatusObject } from "@grpc/grpc-js";
import { EtcdError, type ErrorDetails, type StatusCode } from "../../errors";
import { errorFromStatus } from "../../etcd/error-table";

/** The call never left this process, so repeating it is always safe. */
export class NotSentError extends EtcdError {
  override name = "NotSentError";
}

const notSent =
  /^(No connection established|Name resolution failed|Failed to parse DNS address|Channel closed before)/;

export function errorFromGrpcStatus({ code, details }: Pick<StatusObject, "code" | "details">): EtcdError {
  const statusCode = code as number as StatusCode;
  if (notSent.test(details)) return new NotSentError(statusCode, details, false);
  const { text, ...rest } = toGoText(details);
  return errorFromStatus(statusCode, text, rest);
}

function toGoText(details: string): ErrorDetails & { text: string } {
  const size = /^Received message larger than max \((\d+) vs\.? (\d+)\)$/.exec(details);
  if (size) {
    return {
      text: `grpc: received message larger than max (${size[1]} vs. ${size[2]})`,
      hints: ["raise --max-recv-bytes, or request less"],
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
        "the server speaks HTTP/2 but not etcd's gRPC: check the port in --endpoints and any proxy in between",
      ],
    };
  }
  return { text: details };
}
