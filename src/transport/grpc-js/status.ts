// Turns a grpc-js status into the EtcdError of Go's client. Texts that grpc-js makes become those of grpc-go. The texts are
// those of the grpc-js version in package.json.
import type { StatusObject } from "@grpc/grpc-js";
import type { EtcdError, StatusCode } from "../../errors";
import { errorFromStatus } from "../../etcd/error-table";
import {
  connectionLost,
  messageTooLarge,
  NotSentError,
  streamReset,
  unexpectedHttp,
  type StatusText,
} from "../grpc/status";

const notSent =
  /^(No connection established|Name resolution failed|Failed to parse DNS address|Channel closed before)/;

export function errorFromGrpcStatus({ code, details }: Pick<StatusObject, "code" | "details">): EtcdError {
  const statusCode = code as number as StatusCode;
  if (notSent.test(details)) return new NotSentError(statusCode, details, false);
  const { text, ...rest } = toGoText(details);
  return errorFromStatus(statusCode, text, rest);
}

function toGoText(details: string): StatusText {
  const size = /^Received message larger than max \((\d+) vs\.? (\d+)\)$/.exec(details);
  if (size) return messageTooLarge(size[1] ?? "", size[2] ?? "");
  if (details === "Connection dropped" || /^(read|write) E[A-Z]+/.test(details)) {
    return connectionLost(new Error(details));
  }
  if (details === "Call cancelled") return streamReset("CANCEL");
  const http = /^Received HTTP status code (\d+)$/.exec(details);
  return http ? unexpectedHttp(http[1] ?? "") : { text: details };
}
