// The two error classes that reach the top, and the gRPC status codes they speak of. Knows nobody.
// Answers to etcd's pkg/cobrautl (exit codes) and api/v3rpc/rpctypes (how a client shows a server's error).

/** Exit codes of Go's etcdctl (pkg/cobrautl). */
export const ExitCode = {
  success: 0,
  error: 1,
  badConnection: 2,
  /** txn and watch input. */
  invalidInput: 3,
  /** An output format or option value that is not supported. */
  badFeature: 4,
  interrupted: 5,
  io: 6,
  badArgs: 128,
} as const;

/** The exit code of a process that a signal ended, as a shell shows it: 128 plus the number of the signal. */
export const signalExitCodes = { SIGHUP: 129, SIGINT: 130, SIGPIPE: 141, SIGTERM: 143 } as const;

/** gRPC status codes (https://grpc.io/docs/guides/status-codes). */
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
export type StatusCode = (typeof StatusCode)[keyof typeof StatusCode];

const statusNames = new Map<number, string>(Object.entries(StatusCode).map(([name, code]) => [code, name]));

export interface ErrorDetails {
  cause?: unknown;
  /** One line each, printed after the error as `hint: …`. */
  hints?: readonly string[];
}

/** A command's own failure: what to print after `Error: ` and the exit code. */
export class CliError extends Error {
  override name = "CliError";
  readonly hints: readonly string[];

  constructor(
    readonly exitCode: number,
    message: string,
    details: ErrorDetails = {},
  ) {
    super(message, { cause: details.cause });
    this.hints = details.hints ?? [];
  }
}

/** Wrong arguments or flags: exit code 128. */
export function badArgs(message: string, details?: ErrorDetails): CliError {
  return new CliError(ExitCode.badArgs, message, details);
}

/**
 * A failed call: a gRPC status, from the server or from the transport itself.
 * `desc` is the status' text; `message` is what Go's client shows: the bare text where etcd's error table has it
 * (`known`), else `rpc error: code = … desc = …`.
 */
export class EtcdError extends Error {
  override name = "EtcdError";
  readonly hints: readonly string[];

  constructor(
    readonly code: StatusCode,
    readonly desc: string,
    readonly known: boolean,
    details: ErrorDetails = {},
  ) {
    super(known ? desc : rpcErrorText(code, desc), { cause: details.cause });
    this.hints = details.hints ?? [];
  }

  /** How Go shows a status that no one translated; `snapshot save` does. */
  get rawMessage(): string {
    return rpcErrorText(this.code, this.desc);
  }
}

function rpcErrorText(code: StatusCode, desc: string): string {
  return `rpc error: code = ${statusNames.get(code) ?? `Code(${code})`} desc = ${desc}`;
}
