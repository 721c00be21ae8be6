// An answer that is not what was asked for, and whether that is because the server does not speak version 2 at all.
// Every handler of version 2 names its cluster in a header; other servers answer 404 without it.
import { JsonError } from "../../go/parse-json";
import { JsonTypeError } from "../decode-json";
import type { Answer } from "../http/cluster-client";

export class ApiError extends Error {
  override name = "ApiError";
}

/** The server has no version 2; the message is that of Go's client, which does not know. */
export class NoVersion2 extends ApiError {
  override name = "NoVersion2";
  constructor(
    message: string,
    readonly endpoint: string,
    options: ErrorOptions = {},
  ) {
    super(message, options);
  }
}

export function apiError(answer: Answer, message: string, cause?: unknown): ApiError {
  const isUnknownPath = answer.status === 404 && answer.header("x-etcd-cluster-id") === "";
  return isUnknownPath
    ? new NoVersion2(message, answer.endpoint, { cause })
    : new ApiError(message, { cause });
}

/** Throws unless the answer has one of the statuses. */
export function assertStatus(answer: Answer, ...statuses: readonly number[]): void {
  if (!statuses.includes(answer.status)) throw apiError(answer, `unexpected status code ${answer.status}`);
}

/** Turns what JSON is wrong with into an ApiError with the same words. */
export function readBody<T>(answer: Answer, read: (body: Buffer) => T): T {
  try {
    return read(answer.body);
  } catch (error) {
    if (error instanceof JsonError || error instanceof JsonTypeError)
      throw apiError(answer, error.message, error);
    throw error;
  }
}
