// When a failed unary call, or a server stream without a message yet, may be sent again, and after which pause.
// Go: client/v3/retry.go, client/v3/retry_interceptor.go
import { StatusCode, type EtcdError } from "../errors";
import { isServerError } from "../etcd/error-table";
import { rulesOf } from "../etcd/methods";
import type { AnyMethod } from "../proto/message";

export const maxAttempts = 100;

/**
 * Whether the call may be sent again after `error`. A write that may have reached a server is never repeated. (A call
 * that never left this process is always repeated; NotSentError marks it.)
 */
export function isSafeToRepeat(method: AnyMethod, error: EtcdError, endpointCount: number): boolean {
  if (isServerError(error, "notSupportedForLearner") && endpointCount > 1) return true;
  return rulesOf(method).repeatable && isUnavailable(error);
}

/**
 * Canceled from a server, while the client's own call still runs, means that the server shuts down. Go then repeats even
 * a write, which the server may have applied. This client does not.
 */
function isUnavailable({ code }: EtcdError): boolean {
  return code === StatusCode.Unavailable || code === StatusCode.Canceled;
}

/** 25 ms, give or take a tenth, each time a quorum of the endpoints has failed. No pause between these attempts. */
export function pauseBeforeMs(attempt: number, endpointCount: number): number {
  const quorum = Math.floor(endpointCount / 2) + 1;
  return attempt % quorum === 0 ? 25 * (0.9 + 0.2 * Math.random()) : 0;
}
