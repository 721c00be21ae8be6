// The engine's errors as the errors that a client sees. Go: toGRPCErrorMap in server/etcdserver/api/v3rpc/util.go
import { EtcdError, StatusCode } from "../../errors";
import { serverError, serverErrors, type ServerErrorName } from "../../etcd/error-table";
import { KeyNotFoundError } from "../apply/engine";
import { AuthError, NoPasswordUserError, TokenError } from "../auth/permissions";
import { MembershipError } from "../cluster/membership";
import { LeaseExistsError, LeaseNotFoundError, LeaseTTLTooLargeError } from "../lease/lessor";
import { CompactedError, FutureRevisionError } from "../mvcc/kv";
import { V2Error } from "../v2store/v2-error";

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- constructors differ in their arguments
const names = new Map<new (...args: any[]) => Error, ServerErrorName>([
  [CompactedError, "compacted"],
  [FutureRevisionError, "futureRevision"],
  [KeyNotFoundError, "keyNotFound"],
  [LeaseNotFoundError, "leaseNotFound"],
  [LeaseExistsError, "leaseExist"],
  [LeaseTTLTooLargeError, "leaseTTLTooLarge"],
]);

/** Any other error is returned unchanged: gRPC then sends its text with the code Unknown, as in etcd. */
export function toServerError(error: unknown): unknown {
  if (error instanceof AuthError || error instanceof MembershipError) {
    const { reason } = error;
    if (reason !== "memberNotEnoughStarted") return serverError(reason, { cause: error });
    // A slip in etcd's map: it has the client's error there, which gRPC sends as Unknown.
    return new EtcdError(StatusCode.Unknown, serverErrors[reason].text, true, { cause: error });
  }
  const name = error instanceof Error ? names.get(error.constructor as new () => Error) : undefined;
  return name === undefined ? error : serverError(name, { cause: error });
}

/** Whether the state does not allow the request, unlike a fault of the server. */
export function isRefusal(error: unknown): boolean {
  const isPlain =
    error instanceof NoPasswordUserError || error instanceof TokenError || error instanceof V2Error;
  return isPlain || toServerError(error) instanceof EtcdError;
}

export interface Status {
  readonly code: StatusCode;
  readonly desc: string;
}

/** A status of gRPC is a header of HTTP/2: clients refuse long ones. */
const maxTextLength = 8192;

/** What a client learns of anything that a handler throws. Never throws: the error may have getters that do. */
export function statusOf(error: unknown): Status {
  try {
    if (error instanceof EtcdError) return { code: error.code, desc: error.desc };
    const text = String(error instanceof Error ? error.message : error);
    return { code: StatusCode.Unknown, desc: text.slice(0, maxTextLength) };
  } catch {
    return { code: StatusCode.Unknown, desc: "an error whose text cannot be read" };
  }
}
