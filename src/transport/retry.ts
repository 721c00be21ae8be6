// When a failed unary call may be sent again, and after which pause. A write is sent again only when the server surely has
// not seen it. Answers to client/v3/retry.go and retry_interceptor.go.
import { StatusCode, type EtcdError } from "../errors";
import { isServerError } from "../etcd/error-table";
import {
  AuthService,
  ClusterService,
  KVService,
  LeaseService,
  MaintenanceService,
} from "../proto/gen/etcdserverpb";
import type { AnyMethod } from "../proto/message";

export const maxAttempts = 100;

/** Pure reads: one may be asked of two members at once. */
const reads: readonly AnyMethod[] = [
  KVService.range,
  LeaseService.leaseTimeToLive,
  LeaseService.leaseLeases,
  ClusterService.memberList,
  AuthService.userList,
  AuthService.userGet,
  AuthService.roleGet,
  AuthService.roleList,
];

/** Go counts these among the repeatable: done twice, or on another member, they do no harm. */
const repeatable = pathsOf([
  ...reads,
  LeaseService.leaseGrant,
  LeaseService.leaseRevoke,
  MaintenanceService.alarm,
  MaintenanceService.status,
  MaintenanceService.hash,
  MaintenanceService.hashKV,
  MaintenanceService.moveLeader,
]);
const readPaths = pathsOf(reads);

/** By path: a method may be called with a response type of the caller's own. */
function pathsOf(methods: readonly AnyMethod[]): ReadonlySet<string> {
  return new Set(methods.map(({ path }) => path));
}

export function isRead(method: AnyMethod): boolean {
  return readPaths.has(method.path);
}

/**
 * A write that may have reached a server is never sent again. (A call that never left this process is no matter of
 * policy.) A server stream is a read; it is asked for again only until its first message.
 */
export function isSafeToRepeat(method: AnyMethod, error: EtcdError, endpointCount: number): boolean {
  if (isServerError(error, "notSupportedForLearner") && endpointCount > 1) return true;
  return (repeatable.has(method.path) || method.kind === "serverStream") && isPassing(error);
}

/**
 * A status of cancellation while our own call goes on comes from a server that shuts down. Go sends even a write again
 * then, which may be applied already; we do not.
 */
function isPassing({ code }: EtcdError): boolean {
  return code === StatusCode.Unavailable || code === StatusCode.Canceled;
}

/** A pause of 25 ms whenever a quorum of the endpoints was asked in vain, none between them. */
export function pauseBeforeMs(attempt: number, endpointCount: number): number {
  const quorum = Math.floor(endpointCount / 2) + 1;
  return attempt % quorum === 0 ? 25 * (0.9 + 0.2 * Math.random()) : 0;
}
