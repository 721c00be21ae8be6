// The two error classes of the program and the library, with their codes.
// Go: pkg/cobrautl/error.go, api/v3rpc/rpctypes/error.go

/** Exit codes of Go's etcdctl. Go: pkg/cobrautl/error.go */
export const ExitCode = {
  success: 0,
  error: 1,
  badConnection: 2,
  /** Malformed input of txn or watch. */
  invalidInput: 3,
  /** An unsupported output format or option value. */
  badFeature: 4,
  interrupted: 5,
  io: 6,
  badArgs: 128,
} as const;
/** Of a Go program after a panic. */
export const panicExitCode = 2;

/** The exit code of a process that a signal ended, as a shell shows it: 128 plus the number of the signal. */
export const signalExitCodes = { SIGHUP: 129, SIGINT: 130, SIGPIPE: 141, SIGTERM: 143 } as const;

/** The gRPC status codes by name. Source: https://grpc.io/docs/guides/status-codes */
export const StatusCode = {
  OK: 0,
  Canceled: 1,
  Unknown: 2,
  InvalidArgument: 3,
  DeadlineExceeded: 4,
  NotFound: 5,
  AlreadyExists: 6,
  PermissionDenied: 7,
  ResourceExhausted: 8,
  FailedPrecondition: 9,
  Aborted: 10,
  OutOfRange: 11,
  Unimplemented: 12,
  Internal: 13,
  Unavailable: 14,
  DataLoss: 15,
  Unauthenticated: 16,
} as const;
/** A gRPC status code, from 0 to 16. */
export type StatusCode = (typeof StatusCode)[keyof typeof StatusCode];

export interface ErrorDetails {
  /** The error that caused this one. */
  cause?: unknown;
  /** Advice for the user, one line each. The command line prints them after the error as `hint: …`. */
  hints?: readonly string[];
  /** What is wrong with each endpoint, for a call that reached none. */
  endpoints?: readonly EndpointProblem[];
}

/** Why an endpoint cannot be used, and what to do about it. */
export interface EndpointProblem {
  /** The endpoint as it was given. */
  readonly endpoint: string;
  readonly problem: string;
  readonly advice: string;
}

/**
 * A failure that is not a gRPC status, for example an unusable option or an unreadable file. The command line prints its
 * message after `Error: ` and exits with its exit code.
 */
export class CliError extends Error {
  override name = "CliError";
  /** Advice for the user, one line each. Empty when there is none. */
  readonly hints: readonly string[];

  constructor(
    /** Exit code of etcdctl for this failure: 1 to 6, or 128 for bad arguments. Go: pkg/cobrautl/error.go */
    readonly exitCode: number,
    message: string,
    details: ErrorDetails = {},
  ) {
    super(message, { cause: details.cause });
    this.hints = details.hints ?? [];
  }
}

/** The error with further hints. Its message and its exit code stay. */
export function withHints(error: unknown, hints: readonly string[]): unknown {
  if (hints.length === 0 || !(error instanceof CliError || error instanceof EtcdError)) return error;
  const exitCode = error instanceof CliError ? error.exitCode : ExitCode.error;
  return new CliError(exitCode, error.message, { cause: error, hints: [...error.hints, ...hints] });
}

/** A watch with --offline has printed everything: nothing changes while a command has the data open. */
export class EndOfHistory extends CliError {
  override name = "EndOfHistory";

  constructor() {
    super(ExitCode.error, "with --offline nothing changes, so there is nothing to wait for", {
      hints: [
        "to wait for changes, run a server on the data (etcdctl serve --data-dir DIR) and name it with --endpoints",
      ],
    });
  }
}

/** An error about arguments or flags, with exit code 128. */
export function badArgs(message: string, details?: ErrorDetails): CliError {
  return new CliError(ExitCode.badArgs, message, details);
}

/**
 * A failed call: a gRPC status from the server or from the transport. Its `message` is the text that Go's client shows: only
 * the description if the error is in etcd's error table, otherwise `rpc error: code = … desc = …`.
 */
export class EtcdError extends Error {
  override name = "EtcdError";
  /** Advice for the user, one line each. Empty when there is none. */
  readonly hints: readonly string[];
  /** What is wrong with each endpoint, for a call that reached none. Otherwise empty. */
  readonly endpoints: readonly EndpointProblem[];

  constructor(
    /** The gRPC status code, one of StatusCode. */
    readonly code: StatusCode,
    /** The description of the status, for example `etcdserver: no leader`. */
    readonly desc: string,
    /** Whether Go's client has this error in its table. Go: api/v3rpc/rpctypes/error.go */
    readonly known: boolean,
    details: ErrorDetails = {},
  ) {
    super(known ? desc : rpcErrorText(code, desc), { cause: details.cause });
    this.hints = details.hints ?? [];
    this.endpoints = details.endpoints ?? [];
  }

  /** The message with the status code, also for a known error: `rpc error: code = … desc = …`. */
  get rawMessage(): string {
    return rpcErrorText(this.code, this.desc);
  }
}

/** A call on a server in this process that has stopped for good. Another attempt cannot succeed, so nothing repeats it. */
export class ServerStopped extends EtcdError {}

function rpcErrorText(code: StatusCode, desc: string): string {
  const [name] = Object.entries(StatusCode).find(([, each]) => each === code) ?? [`Code(${code})`];
  return `rpc error: code = ${name} desc = ${desc}`;
}
