// Every error of an etcd server, by name: its gRPC code and its text. The embedded server makes its errors from this table.
// The client recognizes a server's error by its whole text.
// Go: api/v3rpc/rpctypes/error.go
import { EtcdError, StatusCode, type ErrorDetails } from "../errors";

export interface ServerError {
  readonly code: StatusCode;
  readonly text: string;
}

const invalid = (text: string) => ({ code: StatusCode.InvalidArgument, text: `etcdserver: ${text}` });
const precondition = (text: string) => ({ code: StatusCode.FailedPrecondition, text: `etcdserver: ${text}` });
const unavailable = (text: string) => ({ code: StatusCode.Unavailable, text: `etcdserver: ${text}` });
const other = (code: StatusCode, text: string) => ({ code, text: `etcdserver: ${text}` });

export const serverErrors = {
  emptyKey: invalid("key is not provided"),
  keyNotFound: invalid("key not found"),
  valueProvided: invalid("value is provided"),
  leaseProvided: invalid("lease is provided"),
  tooManyOps: invalid("too many operations in txn request"),
  duplicateKey: invalid("duplicate key given in txn request"),
  invalidClientAPIVersion: invalid("invalid client api version"),
  invalidSortOption: invalid("invalid sort option"),
  compacted: other(StatusCode.OutOfRange, "mvcc: required revision has been compacted"),
  futureRevision: other(StatusCode.OutOfRange, "mvcc: required revision is a future revision"),
  noSpace: other(StatusCode.ResourceExhausted, "mvcc: database space exceeded"),
  leaseNotFound: other(StatusCode.NotFound, "requested lease not found"),
  leaseExist: precondition("lease already exists"),
  leaseTTLTooLarge: other(StatusCode.OutOfRange, "too large lease TTL"),
  watchCanceled: other(StatusCode.Canceled, "watch canceled"),
  memberExist: precondition("member ID already exist"),
  peerURLExist: precondition("Peer URLs already exists"),
  memberNotEnoughStarted: precondition("re-configuration failed due to not enough started members"),
  memberBadURLs: invalid("given member URLs are invalid"),
  memberNotFound: other(StatusCode.NotFound, "member not found"),
  memberNotLearner: precondition("can only promote a learner member"),
  learnerNotReady: precondition("can only promote a learner member which is in sync with leader"),
  tooManyLearners: precondition("too many learner members in cluster"),
  clusterIDMismatch: precondition("cluster ID mismatch"),
  requestTooLarge: invalid("request is too large"),
  requestTooManyRequests: other(StatusCode.ResourceExhausted, "too many requests"),
  rootUserNotExist: precondition("root user does not exist"),
  rootRoleNotExist: precondition("root user does not have root role"),
  userAlreadyExist: precondition("user name already exists"),
  userEmpty: invalid("user name is empty"),
  userNotFound: precondition("user name not found"),
  roleAlreadyExist: precondition("role name already exists"),
  roleNotFound: precondition("role name not found"),
  roleEmpty: invalid("role name is empty"),
  authFailed: invalid("authentication failed, invalid user ID or password"),
  permissionNotGiven: invalid("permission not given"),
  permissionDenied: other(StatusCode.PermissionDenied, "permission denied"),
  roleNotGranted: precondition("role is not granted to the user"),
  permissionNotGranted: precondition("permission is not granted to the role"),
  authNotEnabled: precondition("authentication is not enabled"),
  invalidAuthToken: other(StatusCode.Unauthenticated, "invalid auth token"),
  invalidAuthManagement: invalid("invalid auth management"),
  authOldRevision: invalid("revision of auth store is old"),
  noLeader: unavailable("no leader"),
  notLeader: precondition("not leader"),
  leaderChanged: unavailable("leader changed"),
  notCapable: precondition("not capable"),
  stopped: unavailable("server stopped"),
  timeout: unavailable("request timed out"),
  timeoutDueToLeaderFail: unavailable("request timed out, possibly due to previous leader failure"),
  timeoutDueToConnectionLost: unavailable("request timed out, possibly due to connection lost"),
  timeoutWaitAppliedIndex: unavailable("request timed out, waiting for the applied index took too long"),
  unhealthy: unavailable("unhealthy cluster"),
  corrupt: other(StatusCode.DataLoss, "corrupt cluster"),
  notSupportedForLearner: precondition("rpc not supported for learner"),
  badLeaderTransferee: precondition("bad leader transferee"),
  wrongDowngradeVersionFormat: invalid("wrong downgrade target version format"),
  invalidDowngradeTargetVersion: invalid("invalid downgrade target version"),
  clusterVersionUnavailable: precondition("cluster version not found during downgrade"),
  downgradeInProcess: precondition("cluster has a downgrade job in progress"),
  noInflightDowngrade: precondition("no inflight downgrade job"),
  canceled: other(StatusCode.Canceled, "request canceled"),
  deadlineExceeded: other(StatusCode.DeadlineExceeded, "context deadline exceeded"),
} satisfies Record<string, ServerError>;

export type ServerErrorName = keyof typeof serverErrors;

/** Errors that servers send but Go's client does not know. It shows them with their status code. */
const untranslated: readonly ServerErrorName[] = [
  "invalidClientAPIVersion",
  "watchCanceled",
  "permissionNotGiven",
  "timeoutWaitAppliedIndex",
  "canceled",
  "deadlineExceeded",
];

/** Searched, not indexed: every short command would wait for the index. */
function nameOf(text: string): ServerErrorName | undefined {
  return (Object.keys(serverErrors) as ServerErrorName[]).find((name) => serverErrors[name].text === text);
}

/** The error as a server throws it, and as a client in the same process receives it. */
export function serverError(name: ServerErrorName, details?: ErrorDetails): EtcdError {
  const { code, text } = serverErrors[name];
  return errorFromStatus(code, text, details);
}

/** The error that a client makes from a received status. A known text gets the code of the table, as in Go. */
export function errorFromStatus(code: StatusCode, desc: string, details?: ErrorDetails): EtcdError {
  const name = nameOf(desc);
  const isKnown = name !== undefined && !untranslated.includes(name);
  return new EtcdError(isKnown ? serverErrors[name].code : code, desc, isKnown, details);
}

/** Whether `error` has the text of the named server error. */
export function isServerError(error: unknown, name: ServerErrorName): error is EtcdError {
  return error instanceof EtcdError && error.desc === serverErrors[name].text;
}

/**
 * The name of the etcd error that a call failed with, such as `leaseNotFound` or `compacted`, for a switch. Undefined for
 * other errors.
 */
export function serverErrorName(error: unknown): ServerErrorName | undefined {
  return error instanceof EtcdError ? nameOf(error.desc) : undefined;
}
