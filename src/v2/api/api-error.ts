import { JsonError } from "../../go/parse-json";
import { JsonTypeError } from "../../go/decode-json";
import type { MemberResponse } from "../http/cluster-client";

/** A server's error response, or a response that cannot be read. */
export class ApiError extends Error {
  override name = "ApiError";
}

/** The server does not serve version 2. The message is that of Go's client, which does not recognize the case. */
export class Version2Missing extends ApiError {
  override name = "Version2Missing";
  constructor(
    message: string,
    readonly endpoint: string,
    options: ErrorOptions = {},
  ) {
    super(message, options);
  }
}

/** Every handler of version 2 sets the header x-etcd-cluster-id. A 404 without it comes from a server without version 2. */
export function apiError(response: MemberResponse, message: string, cause?: unknown): ApiError {
  const isUnknownPath = response.status === 404 && response.header("x-etcd-cluster-id") === "";
  return isUnknownPath
    ? new Version2Missing(message, response.endpoint, { cause })
    : new ApiError(message, { cause });
}

export function assertStatus(response: MemberResponse, ...statuses: readonly number[]): void {
  if (!statuses.includes(response.status))
    throw apiError(response, `unexpected status code ${response.status}`);
}

/** Rethrows a JSON error as an ApiError with the same text. */
export function readBody<T>(response: MemberResponse, read: (body: Buffer) => T): T {
  try {
    return read(response.body);
  } catch (error) {
    if (error instanceof JsonError || error instanceof JsonTypeError)
      throw apiError(response, error.message, error);
    throw error;
  }
}
