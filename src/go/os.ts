// Failures of the operating system and ends of child processes in Go's words, as on Linux.
// Go: syscall.Errno.Error, syscall.Signal.String and os.ProcessState.String

const reasons: Readonly<Record<string, string>> = {
  E2BIG: "argument list too long",
  EACCES: "permission denied",
  EADDRINUSE: "address already in use",
  EADDRNOTAVAIL: "cannot assign requested address",
  EAGAIN: "resource temporarily unavailable",
  EBUSY: "device or resource busy",
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset by peer",
  EDQUOT: "disk quota exceeded",
  EEXIST: "file exists",
  EFBIG: "file too large",
  EHOSTUNREACH: "no route to host",
  EIO: "input/output error",
  EISDIR: "is a directory",
  ELOOP: "too many levels of symbolic links",
  EMFILE: "too many open files",
  ENAMETOOLONG: "file name too long",
  ENETUNREACH: "network is unreachable",
  ENFILE: "too many open files in system",
  ENOENT: "no such file or directory",
  ENOEXEC: "exec format error",
  ENOMEM: "cannot allocate memory",
  ENOSPC: "no space left on device",
  ENOTDIR: "not a directory",
  ENOTEMPTY: "directory not empty",
  EPERM: "operation not permitted",
  EPIPE: "broken pipe",
  EROFS: "read-only file system",
  ETIMEDOUT: "connection timed out",
  ETXTBSY: "text file busy",
  EXDEV: "invalid cross-device link",
};

/**
 * Why a system call failed: `no such file or directory`. For a code that is not in the table, and for other errors, the
 * message without what Node adds: `EXYZ: reason, open 'FILE'` gives `reason`.
 */
export function osErrorReason(error: unknown): string {
  const code = errorCode(error);
  const reason = typeof code === "string" ? reasons[code] : undefined;
  if (reason !== undefined) return reason;
  const hasMessage = typeof error === "object" && error !== null && "message" in error;
  const text = String(hasMessage ? error.message : error);
  return /^[A-Z0-9]+: (.*?)(, \w+.*)?$/.exec(text)?.[1] ?? text;
}

/** What the system refused, and why, as Go's PathError: `open FILE: permission denied`. Undefined for other errors. */
export function systemErrorText(error: unknown): string | undefined {
  const code = errorCode(error);
  if (typeof code !== "string" || !Object.hasOwn(reasons, code)) return undefined;
  const { syscall, path } = error as NodeJS.ErrnoException;
  if (syscall === undefined) return undefined;
  // The directory in which the program runs was removed.
  const operation = syscall === "uv_cwd" ? "getwd" : syscall;
  return `${operation}${path === undefined ? "" : ` ${path}`}: ${osErrorReason(error)}`;
}

/** `ENOENT`, for example. Not checked with `instanceof Error`: inside jest the error's class comes from another realm. */
export function errorCode(error: unknown): unknown {
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}

const signals: Readonly<Record<string, string>> = {
  SIGHUP: "hangup",
  SIGINT: "interrupt",
  SIGQUIT: "quit",
  SIGILL: "illegal instruction",
  SIGTRAP: "trace/breakpoint trap",
  SIGABRT: "aborted",
  SIGBUS: "bus error",
  SIGFPE: "floating point exception",
  SIGKILL: "killed",
  SIGUSR1: "user defined signal 1",
  SIGSEGV: "segmentation fault",
  SIGUSR2: "user defined signal 2",
  SIGPIPE: "broken pipe",
  SIGALRM: "alarm clock",
  SIGTERM: "terminated",
};

/** How a child process ended: `exit status 7`, `signal: terminated`. */
export function exitText(end: { readonly exitCode: number } | { readonly signal: string }): string {
  return "signal" in end ? `signal: ${signals[end.signal] ?? end.signal}` : `exit status ${end.exitCode}`;
}
